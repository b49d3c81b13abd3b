"""Gives every quotation its verdict: first where it ought to stand, then anywhere, then how it differs."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from rag.quotes.borders import word_spans
from rag.quotes.elide import arrange, split_pieces
from rag.quotes.fold import Folded, fold
from rag.quotes.match import Occurrence, QuoteIndex, words
from rag.quotes.nearest import nearest
from rag.quotes.records import Finding, Place
from rag.quotes.stitch import stitches
from rag.quotes.variants import variants

ALTERED_FROM = 0.6
"""From this share of common words on, the nearest span is what the quotation was meant to be."""

TERM = 2
"""A quotation of at most so many words is a term: it is looked up in the passages given, and never called misattributed."""

_MOST_PLACES = 20


def look_up(quote: str, index: QuoteIndex, among: Collection[str] | None = None) -> Finding:
    """The verdict on a quotation in a collection, or only in the excerpts named.

    Raises nothing: a text without words is ``not_found`` with a note.
    """
    rows = _rows(index, among)
    if found := accept(quote, index, rows):
        return found
    return _explain(quote, index, rows)


def look_up_cited(quote: str, passages: QuoteIndex, cited: Collection[str], collection: QuoteIndex | None) -> Finding:
    """The verdict on a quotation in an answer: in the passages it cites, in those given, in the whole collection.

    Without ``cited``, any passage given will do. Verbatim elsewhere is ``misattributed``, except for terms of
    one or two words, which stand in many places and prove nothing.
    """
    rows = _rows(passages, cited) if cited else None
    if found := accept(quote, passages, rows):
        return found
    if len(words(fold(quote).text)) > TERM:
        if cited and (elsewhere := accept(quote, passages, None)):
            return _misattributed(elsewhere, "it stands in another passage than the one cited")
        if collection is not None and (elsewhere := accept(quote, collection, None)):
            return _misattributed(elsewhere, "it stands in the collection, but in no passage that was cited or given")
    explained = _explain(quote, passages, rows)
    return explained if explained.verdict != "not_found" or collection is None else _explain(quote, collection, None)


def accept(quote: str, index: QuoteIndex, rows: Sequence[int] | None) -> Finding | None:
    """The finding when a quotation may stand as one, else None."""
    for variant in variants(quote):
        places = list(islice(index.find(fold(variant.text), rows), _MOST_PLACES))
        if places:
            return _verbatim(variant.text, variant.note, variant.elided, places, index)
    if len(pieces := split_pieces(quote)) > 1:
        arranged = arrange(pieces, index, rows)
        if arranged is not None and not arranged.objection:
            return Finding("elided", tuple(_places(arranged.pieces, index)), similarity=1.0)
    return None


def _verbatim(text: str, note: str, elided: bool, places: list[Occurrence], index: QuoteIndex) -> Finding:
    stood = [(_place(place, index), index.original(place.row)) for place in places]
    exact = [original[place.start : place.end] == text for place, original in stood]
    found = tuple(
        place for place, _ in sorted(zip((place for place, _ in stood), exact, strict=True), key=lambda pair: not pair[1])
    )
    if any(exact) and not note:
        return Finding("exact", found, similarity=1.0)
    return Finding("elided" if elided else "normalised", found, similarity=1.0, note=note)


def _misattributed(elsewhere: Finding, note: str) -> Finding:
    return Finding("misattributed", elsewhere.places, similarity=1.0, note=note)


def _explain(quote: str, index: QuoteIndex, rows: Sequence[int] | None) -> Finding:
    """Why a quotation is not accepted: altered, stitched, or not found."""
    folded = fold(quote)
    spans = word_spans(folded)
    if not spans:
        return Finding("not_found", note="there are no words in it")
    if len(pieces := split_pieces(quote)) > 1:
        if found := _explain_pieces(pieces, index, rows):
            return found
    elif pieces_of := stitches(folded, spans, index):
        return Finding("stitched", tuple(_places(pieces_of, index)))
    closest = nearest(folded, index, rows)
    if closest is None or closest.similarity < ALTERED_FROM or len(spans) <= TERM:
        return Finding("not_found", similarity=closest.similarity if closest else 0.0)
    note = (
        ""
        if any(change.kind != "same" for change in closest.changes)
        else "the words are the same, but one is cut, or a dash joins what it parts in the source"
    )
    return Finding("altered", (closest.place,), closest.changes, closest.similarity, note)


def _explain_pieces(pieces: list[str], index: QuoteIndex, rows: Sequence[int] | None) -> Finding | None:
    """Pieces that all stand somewhere, only not so that an ellipsis may join them."""
    arranged = arrange(pieces, index, rows)
    if arranged is not None:
        return Finding("altered", tuple(_places(arranged.pieces, index)), note=arranged.objection)
    found = [_first_place(piece, index) for piece in pieces]
    if any(place is None for place in found):
        return None
    return Finding("stitched", tuple(_places([place for place in found if place], index)))


def _first_place(piece: str, index: QuoteIndex) -> Occurrence | None:
    readings: Iterable[Folded] = (fold(variant.text) for variant in variants(piece))
    return next((place for reading in readings for place in index.find(reading)), None)


def _places(found: Iterable[Occurrence], index: QuoteIndex) -> list[Place]:
    return [_place(place, index) for place in found]


def _place(found: Occurrence, index: QuoteIndex) -> Place:
    start, end = index.folded(found.row).span(found.start, found.end)
    return Place(index.ids[found.row], start, end)


def _rows(index: QuoteIndex, among: Collection[str] | None) -> list[int] | None:
    return None if among is None else [row for row, excerpt_id in enumerate(index.ids) if excerpt_id in among]
