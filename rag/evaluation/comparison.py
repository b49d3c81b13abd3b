"""Two runs of the same questions side by side, with a paired test of each measure."""

from collections.abc import Sequence

import msgspec

from rag.evaluation.gold import Gold
from rag.evaluation.measures import MEASURES, measure
from rag.evaluation.questions import questions_invalid
from rag.evaluation.statistics import paired_p
from rag.evaluation.trec import Run


class Compared(msgspec.Struct, frozen=True):
    """One measure of two runs: their means, and ``p``, how likely as large a difference is by chance (randomisation test).

    ``better`` and ``worse`` count the questions on which the second run gains and loses.
    """

    first: float
    second: float
    p: float
    better: int
    worse: int


def compare(golds: Sequence[Gold], first: Run, second: Run) -> dict[str, Compared]:
    """Every measure of both runs over the answerable questions.

    Raises:
        QuestionsInvalid: a run has none of the questions, so it is a run of others.
    """
    answerable = [gold for gold in golds if gold.question.answerable]
    for run in (first, second):
        if not any(gold.question.id in run for gold in answerable):
            raise questions_invalid(
                "a run has none of the set's questions",
                "runs that are compared answer the questions given",
                "name runs of this question set",
            )
    one, other = measure(answerable, first), measure(answerable, second)
    gains = other - one
    return {
        name: Compared(float(mean), float(after), p, int(better), int(worse))
        for name, mean, after, p, better, worse in zip(
            MEASURES, one.mean(0), other.mean(0), paired_p(one, other), (gains > 0).sum(0), (gains < 0).sum(0), strict=True
        )
    }
