"""Text as Markdown for chat windows; the rules of escaping are those of answers (``rag.rendering``)."""

from rag.rendering import block_quote, escape, paragraphs

__all__ = ["block_quote", "escape", "paragraphs"]
