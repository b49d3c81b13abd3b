"""One score from all evidence: the cosine plus what the words cover, both on scales that no question changes.

Fused lists are usually normalised for each question by their own best and worst scores (Bruch et al. 2023, "An
Analysis of Fusion Functions for Hybrid Retrieval"). That makes the best of a bad list look good. A cosine, and
coverage as a share of what the question's words could reach at most, need no such norm: a word search that found
little counts little, for each question anew, and the sum itself says how good the best hit is (rag/sufficiency.py).
"""

from index.stores import Scores

NEAR_WEIGHT = 0.75
"""What words in a window count beside that window's cosine: an excerpt is judged by a window that has both."""

WHOLE_WEIGHT = 0.5
"""What words anywhere in the excerpt count besides. Between .8 and 1.5 times both weights hit@1 changes by a question in a
hundred at most."""

PAIRS_WEIGHT = 0.35
"""What pairs of words count that stand near each other in a window: about half of what words count, for the words of a pair
have been counted once already. From .2 to .7 results differ little."""

_NEAR_STRENGTH = 0.5
_PAIRS_STRENGTH = 0.3
_WHOLE_STRENGTH = 0.33


def fuse_window(cosines: Scores, near: Scores, pairs: Scores) -> Scores:
    """A score for each window: its cosine, and how much it covers of the question's words and of their pairs."""
    fused: Scores = cosines + NEAR_WEIGHT * near + PAIRS_WEIGHT * pairs
    return fused


def fuse_excerpt(best_window: Scores, whole: Scores) -> Scores:
    """The score that orders excerpts: that of the best window, and how much the whole excerpt covers."""
    return best_window + WHOLE_WEIGHT * whole


def strength(cosines: Scores, near: Scores, pairs: Scores, whole: Scores) -> Scores:
    """How strong the evidence for each excerpt is, sense and words in equal parts: what sufficiency is judged by."""
    strong: Scores = cosines + _NEAR_STRENGTH * near + _PAIRS_STRENGTH * pairs + _WHOLE_STRENGTH * whole
    return strong
