"""Recognises words from different places presented as one: each piece verbatim, the whole nowhere."""

import itertools
from collections.abc import Sequence

from rag.quotes.fold import Folded
from rag.quotes.match import Occurrence, QuoteIndex

FEWEST_WORDS = 4
MOST_PIECES = 5
LONGEST = 600
"""A quotation of more words is not taken apart."""

_NEAR = 60
"""Pieces of one excerpt fewer folded characters apart are one place with words left out: altered, not stitched."""


def stitches(quote: Folded, spans: Sequence[tuple[int, int]], index: QuoteIndex) -> list[Occurrence]:
    """The places a quotation was put together from, in its order; empty when it was not.

    ``spans`` are its folded words. The longest run found anywhere is taken from the front, again and again.
    """
    if len(spans) > LONGEST:
        return []
    pieces: list[Occurrence] = []
    done = 0
    while done < len(spans):
        length, place = _longest_run(quote, spans[done:], index)
        if place is None or length < FEWEST_WORDS or len(pieces) == MOST_PIECES:
            return []
        pieces.append(place)
        done += length
    return pieces if len(pieces) > 1 and not _one_place(pieces) else []


def _longest_run(quote: Folded, spans: Sequence[tuple[int, int]], index: QuoteIndex) -> tuple[int, Occurrence | None]:
    """Binary search: where a run of words stands, its beginning stands too."""
    found: Occurrence | None = None
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high + 1) // 2
        place = next(index.find(_part(quote, spans[0][0], spans[middle - 1][1])), None)
        if place is None:
            high = middle - 1
        else:
            low, found = middle, place
    return low, found


def _part(quote: Folded, start: int, end: int) -> Folded:
    return Folded(quote.original, quote.text[start:end], quote.starts[start:end], quote.ends[start:end])


def _one_place(pieces: list[Occurrence]) -> bool:
    return all(left.row == right.row and 0 <= right.start - left.end <= _NEAR for left, right in itertools.pairwise(pieces))
