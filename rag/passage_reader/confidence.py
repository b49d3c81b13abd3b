"""What the reader's readings change in the judgement whether a collection answers."""

import math
from collections.abc import Sequence

from rag.calibration import Judgement, status_of
from rag.passage_reader import Reading

_EVIDENCE = 0.3
_READING = 0.4
_INTERCEPT = 0.3
"""A logistic model over the log-odds of the search's evidence and of the best of the first readings (docs/reader-model.md)."""

_FOREIGN_BELOW = 0.2
"""Evidence below this is what questions on other things reach: no reading makes an answer of it."""

_FIRST = 3
"""Readings among which the best is looked for: with more, one of them finds something by chance."""

_FARTHEST = 1e-6


def judge_read(judgement: Judgement, readings: Sequence[Reading]) -> Judgement:
    """The judgement after the leading windows were read; without readings, or with next to no evidence, it is as it was."""
    if not readings or judgement.confidence < _FOREIGN_BELOW:
        return judgement
    logit = _EVIDENCE * log_odds(judgement.confidence) + _READING * best_reading(readings) + _INTERCEPT
    confidence = 1 / (1 + math.exp(-logit))
    return Judgement(status_of(confidence), confidence)


def best_reading(readings: Sequence[Reading]) -> float:
    """The highest log-odds that one of the first windows answers; ``readings`` come in the order of the windows."""
    return max(reading.answers for reading in readings[:_FIRST])


def log_odds(probability: float) -> float:
    """Of a probability; 0 and 1 count as a little more and less."""
    kept = min(max(probability, _FARTHEST), 1 - _FARTHEST)
    return math.log(kept / (1 - kept))
