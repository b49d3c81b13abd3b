"""Excerpts for a reader's eye: where the highlight is, and what a list shows of a long one."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

SHOWN = 1400
"""Characters of a long excerpt that a list of hits shows around its first highlight."""


BEGINNING = 160
"""Characters of an excerpt that name it in a list of links."""


class Span(Protocol):
    """A run of a text, ``[start, end)``."""

    @property
    def start(self) -> int:
        """The first code point."""
        ...

    @property
    def end(self) -> int:
        """The code point after the last."""
        ...


class Piece(NamedTuple):
    """A run of text that is highlighted, or not."""

    text: str
    marked: bool


class View(NamedTuple):
    """A part of an excerpt for a list; ``before`` and ``after`` say how many characters are left out there."""

    pieces: list[Piece]
    before: int
    after: int


def pieces(text: str, highlights: Iterable[Span], start: int = 0, end: int | None = None) -> list[Piece]:
    """``text[start:end]`` in runs, each highlighted or not; overlapping highlights become one."""
    at, last = start, len(text) if end is None else end
    runs: list[Piece] = []
    for span in sorted(highlights, key=lambda each: each.start):
        opens, closes = min(max(at, span.start), last), min(span.end, last)
        runs += [Piece(text[at:opens], False), Piece(text[opens:closes], True)]
        at = max(at, closes)
    return [run for run in [*runs, Piece(text[at:last], False)] if run.text]


def around(text: str, highlights: Iterable[Span], shown: int = SHOWN) -> View:
    """What a list shows of an excerpt: a short one whole, of a long one the words around its first highlight."""
    spans = sorted(highlights, key=lambda each: each.start)
    if len(text) <= shown:
        return View(pieces(text, spans), 0, 0)
    opens, closes = (spans[0].start, spans[0].end) if spans else (0, 0)
    start = max(0, min((opens + closes - shown) // 2, opens))
    end = max(start + shown, closes)
    if start:
        start = text.find(" ", start, opens) + 1 or opens
    if end < len(text):
        end = max(text.rfind(" ", closes, end), closes)
    return View(pieces(text, spans, start, min(end, len(text))), start, max(0, len(text) - end))


def beginning(text: str) -> str:
    """How a text begins, whole words only."""
    return "".join(piece.text for piece in around(text, (), BEGINNING).pieces)
