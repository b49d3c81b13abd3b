"""Finds the quotations of an answer: marks of all styles, nested or running over paragraphs, and Markdown block quotes.

Code, links and HTML hold no quotations. What is opened and never closed is a quotation up to the end of its paragraph:
a missing mark must not hide words from the check.
"""

from collections.abc import Iterable
from html import unescape
from typing import Literal

import msgspec
import regex

from rag.citation_marks import without_citations
from rag.markdown import Block, blocks, hide_opaque
from rag.quotes.fold import DOUBLE_MARKS, SINGLE_MARKS
from rag.quotes.marks import Pair, pair_marks
from rag.records import Span

_ATTRIBUTION = regex.compile(
    r"(?:\n|(?<=[.!?…\"'”’»\]])) {0,4}(?:[—–―]|--?(?=\s))(?=[^\n]*\d|\s*(?:\S+\s*){1,6}\Z)[^\n]{1,120}\s*\Z"
)
_BESIDE = regex.compile(r"[\s.,;]*(?:\([^()]{1,120}\)|[—–―-][^\n]{1,120})?[\s.,;]*\Z")
"""What may stand after the closing mark in a block quote for the marks to bound the quotation: who says it, and where."""


_DISGUISED = regex.compile(
    r"</?(?:q|blockquote)(?:\s[^<>]{0,300})?>|(?<!`)``(?!`)|(?<!')''(?!')|(?<!<)<<(?=[^\s<])|(?<=[^\s>])>>(?!>)|(?<!,),,(?=\w)"
    r"|(?P<entity>&(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z]{2,31});)",
    regex.IGNORECASE,
)
_MARKS = frozenset(DOUBLE_MARKS + SINGLE_MARKS)


class Quotation(msgspec.Struct, frozen=True):
    """A quotation of a text: where it stands with its marks, what it quotes, and what to drop to show it unquoted.

    ``inside`` is the number of the quotation around it, or None. ``closed`` is false when the closing mark is missing.
    """

    kind: Literal["inline", "block"]
    span: Span
    words: str
    marks: tuple[Span, ...]
    inside: int | None = None
    closed: bool = True


def find_quotations(text: str, *, fences: bool = True) -> list[Quotation]:
    """All quotations by where they begin, each before those inside it; ``fences`` hold code, which has none."""
    hidden = hide_opaque(text)
    found: list[Quotation] = []
    for block in blocks(hidden, fences=fences):
        if block.kind == "code":
            continue
        prose = _blanked(hidden, block)
        inline = [_inline(text, block, pair) for pair in pair_marks(prose)]
        if block.kind == "quote":
            inline = _block(text, block, inline)
        found += inline
    return _nested(found)


def disguised_marks(text: str) -> list[tuple[Span, str]]:
    """HTML tags, HTML entities and TeX marks that a reader would see as quotation marks, and what may stand in their place.

    Nothing of ours shows them: they go, except for apostrophes inside a word.
    """
    if not any(sign in text for sign in ("&", "<", ">>", "``", "''", ",,")):
        return []
    hidden = hide_opaque(text, code_only=True)
    found: list[tuple[Span, str]] = []
    for match in _DISGUISED.finditer(hidden):
        start, end = match.span()
        if match["entity"] and unescape(match[0]) not in _MARKS:
            continue
        apostrophe = match[0].startswith("&") and text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()
        found.append((Span(start, end), unescape(match[0]) if apostrophe else ""))
    return found


def _blanked(hidden: str, block: Block) -> str:
    prose = list(hidden[block.start : block.end])
    for start, end in block.prefixes:
        prose[start - block.start : end - block.start] = " " * (end - start)
    return "".join(prose)


def _inline(text: str, block: Block, pair: Pair) -> Quotation:
    start, end = block.start + pair.start, block.start + pair.end
    marks = tuple(_with_escape(text, block.start + mark) for mark in pair.marks)
    dropped = [*marks, *(Span(*prefix) for prefix in block.prefixes if start < prefix[0] < end)]
    return Quotation("inline", Span(start, end), _without(text, Span(start, end), dropped), marks, closed=pair.closed)


def _with_escape(text: str, at: int) -> Span:
    """A mark with the backslash that may stand before it."""
    return Span(at - 1 if text[at - 1 : at] == "\\" else at, at + 1)


def _block(text: str, block: Block, inline: list[Quotation]) -> list[Quotation]:
    """A block quote: what its marks bound where they bound nearly all of it, else all of it but the attribution."""
    prefixes = [Span(*prefix) for prefix in block.prefixes]
    whole = Span(block.start, block.start + len(text[block.start : block.end].rstrip()))
    words = _without(text, whole, prefixes)
    for quotation in inline:
        begins = not _without(text, Span(whole.start, quotation.span.start), prefixes[:1]).strip()
        after = _without(
            text, Span(quotation.span.end, whole.end), [mark for mark in prefixes if mark.start >= quotation.span.end]
        )
        if quotation.closed and begins and _BESIDE.match(without_citations(after)):
            rest = [other for other in inline if other is not quotation]
            return [Quotation("block", whole, quotation.words, (*prefixes, *quotation.marks)), *rest]
    return [Quotation("block", whole, _ATTRIBUTION.sub("", words), tuple(prefixes)), *inline]


def _without(text: str, whole: Span, dropped: Iterable[Span]) -> str:
    pieces, at = [], whole.start
    for span in sorted(dropped, key=lambda span: span.start):
        pieces.append(text[at : span.start])
        at = max(at, span.end)
    pieces.append(text[at : whole.end])
    return "".join(pieces)


def _nested(found: list[Quotation]) -> list[Quotation]:
    ordered = sorted(found, key=lambda quotation: (quotation.span.start, -quotation.span.end))
    around: list[int] = []
    numbered: list[Quotation] = []
    for number, quotation in enumerate(ordered):
        while around and ordered[around[-1]].span.end < quotation.span.end:
            around.pop()
        numbered.append(msgspec.structs.replace(quotation, inside=around[-1] if around else None))
        around.append(number)
    return numbered
