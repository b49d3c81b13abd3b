"""How what was found is spread: how many passages there are, and their authors, works, years, headings and documents."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from index.collection import Collection
from index.filters import full_name
from index.records import CslItem, ExcerptTraits
from rag.calibration import Calibration, strength_of_doubt
from rag.records import FacetCount, Facets
from rag.scoring import Evidence, ScoredCandidates

_FIRST = 5

_VALUES = 50
"""Values of one facet that are listed: those with most passages. Years are listed all, for a chart."""


def relevant(candidates: ScoredCandidates, calibration: Calibration) -> Evidence:
    """The evidence on the excerpts that speak to the question, best first.

    They would be shown if they were the only ones, or lie in the upper half between what a question to another collection
    reaches and the best, or are among the first few, which are shown whatever they are. Of a large
    collection only candidates are looked at.
    """
    evidence = candidates.looked_at()
    best = float(evidence.strength.max(initial=0.0))
    bar = min(strength_of_doubt(calibration), (calibration.foreign + best) / 2)
    ordered = evidence.among((-evidence.fused).argsort(kind="stable"))
    return ordered.among(np.flatnonzero((ordered.strength >= bar) | (np.arange(len(ordered.keys)) < _FIRST)))


def facets_of(collection: Collection, evidence: Evidence, *, complete: bool) -> Facets:
    """How excerpts are spread; one by two authors counts for both. ``complete``: no other speaks to the question."""
    traits = collection.traits(evidence.keys.tolist())
    works = Counter(each.work_id for each in traits if each.work_id)
    return Facets(
        found=len(traits),
        complete=complete,
        authors=_most(_authors(collection, works)),
        works=_most(works),
        years=tuple(FacetCount(str(year), count) for year, count in sorted(_years(traits).items())),
        headings=_most(Counter(heading for each in traits for heading in each.headings[-1:])),
        documents=_most(Counter(each.document_id for each in traits)),
    )


def _authors(collection: Collection, works: Counter[str]) -> Counter[str]:
    counted = Counter[str]()
    for work, excerpts in works.items():
        for name in dict.fromkeys(author_names(collection.work(work).csl)):
            counted[name] += excerpts
    return counted


def author_names(csl: CslItem) -> Iterable[str]:
    """The names of a work's authors, of its editors where it has none, as they are read: given name first."""
    for name in csl.get("author") or csl.get("editor") or ():
        if full := full_name(name):
            yield full


def _years(traits: Sequence[ExcerptTraits]) -> Counter[int]:
    return Counter(each.year for each in traits if each.year is not None)


def _most(counted: Counter[str]) -> tuple[FacetCount, ...]:
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0].casefold()))
    return tuple(FacetCount(value, count) for value, count in ordered[:_VALUES])


# Other orders than by relevance.


def sort_key(traits: ExcerptTraits, sort: str) -> tuple[float, ...]:
    """Sorts excerpts by year of issue, the oldest or newest first and the undated last, or by their place in the collection."""
    if sort == "place":
        return (traits.key,)
    year = math.inf if traits.year is None else traits.year
    return (-year if sort == "newest" and traits.year is not None else year,)
