"""The texts given to a language model, one Markdown file each."""
