"""Pairs quotation marks of all styles: nested, left open, carried on from paragraph to paragraph, told from apostrophes."""

import msgspec
import regex

from rag.records import Span

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


class Typed(msgspec.Struct, frozen=True):
    """Words that a text has between marks: ``text[span]`` with the marks, and the words alone.

    ``inside`` is the number of the pair around it, or None. ``closed`` is false when the closing mark is missing.
    """

    span: Span
    words: str
    inside: int | None
    closed: bool


class _Open(msgspec.Struct):
    mark: str
    marks: list[int]


def pair_marks(text: str) -> list[Pair]:
    """The pairs of a run of prose, in the order they end; linear."""
    return _Pairing(text).pairs()


def find_typed(text: str) -> list[Typed]:
    """All that stands between marks, by where it begins, each before what is inside it."""
    ordered = sorted(pair_marks(text), key=lambda pair: (pair.start, -pair.end))
    around: list[int] = []
    found: list[Typed] = []
    for number, pair in enumerate(ordered):
        while around and ordered[around[-1]].end < pair.end:
            around.pop()
        found.append(Typed(Span(pair.start, pair.end), _between(text, pair), around[-1] if around else None, pair.closed))
        around.append(number)
    return found


def _between(text: str, pair: Pair) -> str:
    """The words of a pair without its marks."""
    ends = [*(mark + 1 for mark in pair.marks), pair.end]
    starts = [*pair.marks[1:], pair.end]
    return "".join(text[start:end] for start, end in zip(ends, starts, strict=False))


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
