"""Hits from excerpts in their order: near-identical ones folded into the best of them, works capped where asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from index.embedders import Vectors
from index.records import Excerpt
from rag.duplicates import alike, may_be_alike


class Ranked(msgspec.Struct, frozen=True):
    """An excerpt that stands for itself and its near-duplicates, which come best first.

    It stood at place ``at`` of a batch, the first of which is ``batch`` 0.
    """

    batch: int
    at: int
    excerpt: Excerpt
    duplicates: tuple[Excerpt, ...]


class Batch(msgspec.Struct, frozen=True):
    """Some excerpts in their order: ``vectors`` of their best windows, shape (excerpts, dimension); ``read`` reads some."""

    vectors: Vectors
    read: Callable[[Sequence[int]], Sequence[Excerpt]]


def rank(batches: Iterable[Batch], limit: int, per_work: int | None) -> list[Ranked]:
    """The first ``limit`` excerpts of an order after folding.

    Args:
        batches: the order in pieces, taken one by one until there are enough; duplicates are looked for in all of a piece.
        limit: how many at most.
        per_work: how many of one work at most; None for no limit. Excerpts without a work are never held back.
    """
    ranking = _Ranking(limit, per_work)
    for number, batch in enumerate(batches):
        ranking.take(number, batch)
        if ranking.is_full:
            break
    return [Ranked(each.batch, each.at, each.excerpt, tuple(each.duplicates)) for each in ranking.kept]


class _Kept:
    """A hit so far, and what was folded into it; ``row`` is where its vector stands among those compared."""

    def __init__(self, batch: int, at: int, excerpt: Excerpt, vector: Vectors, row: int) -> None:
        self.batch = batch
        self.at = at
        self.excerpt = excerpt
        self.vector = vector
        self.row = row
        self.duplicates: list[Excerpt] = []


class _Ranking:
    def __init__(self, limit: int, per_work: int | None) -> None:
        self.kept: list[_Kept] = []
        self._limit = limit
        self._per_work = per_work
        self._works: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        return len(self.kept) >= self._limit

    def take(self, number: int, batch: Batch) -> None:
        """Folds or keeps the excerpts of a batch, reading only those that are shown or may be alike."""
        for row, each in enumerate(self.kept):
            each.row = row
        earlier = len(self.kept)
        compared = np.stack([*(each.vector for each in self.kept), *batch.vectors]) if earlier else batch.vectors
        near = may_be_alike(compared, batch.vectors)
        wanted = self._wanted(near)
        for at, excerpt in zip(wanted, batch.read(wanted), strict=True):
            same = next((each for each in self.kept if near[each.row, at] and alike(each.excerpt.text, excerpt.text)), None)
            if same is not None:
                same.duplicates.append(excerpt)
            elif not self.is_full and not self._is_capped(excerpt):
                self._works[excerpt.work_id] += 1
                self.kept.append(_Kept(number, at, excerpt, batch.vectors[at], earlier + at))

    def _wanted(self, near: npt.NDArray[np.bool_]) -> list[int]:
        """Whose texts are needed: those that may be like another, and as many of the others as there is room for."""
        count = near.shape[1]
        if self._per_work is not None:
            return list(range(count))
        # Each is near to itself.
        suspected = np.flatnonzero(np.count_nonzero(near, axis=0) > 1).tolist()
        room = self._limit - len(self.kept) + len(suspected)
        return sorted({*suspected, *range(min(room, count))})

    def _is_capped(self, excerpt: Excerpt) -> bool:
        return self._per_work is not None and bool(excerpt.work_id) and self._works[excerpt.work_id] >= self._per_work
