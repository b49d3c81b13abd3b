"""Reranking: a second, slower look at the best candidates, by a model that reads question and passage together.

Off unless a setting names a model: `ibid evaluate --reranker` shows what one gains on a collection and what it costs.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from index.stores import Ids, Scores

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
