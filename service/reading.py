"""A document for reading: its text in order, cut where headings, excerpts, citations and pages begin."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from index.collection import Collection
from index.records import Excerpt, Place, places_within
from service.limits import validate_span
from service.schemas import PlaceView

PART = 400_000
"""Code points on one page: a longer document is read in parts, which browsers lay out at once."""

_KEPT_IN = "zotero://"

PieceKind = Literal["heading", "excerpt", "citation", "other"]


class Run(NamedTuple):
    """Text without a break of the page in it, from ``start`` in the document; ``leaf`` is the page that begins before it."""

    text: str
    start: int
    leaf: Place | None = None


class Piece(NamedTuple):
    """A heading, an excerpt, the citation below one, or what else stands in the document."""

    kind: PieceKind
    runs: tuple[Run, ...]
    excerpt: Excerpt | None = None


class Part(NamedTuple):
    """The span of a document that one page shows, with those before and after it (None: there is none)."""

    start: int
    end: int
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]
    leaves: tuple[Place, ...]


def part_of(collection: Collection, document_id: str, at: int) -> Part:
    """The part of a document that holds a place; parts begin with excerpts.

    Raises:
        Unknown: there is no such document.
        RequestInvalid, SpanUnknown: the place is not within it.
    """
    characters = collection.document(document_id).characters
    validate_span(at, None, characters)
    excerpts = collection.excerpts_of(document_id)
    starts = _starts(excerpts, characters)
    index = bisect_right(starts, at) - 1
    start, end = starts[index], starts[index + 1] if index + 1 < len(starts) else characters
    places = collection.places(document_id)
    text = collection.document_text(document_id, start, end)
    within = [excerpt for excerpt in excerpts if start <= excerpt.start < end]
    pieces = tuple(_pieces(text, start, within, places))
    leaves = tuple(places_within([place for place in places if place.number], start, end))
    before, after = starts[index - 1] if index else None, end if end < characters else None
    return Part(start, end, before, after, pieces, leaves)


def place_in_document(place: PlaceView) -> str:
    """The address of a place in the reading view."""
    return f"/d/{place.id}#p={place.start}-{place.end}"


def links_out(collection: Collection, place: PlaceView) -> list[str]:
    """Addresses that open a place where its document is kept: of its own mark, else of the document."""
    marks = [each.label for each in collection.places(place.id) if each.start == place.start and each.kind == "anchor"]
    own = collection.document(place.id).cited_as
    found = [mark for mark in marks if mark.startswith(_KEPT_IN)]
    if not found and own and own.link.startswith(_KEPT_IN):
        pages = leaves_of(collection, place)
        at = f"?page={pages[0].number}" if pages and own.link.startswith("zotero://open-pdf/") else ""
        found = [own.link + at]
    return found


def leaves_of(collection: Collection, place: PlaceView) -> Sequence[Place]:
    """The printed pages that a place stands on, at most two."""
    pages = [each for each in collection.places(place.id) if each.kind == "page" and each.number]
    return places_within(pages, place.start, place.end)[:2]


def _starts(excerpts: Sequence[Excerpt], characters: int) -> list[int]:
    """Where the parts of a document begin."""
    starts = [0]
    for excerpt in excerpts:
        if excerpt.end - starts[-1] > PART and excerpt.start > starts[-1]:
            starts.append(excerpt.start)
    return starts if characters else [0]


def _pieces(text: str, offset: int, excerpts: Sequence[Excerpt], places: Sequence[Place]) -> Iterator[Piece]:
    """The text in order; ``offset`` is where it begins in the document."""
    chapters = {place.start for place in places if place.kind == "chapter"}
    leaves = [place for place in places if place.number]
    titles = {heading for excerpt in excerpts for heading in excerpt.headings}
    spans = sorted(_spans(excerpts, offset, offset + len(text)), key=lambda span: span[0])
    at = offset
    for start, end, kind, excerpt in [*spans, (offset + len(text), offset + len(text), "other", None)]:
        for line_start, line in _lines(text[at - offset : start - offset], at):
            titled = line_start in chapters or (not chapters and " ".join(line.split()) in titles)
            yield Piece("heading" if titled else "other", tuple(_runs(line, line_start, leaves)))
        if excerpt:
            yield Piece(kind, tuple(_runs(text[start - offset : end - offset], start, leaves)), excerpt)
        at = max(at, end)


def _spans(excerpts: Sequence[Excerpt], start: int, end: int) -> Iterator[tuple[int, int, PieceKind, Excerpt | None]]:
    cited: set[int] = set()
    for excerpt in excerpts:
        yield excerpt.start, excerpt.end, "excerpt", excerpt
        citation = excerpt.citation
        if citation and citation.start is not None and citation.end is not None and citation.start not in cited:
            cited.add(citation.start)
            if start <= citation.start and citation.end <= end:
                yield citation.start, citation.end, "citation", excerpt


def _lines(text: str, offset: int) -> Iterator[tuple[int, str]]:
    """Lines that hold more than white space and signs of a block quotation, with where they stand."""
    at = offset
    for line in text.splitlines(keepends=True):
        if line.replace(">", "").strip():
            yield at + len(line) - len(line.lstrip()), line.strip()
        at += len(line)


def _runs(text: str, start: int, leaves: Sequence[Place]) -> Iterator[Run]:
    """The text cut where pages begin."""
    inner = [leaf for leaf in leaves if start <= leaf.start < start + len(text)]
    at, current = start, None
    for leaf in inner:
        if leaf.start > at:
            yield Run(text[at - start : leaf.start - start], at, current)
        at, current = leaf.start, leaf
    yield Run(text[at - start :], at, current)
