"""One score from all evidence: the cosine plus what the words cover, both on scales that no question changes.

Fused lists are usually normalised for each question by their own best and worst scores (Bruch et al. 2023, "An
Analysis of Fusion Functions for Hybrid Retrieval"). That makes the best of a bad list look good. A cosine, and
coverage as a share of what the question's words could reach at most, need no such norm: a word search that found
little counts little, for each question anew, and the sum itself says how good the best hit is (rag/sufficiency.py).
"""

import numpy as np

from index.stores import Scores
from rag.calibration import Calibration
from rag.evidence import Evidence

COVERAGE_WEIGHT = 1.5
"""Coverage beside a cosine, in ranking. From 1 to 2 no development set changes by more than a question in a hundred."""

NEAR_SHARE = 0.6
"""Words near each other count a little more than words anywhere in the excerpt; from .5 to .7 makes no difference."""


def fuse(evidence: Evidence, calibration: Calibration, coverage_weight: float = COVERAGE_WEIGHT) -> Scores:
    """One score a candidate; higher is better. With a weight of 1 it is what sufficiency is judged by."""
    coverage = NEAR_SHARE * evidence.near + (1 - NEAR_SHARE) * evidence.whole
    return (calibration.scale(evidence.dense) + coverage_weight * coverage).astype(np.float32, copy=False)
