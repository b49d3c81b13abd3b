"""A Markdown text as CommonMark's outermost blocks: what each is, and where it stands."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec
from markdown_it import MarkdownIt

from index.readers.lines import line_starts
from index.readers.spans import trimmed

MarkdownKind = Literal["heading", "paragraph", "quotation", "rule", "other"]

_KINDS: dict[str, MarkdownKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "blockquote_open": "quotation",
    "hr": "rule",
}
_INLINE_MARKS = re.compile(r"\\(?=[!-/:-@\[-`{-~])|\*+|(?<!\w)_+|_+(?!\w)|\[([^\[\]]*)\]\([^()\s]*\)")


class MarkdownBlock(msgspec.Struct, frozen=True):
    """A block outside lists, quotations and code, its marks included; a heading has a level from 1 to 6 and plain words."""

    kind: MarkdownKind
    start: int
    end: int
    level: int = 0
    words: str = ""


def markdown_blocks(text: str, begin: int) -> Iterator[MarkdownBlock]:
    """The outermost blocks of what follows ``begin``, in order; definitions of links belong to none."""
    body = text[begin:]
    starts = [*line_starts(body), len(body)]
    # Only blocks matter; parsing inline marks would take most of the time.
    commonmark = MarkdownIt("commonmark")
    tokens = MarkdownIt("commonmark").disable("inline").parse(body)
    for at, token in enumerate(tokens):
        if token.level == 0 and token.map:
            first, last = token.map
            start, end = trimmed(text, begin + starts[first], begin + starts[last])
            kind = _KINDS.get(token.type, "other")
            if kind == "heading":
                yield MarkdownBlock(kind, start, end, int(token.tag[1]), _plain(commonmark, tokens[at + 1].content))
            else:
                yield MarkdownBlock(kind, start, end)


def without_marks(line: str) -> str:
    """A line without emphasis, escapes and the addresses of links, for judging; code and HTML stay."""
    return _INLINE_MARKS.sub(r"\1", line)


def _plain(commonmark: MarkdownIt, heading: str) -> str:
    """A heading without its emphasis, links and code marks."""
    inline = commonmark.parseInline(heading)[0].children or []
    return " ".join("".join(token.content or " " * (token.type == "softbreak") for token in inline).split())
