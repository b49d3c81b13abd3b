"""How much of what scoring every excerpt finds is found from candidates: the judge of the search of large collections."""

from collections.abc import Sequence

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Embedder
from rag.calibration import calibration_of
from rag.query import parse_question
from rag.scoring import Evidence, Scorer

DEPTH = 10


class AgainstExact(msgspec.Struct, frozen=True):
    """Means over questions.

    Args:
        questions: how many were asked.
        candidates: whether candidates were chosen at all; a small collection scores every excerpt.
        recall: share of the exact first ten that is among the first ten.
        same_first: share of questions with the same first excerpt.
        largest_difference: of the fused scores of excerpts that both have among the first ten.
    """

    questions: int
    candidates: bool
    recall: float
    same_first: float
    largest_difference: float


def against_exact(collection: Collection, embedder: Embedder, questions: Sequence[str]) -> AgainstExact:
    """Asks every question both ways."""
    calibration = calibration_of(collection)
    ways = [Scorer(collection, calibration, exact=exact) for exact in (False, True)]
    recalls, firsts, differences = [], [], [0.0]
    for text in questions:
        question = parse_question(text)
        vector = embedder.embed([question.words], "query")
        ours, exact = (way.gather([question], vector)[0].best(DEPTH) for way in ways)
        recalls.append(np.isin(exact.keys, ours.keys).mean() if len(exact.keys) else 1.0)
        firsts.append(ours.keys[:1].tolist() == exact.keys[:1].tolist())
        differences.append(_difference(ours, exact))
    return AgainstExact(len(questions), collection.codes is not None, _mean(recalls), _mean(firsts), float(max(differences)))


def _difference(ours: Evidence, exact: Evidence) -> float:
    _, here, there = np.intersect1d(ours.keys, exact.keys, return_indices=True)
    return float(np.abs(ours.fused[here] - exact.fused[there]).max(initial=0))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 1.0
