"""Whether what was found suffices to say that the collection answers: decided on raw evidence, never on ranks.

The best excerpt's cosine plus its coverage tells far misses from answers almost without error; how far it stands out
from the next nine helps against near misses, where many excerpts are about as near and none answers.
"""

import math

import msgspec
import numpy as np

from index.stores import Scores
from rag.calibration import Calibration
from rag.records import Status

_EVIDENCE = 5.0
_STANDING_OUT = 3.4
_INTERCEPT = -3.2
"""A logistic model, fitted to answerable questions of three collections against the same questions with their answers
taken out of the collection and against questions of the other two (docs/retrieval.md has the command and the fit)."""

NOTHING_BELOW = 0.2
"""Confidence below which nothing is shown as an answer: at most one answerable question in twenty falls there."""

WEAK_BELOW = 0.5
"""Confidence below which the collection more likely does not answer than does."""

_OTHERS = 9


class Judgement(msgspec.Struct, frozen=True):
    """A status, and the estimated probability that the collection answers."""

    status: Status
    confidence: float


def judge(evidence: Scores, calibration: Calibration) -> Judgement:
    """Judges how strong the evidence for the best excerpts is, in any order; no excerpts are no evidence."""
    above_foreign, standing_out = features(evidence, calibration)
    logit = _EVIDENCE * above_foreign + _STANDING_OUT * standing_out + _INTERCEPT
    confidence = 1 / (1 + math.exp(-logit)) if len(evidence) else 0.0
    return Judgement(status_of(confidence), confidence)


def features(evidence: Scores, calibration: Calibration) -> tuple[float, float]:
    """How far the best evidence is above what foreign questions reach here, and above the mean of the next nine."""
    highest = np.sort(evidence)[-1 - _OTHERS :].tolist()
    top, *others = sorted([*highest, 0.0, 0.0], reverse=True)[: 1 + _OTHERS]
    return top - calibration.foreign, top - sum(others) / len(others)


def status_of(confidence: float) -> Status:
    """What a user is told at this confidence."""
    if confidence < NOTHING_BELOW:
        return "nothing_relevant"
    return "weak" if confidence < WEAK_BELOW else "answered"
