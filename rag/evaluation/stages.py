"""The stages of retrieval, each as a ranking of its own from the same evidence."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from index.stores import Scores
from rag.scoring import Evidence

Stage = Literal["lexical", "dense", "rrf", "fused", "reranked"]

STAGES: tuple[Stage, ...] = ("lexical", "dense", "rrf", "fused", "reranked")
"""BM25 of excerpts alone; the best window's cosine alone; both by rank, as a yardstick; what ships; what ships, reranked."""

_RRF_K = 60
"""Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods"."""

_RRF_DEPTH = 200

Rows = npt.NDArray[np.int64]


def rank_by_parts(evidence: Evidence, depth: int) -> dict[Stage, tuple[Rows, Scores]]:
    """For each stage before fusion its best rows of the evidence and their scores, best first, ties by ascending key."""
    lexical = _best(evidence.bm25, len(evidence.bm25))
    lexical = lexical[evidence.bm25[lexical] > 0]
    dense = _best(evidence.dense, len(evidence.dense))
    reciprocal = np.zeros(len(evidence.keys), np.float32)
    for ranked in (lexical[:_RRF_DEPTH], dense[:_RRF_DEPTH]):
        reciprocal[ranked] += 1 / (_RRF_K + 1 + np.arange(len(ranked), dtype=np.float32))
    return {
        "lexical": (lexical[:depth], evidence.bm25[lexical[:depth]]),
        "dense": (dense[:depth], evidence.dense[dense[:depth]]),
        "rrf": (both := _best(reciprocal, depth), reciprocal[both]),
    }


def _best(scores: Scores, depth: int) -> Rows:
    """Rows by falling score; they stand by ascending key, so a stable sort orders ties by key."""
    return np.argsort(-scores, kind="stable")[:depth]
