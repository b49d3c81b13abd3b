"""Quotations with something left out: whole pieces joined by an ellipsis, in order, in one excerpt."""

from collections.abc import Sequence
from itertools import islice, pairwise

import msgspec
import regex

from rag.quotes.fold import Folded, fold
from rag.quotes.match import Occurrence, QuoteIndex, occurrences, words
from rag.quotes.negation import hidden_negation, sentence_ends
from rag.quotes.variants import variants

MOST_PIECES = 12
SHORT_PIECE = 3
"""A piece of fewer words must stand in the same sentence as its neighbours: single words can be found in any order."""

_MOST_PLACES = 40
_ELLIPSIS = regex.compile(
    r"(?:\[\s?(?:…|\.\s?\.\s?\.)\s?\.?\s?\]|\(\s?(?:…|\.\s?\.\s?\.)\s?\)|…|\.(?:\s?\.){2,})(?:\s?(?:…|\.(?=\s|$)))?"
)


class Arrangement(msgspec.Struct, frozen=True):
    """The pieces of an elided quotation in one excerpt, and why they may not be joined there ("" when they may)."""

    pieces: tuple[Occurrence, ...]
    objection: str

    @property
    def length(self) -> int:
        """Folded characters from the first piece to the last."""
        return self.pieces[-1].end - self.pieces[0].start


def split_pieces(quote: str) -> list[str]:
    """The pieces of a quotation between its ellipses, without those that hold no word."""
    return [piece for piece in _ELLIPSIS.split(quote) if words(fold(piece).text)]


def arrange(pieces: Sequence[str], index: QuoteIndex, rows: Sequence[int] | None = None) -> Arrangement | None:
    """The way to find all pieces in order in one excerpt: without objection if there is one, then the tightest."""
    if not 1 <= len(pieces) <= MOST_PIECES:
        return None
    readings = [[fold(variant.text) for variant in variants(piece)] for piece in pieces]
    among = index.candidates(" ".join(word for texts in readings for word in words(texts[-1].text)))
    if rows is not None:
        among = [row for row in among if row in rows]
    ways = [way for row in among if (way := _arrange_in(readings, index.folded(row), row)) is not None]
    return min(ways, key=lambda way: (way.objection != "", way.length), default=None)


def _arrange_in(readings: list[list[Folded]], source: Folded, row: int) -> Arrangement | None:
    found = [_first_found(texts, source, row) for texts in readings]
    ways = [way for first in found[0] if (way := _in_order(first, found[1:])) is not None]
    judged = [Arrangement(way, _objection(way, source)) for way in ways]
    return min(judged, key=lambda way: (way.objection != "", way.length), default=None)


def _first_found(texts: list[Folded], source: Folded, row: int) -> list[Occurrence]:
    for text in texts:
        if places := list(islice(occurrences(text, source, row), _MOST_PLACES)):
            return places
    return []


def _in_order(first: Occurrence, rest: list[list[Occurrence]]) -> tuple[Occurrence, ...] | None:
    way = [first]
    for places in rest:
        following = next((place for place in places if place.start >= way[-1].end), None)
        if following is None:
            return None
        way.append(following)
    return tuple(way)


def _objection(way: tuple[Occurrence, ...], source: Folded) -> str:
    for left, right in pairwise(way):
        start, end = source.ends[left.end - 1], source.starts[right.start]
        if hidden := hidden_negation(source.original, start, end):
            return f"the ellipsis leaves out “{hidden}” from a sentence that is quoted"
        shortest = min(len(words(source.text[piece.start : piece.end])) for piece in (left, right))
        if shortest < SHORT_PIECE and sentence_ends(source.original, start, end):
            return f"a piece of fewer than {SHORT_PIECE} words is joined to another sentence"
    return ""
