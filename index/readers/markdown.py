"""Reads Markdown: sections are excerpts, or what citations close in them; the headings are their path.

What no citation closes cites what the front matter tells of the document.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from index.decoding import decode
from index.readers.cited_markdown import Section, cited_passages
from index.readers.commonmark import MarkdownBlock, markdown_blocks
from index.readers.frontmatter import read_front_matter
from index.readers.plain import cite_document
from index.readers.readings import Mark, Passage, make_reading
from index.readers.spans import trimmed
from index.records import Reading, SourceFile

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")


class MarkdownReader:
    """CommonMark with optional YAML front matter."""

    name = "markdown"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so: prose may hold every mark of Markdown by accident."""
        return file.name.lower().endswith(_SUFFIXES)

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded or its front matter is no YAML."""
        text, encoding = decode(file)
        front = read_front_matter(text, file.name)
        blocks = list(markdown_blocks(text, front.end))
        headings = [block for block in blocks if block.kind == "heading"]
        title = front.title or next((heading.words for heading in headings if heading.level == 1), "") or PurePath(file.name).stem
        citation = front.citation or cite_document(title)
        sections = list(_sections(text, front.end, blocks))
        passages, marks = cited_passages(text, sections, citation) or (
            [Passage(section.start, section.end, section.headings, citation) for section in sections],
            [],
        )
        marks += [Mark("heading", heading.start, heading.end) for heading in headings]
        if front.end:
            marks.append(Mark("furniture", 0, front.end))
        return [make_reading(file, reader=self.name, encoding=encoding, title=title, text=text, passages=passages, marks=marks)]


def _sections(text: str, begin: int, blocks: Sequence[MarkdownBlock]) -> Iterator[Section]:
    """What stands before the first heading and below each, where there is anything."""
    path: list[MarkdownBlock] = []
    within: list[MarkdownBlock] = []
    for block in [*blocks, MarkdownBlock("heading", len(text), len(text))]:
        if block.kind != "heading":
            within.append(block)
            continue
        start, end = trimmed(text, begin, block.start)
        if start < end:
            yield Section(start, end, tuple(above.words for above in path), tuple(within))
        path = [above for above in path if above.level < block.level] + [block]
        begin, within = block.end, []
