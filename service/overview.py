"""What a collection holds at a glance: passages by year, by author and by heading, each of which narrows it."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from index.collection import Collection
from index.filters import Filters
from index.records import Work, issued_year
from rag.facets import author_names
from service.presenters import label

MOST_BARS = 48
"""Bars that a chart has at most; a longer stretch of years is drawn by fives, decades and so on."""

STEPS = (1, 5, 10, 25, 50, 100, 250, 500, 1000)
HEIGHT = 100


class Count(msgspec.Struct, frozen=True):
    """So many passages; ``value`` is what the filter takes."""

    value: str
    label: str
    excerpts: int


class Bar(msgspec.Struct, frozen=True):
    """Some years in a chart: its count, and where it is drawn, in a picture ``HEIGHT`` high with bars one wide."""

    count: Count
    left: int
    top: float
    height: float


class Overview(msgspec.Struct, frozen=True):
    """How the passages of a collection, or of a part of it, are spread. ``undated`` have no year of issue."""

    bars: tuple[Bar, ...]
    width: int
    undated: int
    authors: tuple[Count, ...]
    headings: tuple[Count, ...]


def overview(collection: Collection, filters: Filters) -> Overview:
    """The spread of the passages that the filters leave."""
    works = collection.works(filters)
    dated = Counter[int]()
    for work in works:
        if (issued := issued_year(work.csl)) is not None:
            dated[issued] += work.excerpts
    bars, width = draw(dated)
    undated = sum(work.excerpts for work in works if issued_year(work.csl) is None)
    return Overview(bars, width, undated, _authors(works), _headings(collection.headings(filters)))


def labels(collection: Collection, filters: Filters) -> dict[str, str]:
    """What people call the works and documents that filters name by id; an id that names nothing is left out."""
    works = {work.id: label(work.csl) for work in collection.works(Filters(work=filters.work))} if filters.work else {}
    documents = {card.id: card.title for card in collection.documents()} if filters.document else {}
    return works | documents


def draw(dated: Counter[int]) -> tuple[tuple[Bar, ...], int]:
    """The bars of a chart of these years, and how many would fit side by side; none for fewer than two years."""
    if len(dated) < 2:
        return (), 0
    first, last = min(dated), max(dated)
    step = next((step for step in STEPS if (last - first) // step < MOST_BARS), STEPS[-1])
    start = first // step * step
    together = Counter[int]()
    for issued, excerpts in dated.items():
        together[(issued - start) // step] += excerpts
    most = max(together.values())
    bars = []
    for left, excerpts in sorted(together.items()):
        begins, ends = start + left * step, start + left * step + step - 1
        height = max(2.0, round(excerpts / most * HEIGHT, 1))
        value, label = (f"{begins}", f"{begins}") if step == 1 else (f"{begins}-{ends}", f"{begins}–{ends}")
        bars.append(Bar(Count(value, label, excerpts), left, HEIGHT - height, height))
    return tuple(bars), (last - start) // step + 1


def _authors(works: Sequence[Work]) -> tuple[Count, ...]:
    counted = Counter[str]()
    for work in works:
        for name in dict.fromkeys(author_names(work.csl)):
            counted[name] += work.excerpts
    return _listed(counted)


def _headings(trails: Iterable[tuple[tuple[str, ...], int]]) -> tuple[Count, ...]:
    counted = Counter[str]()
    for headings, excerpts in trails:
        if headings:
            counted[headings[-1]] += excerpts
    return _listed(counted)


def _listed(counted: Counter[str]) -> tuple[Count, ...]:
    """Those with most passages first, then by name."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0].casefold()))
    return tuple(Count(name, name, excerpts) for name, excerpts in ordered)
