"""Refinements of a ranking: a closer and slower look at the leading excerpts, which adds to their fused scores.

Late interaction compares the question's tokens with those of the first ``late_interaction.FIRST`` windows; then the passage
reader reads the first ``READ`` of the new order. What a look adds is never
negative, so that no excerpt falls behind one without it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from index.collection import Collection
from index.records import Window
from index.stores import Ids, Scores
from index.windows import search_text
from rag import late_interaction
from rag.late_interaction import LateInteraction, Tell
from rag.passage_reader import PassageReader, Reading, ReadWindow
from rag.scoring import Evidence
from rag.tracing import step

READ = 5
"""Windows that are read for one question: as many again cost as much again and move no further right one to the top."""

READER_WEIGHT = 0.3
"""What the reader counts beside the fused score at most. As much again gains no more, and loses on questions as people type them
(docs/reader-model.md)."""

_SUREST = np.float32(12)
"""The sum of a reading's two scores from which more says nothing more."""


class Refinements(NamedTuple):
    """Which of them one question is given, where they are at hand."""

    late_interaction: bool = False
    read: bool = False


NONE = Refinements()


class Refined(NamedTuple):
    """The evidence in its new order, with what was added to ``fused``; MaxSim and readings by the keys of excerpts."""

    evidence: Evidence
    late: Mapping[int, float]
    readings: Mapping[int, Reading]


class Refiner:
    """Refines rankings over one generation of a collection; thread-safe. A part that is None is never run."""

    def __init__(self, collection: Collection, late: LateInteraction | None, reader: PassageReader | None) -> None:
        self._collection = collection
        self._late = late
        self._reader = reader
        lexicon = collection.words("windows").lexicon
        self._tell: Tell = lambda word: max((lexicon.idf(term) for term in lexicon.terms(word)), default=0.0)

    def refine(self, question: str, best: Evidence, wanted: Refinements) -> Refined:
        """The evidence after the refinements that are wanted and at hand.

        Args:
            question: the words asked.
            best: the leading excerpts, best first.
            wanted: what to run.
        """
        late: dict[int, float] = {}
        readings: dict[int, Reading] = {}
        if wanted.late_interaction and self._late and len(best.keys):
            first = self._windows(best, late_interaction.FIRST)
            with step("late_interaction"):
                scores = self._late.score(question, self._tell, [search_text(window) for window in first])
            late = dict(zip(best.keys[: len(first)].tolist(), scores.tolist(), strict=True))
            best = raised(best, np.float32(late_interaction.WEIGHT) * np.maximum(scores, np.float32(0)))
        if wanted.read and self._reader and len(best.keys):
            first = self._windows(best, READ)
            with step("reader"):
                read = self._reader.read(question, [ReadWindow(window.text, window.context) for window in first])
            readings = dict(zip(best.keys[: len(first)].tolist(), read, strict=True))
            best = raised(best, np.float32(READER_WEIGHT) * shares(read))
        return Refined(best, late, readings)

    def _windows(self, best: Evidence, count: int) -> Sequence[Window]:
        return self._collection.windows(self._collection.window_map.ids(best.place[:count]).tolist())


def raised(best: Evidence, added: Scores) -> Evidence:
    """The evidence with something added to the fused scores of the first rows, and these in their new order; ties as they were.

    Args:
        best: best first.
        added: for each of the first rows, at least 0.
    """
    fused = best.fused.copy()
    fused[: len(added)] += added
    order: Ids = np.arange(len(fused))
    order[: len(added)] = np.argsort(-fused[: len(added)], kind="stable")
    return best._replace(fused=fused).among(order)


def shares(readings: Sequence[Reading]) -> Scores:
    """How much each window answers, by the reader alone, in [0, 1]: both of its scores, on a straight line between bounds."""
    sums = np.array([reading.answers + reading.margin for reading in readings], np.float32)
    share: Scores = np.clip(sums, -_SUREST, _SUREST) / (2 * _SUREST) + np.float32(0.5)
    return share
