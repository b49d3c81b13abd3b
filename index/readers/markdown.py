"""Reads Markdown: sections are excerpts, headings their path, and the front matter is what they cite."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePath

import msgspec
from markdown_it import MarkdownIt

from index.decoding import decode
from index.readers.frontmatter import read_front_matter
from index.readers.lines import line_starts
from index.readers.plain import cite_document
from index.readers.readings import Mark, Passage, make_reading
from index.readers.spans import trimmed
from index.records import Reading, SourceFile

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")


class Heading(msgspec.Struct, frozen=True):
    """A heading of level 1 to 6 and where it stands, marks included."""

    level: int
    text: str
    start: int
    end: int


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
        headings = list(_headings(text, front.end))
        title = front.title or next((heading.text for heading in headings if heading.level == 1), "") or PurePath(file.name).stem
        citation = front.citation or cite_document(title)
        marks = [Mark("heading", heading.start, heading.end) for heading in headings]
        if front.end:
            marks.append(Mark("furniture", 0, front.end))
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=title,
                text=text,
                passages=[Passage(start, end, path, citation) for start, end, path in _sections(text, front.end, headings)],
                marks=marks,
            )
        ]


def _headings(text: str, begin: int) -> Iterator[Heading]:
    """The headings outside lists, quotations and code, as CommonMark sees them."""
    body = text[begin:]
    starts = [*line_starts(body), len(body)]
    # Only blocks matter; parsing inline marks would take most of the time.
    commonmark = MarkdownIt("commonmark")
    tokens = MarkdownIt("commonmark").disable("inline").parse(body)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            first, last = token.map
            start, end = trimmed(text, begin + starts[first], begin + starts[last])
            yield Heading(int(token.tag[1]), _plain(commonmark, inline.content), start, end)


def _sections(text: str, begin: int, headings: Sequence[Heading]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The text before the first heading and below each, where there is any, with the headings it stands under."""
    path: list[Heading] = []
    edges = [heading.start for heading in headings] + [len(text)]
    for heading, at, edge in zip([None, *headings], [begin, *(heading.end for heading in headings)], edges, strict=True):
        if heading:
            path = [above for above in path if above.level < heading.level] + [heading]
        start, end = trimmed(text, at, edge)
        if start < end:
            yield start, end, tuple(above.text for above in path)


def _plain(commonmark: MarkdownIt, heading: str) -> str:
    """A heading without its emphasis, links and code marks."""
    inline = commonmark.parseInline(heading)[0].children or []
    return " ".join("".join(token.content or " " * (token.type == "softbreak") for token in inline).split())
