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
from rag.records import Span

# Pairs quotation marks of all styles: nested, left open, carried on from paragraph to paragraph, told from apostrophes.

_CLOSERS = {
    "“": "”“\"", "”": "”", "„": "“”‟\"", "‟": "”", "«": "»", "»": "«»", "‹": "›", "›": "‹›", "「": "」", "『": "』", "〝": "〞〟",
    "﹁": "﹂", "﹃": "﹄", "❝": "❞", "❛": "❜",
    '"': '"”', "＂": "＂", "‘": "’'", "‚": "‘’", "‛": "’", "'": "'", "’": "’",
}  # fmt: skip
_SINGLE = "'’‘‛‚"
_NEEDS_A_WORD_BEFORE = "\"＂'“‘"
_ONLY_OPEN = "“„«‹「『〝❝"
_DEEPEST = 8
_ONLY_CLOSE = "」』〞〟﹂﹄❞❜"
_EVENT = regex.compile(
    rf"""(?P<parting>\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+•]|\d{{1,3}}[.)])[ \t]|[ \t]*\#{{1,6}}[ \t]))"""
    rf"""|(?P<mark>[{"".join(_CLOSERS)}{_ONLY_CLOSE}])"""
)
_CLIPPED = regex.compile(r"\d\d(?:\d\d)?s?\b|(?:tis|twas|em|til|cause|n|bout|round)\b", regex.IGNORECASE)


class Pair(msgspec.Struct, frozen=True):
    """A pair of marks around ``[start, end)``, marks included; ``marks`` are the positions of all that belong to it.

    Where ``closed`` is false the closing mark is missing and ``end`` is that of the paragraph.
    """

    start: int
    end: int
    marks: tuple[int, ...]
    closed: bool


class _Open(msgspec.Struct):
    mark: str
    marks: list[int]


def pair_marks(text: str) -> list[Pair]:
    """The pairs of a run of prose, in the order they end; linear."""
    return _Pairing(text).pairs()


def is_open(text: str) -> bool:
    """Whether a quotation is still open at the end of a run of prose (a lone single mark counts: it may yet be closed)."""
    return _Pairing(text).is_open()


class _Pairing:
    """One pass over a text: what is open, and what has been paired."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []
        self._found: list[Pair] = []
        self._events = [(match.start(), match.end(), match.lastgroup == "parting") for match in _EVENT.finditer(text)]

    def pairs(self) -> list[Pair]:
        self._run()
        self._give_up(len(self._text.rstrip()), 0)
        return self._found

    def is_open(self) -> bool:
        self._run()
        return bool(self._open)

    def _run(self) -> None:
        carried_on = -1
        for number, (start, end, parting) in enumerate(self._events):
            if start == carried_on:
                self._open[0].marks.append(start)
            elif not parting:
                self._take(number, start)
            elif self._carries_on(end):
                carried_on = end
            else:
                self._give_up(start, 0)

    def _carries_on(self, at: int) -> bool:
        """A paragraph that begins with the mark still open goes on with the same quotation (Chicago Manual 13.32)."""
        return bool(self._open) and self._text[at : at + 1] == self._open[0].mark

    def _take(self, number: int, at: int) -> None:
        mark = self._text[at]
        if mark in _SINGLE and self._is_apostrophe(number, at):
            return
        depth = self._depth_of_spaced() if self._is_spaced(at) else self._depth_closed_by(mark, at)
        if depth is not None:
            self._give_up(at, depth + 1)
            opened = self._open.pop()
            self._found.append(Pair(opened.marks[0], at + 1, (*opened.marks, at), closed=True))
        elif mark not in _ONLY_CLOSE and self._may_open(at) and len(self._open) < _DEEPEST:
            self._open.append(_Open(mark, [at]))

    def _depth_closed_by(self, mark: str, at: int) -> int | None:
        """The innermost open quotation that this mark closes; a mark that could open as well needs a word before it."""
        before = self._text[at - 1] if at else " "
        if mark in _NEEDS_A_WORD_BEFORE and before.isspace():
            return None
        for depth in reversed(range(len(self._open))):
            opened = self._open[depth].mark
            inches = mark == '"' != opened and before.isdigit()
            nested = mark == opened == "“" and self._may_open(at)
            if mark in _CLOSERS[opened] and not inches and not nested:
                return depth
        return None

    def _is_spaced(self, at: int) -> bool:
        """A straight mark that tells by no side of its own whether it opens or closes: " like this "."""
        before, after = self._text[at - 1 : at] if at else " ", self._text[at + 1 : at + 2]
        return self._text[at] == '"' and before.isspace() and after.isspace()

    def _depth_of_spaced(self) -> int | None:
        return next((depth for depth in reversed(range(len(self._open))) if self._text[self._open[depth].marks[0]] == '"'), None)

    def _may_open(self, at: int) -> bool:
        mark, after = self._text[at], self._text[at + 1 : at + 2]
        before = self._text[at - 1 : at] if at else ""
        if not after or (after.isspace() and mark not in _ONLY_OPEN and not self._is_spaced(at)):
            return False
        if mark in "”’'":
            return not before.isalnum() and after.isalnum() and (mark != "”" or before == "" or before.isspace())
        return not (mark == '"' and before.isdigit() and not after.isalnum())

    def _is_apostrophe(self, number: int, at: int) -> bool:
        before = self._text[at - 1 : at] if at else ""
        after = self._text[at + 1 : at + 2]
        if before.isalnum() and after.isalnum():
            return True
        if not before.isalnum() and _CLIPPED.match(self._text, at + 1):
            return True
        return before in ("s", "S") and after == " " and self._text[at + 2 : at + 3].islower() and self._closes_later(number)

    def _closes_later(self, number: int) -> bool:
        """Whether the next single mark in the paragraph could close, so that this one need not."""
        for start, _, parting in self._events[number + 1 : number + 40]:
            if parting:
                return False
            if self._text[start] in _SINGLE:
                before, after = self._text[start - 1], self._text[start + 1 : start + 2]
                if not (before.isalnum() and after.isalnum()):
                    return not before.isspace() and not after.isalnum()
        return False

    def _give_up(self, at: int, depth: int) -> None:
        """What is open from ``depth`` on will not be closed; single straight marks were apostrophes then."""
        left = [opened for opened in self._open[depth:] if opened.mark not in "'’"]
        del self._open[depth:]
        if left:
            marks = tuple(mark for opened in left for mark in opened.marks)
            self._found.append(Pair(marks[0], max(at, marks[-1] + 1), marks, closed=False))


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
