"""Hits from excerpts in their order: near-identical ones folded into the best of them, works capped where asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import groupby
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from index.embedders import Vectors
from index.records import Excerpt
from index.stores import Ids, Scores
from index.text import words

# Near-identical excerpts: the same quotation again, with small differences.

_SHINGLE = 3
_ALIKE = 0.7
"""Jaccard similarity of word trigrams from which two excerpts are the same passage (Broder 1997, "On the
resemblance and containment of documents"). A changed word costs three trigrams: of 60 words, six may differ."""

_OWN = 10
"""Trigrams in a row that one text may have for itself: changed words are scattered, a longer run is a passage of its own. Two
excerpts that overlap share most of their words, and what only one of them has may be the answer."""

_NEAR = 0.8
"""Cosine of the windows that answer best below which excerpts are not compared word by word: that one changed word in
ten leaves far more is what makes this safe, and that hardly any two others reach it is what makes it worth while."""

_LENGTHS = 0.5
"""A text not half as long as another cannot share seven in ten of the trigrams of both, however long its words are."""

_REMEMBERED = 128
"""Texts whose trigrams are kept: what is near to one question's passages is near to the next one's."""


def may_be_alike(earlier: Vectors, later: Vectors) -> npt.NDArray[np.bool_]:
    """Which passages are near enough to be compared, by the vectors of their best windows, shape (earlier, later)."""
    near: npt.NDArray[np.bool_] = earlier @ later.T >= _NEAR
    return near


def alike(text: str, other: str) -> bool:
    """Whether both texts are the same passage; symmetric."""
    shorter, longer = sorted((len(text), len(other)))
    if shorter < _LENGTHS * longer:
        return False
    ours, theirs = _trigrams(text), _trigrams(other)
    shared = ours.keys() & theirs.keys()
    enough = len(shared) >= _ALIKE * (len(ours) + len(theirs) - len(shared))
    return enough and max(_longest_own(ours, shared), _longest_own(theirs, shared)) <= _OWN


@lru_cache(_REMEMBERED)
def _trigrams(text: str) -> dict[tuple[str, ...], None]:
    """The distinct runs of three folded words, in order; a shorter text is one run."""
    spoken = words(text)
    return dict.fromkeys(zip(*(spoken[at:] for at in range(_SHINGLE)), strict=False)) or {tuple(spoken): None}


def _longest_own(trigrams: Iterable[tuple[str, ...]], shared: AbstractSet[tuple[str, ...]]) -> int:
    """How many of a text's trigrams follow each other that the other text has not."""
    runs = (sum(1 for _ in run) for is_shared, run in groupby(trigrams, shared.__contains__) if not is_shared)
    return max(runs, default=0)


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


# Reranking: a second, slower look at the best candidates, by a model that reads question and passage together.
#
# Off unless a setting names a model: `ibid evaluate --reranker` shows what one gains on a collection and what it costs.

BEST = 20
"""How many candidates are read again. On the three development sets a right excerpt is among the first 20 in .97, .99 and .94
of the questions, little more than among the first 10 (.97, .99, .91), and the cost grows with every one."""


class Reranker(Protocol):
    """Scores passages for a question, reading both together; thread-safe."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """One score a passage, higher is better; only comparable within one question."""
        ...


def rerank(
    reranker: Reranker | None, question: str, order: Ids, read: Callable[[Ids], Sequence[str]]
) -> tuple[Ids, dict[int, float]]:
    """The order with its best ``BEST`` sorted anew, ties as they were, and the new scores of these.

    Args:
        reranker: None leaves the order as it is.
        question: the words asked.
        order: rows, best first.
        read: the passages of some rows.
    """
    if reranker is None:
        return order, {}
    best = order[:BEST]
    scores = reranker.score(question, read(best))
    again = best[np.argsort(-scores, kind="stable")]
    return np.concatenate([again, order[BEST:]]), dict(zip(best.tolist(), scores.tolist(), strict=True))
