"""What ``[1]``, ``[2]`` … in a chat stand for: passages with a short title, a link and their verbatim text."""

from collections.abc import Iterable, Sequence

import msgspec

from index.records import Excerpt, issued_year
from service.presenters import short_title
from service.schemas import HitView


class Source(msgspec.Struct, frozen=True):
    """One numbered passage.

    ``page`` is the arabic page on which it begins, where its citation says so; ``score`` its place in the ranking as a
    number in [0, 1], higher for better.
    """

    number: int
    id: str
    url: str
    title: str
    citation: str
    text: str
    page: int | None
    year: int | None
    score: float


def sources_of(hits: Iterable[HitView]) -> tuple[Source, ...]:
    """The hits as sources, numbered in their order."""
    return tuple(_source(number, hit) for number, hit in enumerate(hits, start=1))


def given_first(hits: Sequence[HitView], given: Iterable[Excerpt]) -> tuple[HitView, ...]:
    """The hits in the order in which a language model numbers them: those it was given, then the rest."""
    order = {excerpt.id: place for place, excerpt in enumerate(given)}
    return tuple(sorted(hits, key=lambda hit: order.get(hit.id, len(order))))


def _source(number: int, hit: HitView) -> Source:
    csl, locator = hit.citation.csl, hit.citation.locator
    return Source(
        number=number,
        id=hit.id,
        url=hit.url,
        title=short_title(csl, locator, hit.citation.raw or hit.document.title),
        citation=hit.citation.formatted,
        text=hit.text,
        page=locator.pages[0][0] if locator and locator.label == "page" and locator.pages else None,
        year=issued_year(csl) if csl else None,
        score=round(max(0.0, min(1.0, hit.scores.dense)), 4),
    )
