"""What chat windows speak: OpenAI's protocols, the dialects in which they are told of sources, and Markdown."""
