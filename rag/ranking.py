"""Hits from excerpts in their order: near-identical ones folded into the best of them, works capped where asked."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from index.embedders import Vectors
from index.records import Excerpt
from rag.duplicates import Passage


class Ranked(msgspec.Struct, frozen=True):
    """An excerpt that stands for itself and its near-duplicates, which come best first; ``place`` is its place in the order."""

    place: int
    excerpt: Excerpt
    duplicates: tuple[Excerpt, ...]


Candidate = tuple[Excerpt, Vectors]
"""An excerpt and the vector of the window that answers best, shape (dimension,)."""


def rank(batches: Iterable[Iterable[Candidate]], limit: int, per_work: int | None) -> list[Ranked]:
    """The first ``limit`` excerpts of an order after folding.

    Args:
        batches: the order in pieces, taken one by one until there are enough, so that few texts are read.
        limit: how many at most.
        per_work: how many of one work at most; None for no limit. Excerpts without a work are never held back.
    """
    kept: list[tuple[int, Excerpt, Passage]] = []
    duplicates: dict[int, list[Excerpt]] = {}
    works: Counter[str] = Counter()
    for batch in _numbered(batches):
        for place, (excerpt, vector) in batch:
            passage = Passage(excerpt.text, vector)
            same = next((first for first, _, known in kept if known.alike(passage)), None)
            if same is not None:
                duplicates.setdefault(same, []).append(excerpt)
            elif len(kept) < limit and not _is_full(works, excerpt, per_work):
                works[excerpt.work_id] += 1
                kept.append((place, excerpt, passage))
        if len(kept) >= limit:
            break
    return [Ranked(place, excerpt, tuple(duplicates.get(place, ()))) for place, excerpt, _ in kept]


def _is_full(works: Counter[str], excerpt: Excerpt, per_work: int | None) -> bool:
    return per_work is not None and bool(excerpt.work_id) and works[excerpt.work_id] >= per_work


def _numbered(batches: Iterable[Iterable[Candidate]]) -> Iterator[list[tuple[int, Candidate]]]:
    place = 0
    for batch in batches:
        numbered = list(enumerate(batch, place))
        place += len(numbered)
        yield numbered
