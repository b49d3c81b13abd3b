"""What chance allows: bootstrap intervals, and a paired test of two runs."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from index.errors import ExtraMissing
from rag.evaluation.formats import questions_invalid
from rag.evaluation.gold import Gold
from rag.evaluation.trec import Run

_RESAMPLES = 2000
_FLIPS = 10_000
_AT_ONCE = 200
_TAILS = (2.5, 97.5)
"""Percentiles between which 95 of 100 resamples lie."""

Values = npt.NDArray[np.float64]
Interval = tuple[float, float]


def intervals(values: Values) -> list[Interval]:
    """For each column the 95 % interval of its mean: the percentile bootstrap over rows (Sakai 2006), with a fixed seed."""
    if not len(values):
        return [(float("nan"), float("nan"))] * values.shape[1]
    even = np.full(len(values), 1 / len(values))
    rng = np.random.default_rng(0)
    means = [rng.multinomial(len(values), even, count) @ values / len(values) for count in _pieces(_RESAMPLES)]
    low, high = np.percentile(np.concatenate(means), _TAILS, axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def paired_p(first: Values, second: Values) -> list[float]:
    """For each column how likely a difference of means at least as large is, were both runs equally good (two-sided).

    Fisher's randomisation test: each question's two values change sides by the toss of a coin (Smucker, Allan and
    Carterette 2007, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation").
    """
    differences = first - second
    seen = np.abs(differences.sum(0))
    rng = np.random.default_rng(0)
    # What differs by rounding only is as large.
    reached = sum(
        (np.abs(rng.choice((-1.0, 1.0), (count, len(differences))) @ differences) >= seen - 1e-9).sum(0)
        for count in _pieces(_FLIPS)
    )
    p: list[float] = ((reached + 1) / (_FLIPS + 1)).tolist()
    return p


def auroc(positives: Values, negatives: Values) -> float:
    """How likely a positive scores above a negative, ties counting half (Mann and Whitney 1947); NaN where one side is empty."""
    if not (len(positives) and len(negatives)):
        return float("nan")
    ranked = np.sort(negatives)
    below = np.searchsorted(ranked, positives, "left")
    up_to = np.searchsorted(ranked, positives, "right")
    return float((below + up_to).mean() / (2 * len(negatives)))


def auroc_interval(positives: Values, negatives: Values) -> Interval:
    """The 95 % interval of the AUROC: the percentile bootstrap over both sides, with a fixed seed."""
    rng = np.random.default_rng(0)
    drawn = [auroc(rng.choice(positives, len(positives)), rng.choice(negatives, len(negatives))) for _ in range(_RESAMPLES)]
    low, high = np.percentile(drawn, _TAILS)
    return float(low), float(high)


def _pieces(total: int) -> Iterator[int]:
    """So many at once that their arrays stay small."""
    yield from (min(_AT_ONCE, total - done) for done in range(0, total, _AT_ONCE))


# How good rankings are, by ir-measures; the only module that imports it.

MEASURES = {
    "hit@1": "Success(rel={right})@1",
    "recall@5": "Success(rel={right})@5",
    "recall@10": "Success(rel={right})@10",
    "mrr@10": "RR(rel={right})@10",
    "ndcg@10": "nDCG@10",
    "R@5": "R(rel={right})@5",
    "R@10": "R(rel={right})@10",
}
"""Our names and those of ir-measures. A question counts as found, in recall@k, when any right excerpt is among the first k;
R@k, below it in reports, is the share of all right excerpts that are."""

DEPTH = 10
"""The rank that no measure looks beyond."""


def measure(golds: Sequence[Gold], run: Run) -> Values:
    """The measures of each question, shape (questions, measures); a question that the run does not have scores 0.

    Raises:
        ExtraMissing: ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as missing:
        raise ExtraMissing(
            "evaluation needs ir-measures, which is not installed",
            rule="measures are taken by a maintained library",
            remedy="install it with: pip install 'ibid-rag[evaluate]'",
        ) from missing
    right = golds[0].right_from if golds else 1
    measures = [ir_measures.parse_measure(name.format(right=right)) for name in MEASURES.values()]
    columns = {each: column for column, each in enumerate(measures)}
    rows = {gold.question.id: row for row, gold in enumerate(golds)}
    qrels = [ir_measures.Qrel(gold.question.id, excerpt, grade) for gold in golds for excerpt, grade in gold.grades.items()]
    hits = [ir_measures.ScoredDoc(question, *hit) for question, ranking in run.items() if question in rows for hit in ranking]
    values = np.zeros((len(golds), len(measures)))
    for found in ir_measures.iter_calc(measures, qrels, hits):
        values[rows[found.query_id], columns[found.measure]] = found.value
    return values


# Two runs of the same questions side by side, with a paired test of each measure.


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


# Whether confidence means what it says: of the questions told .7 about seven in ten should be answered.

DECILES = 10


class Decile(msgspec.Struct, frozen=True):
    """Of the questions whose confidence lies in one tenth: how many, their mean confidence, and the share that is right."""

    questions: int
    confidence: float
    right: float


def reliability(confidence: Values, right: Values) -> tuple[tuple[Decile, ...], float]:
    """The tenths of confidence that hold questions, and the expected calibration error over them.

    Guo et al. 2017, "On Calibration of Modern Neural Networks": the mean difference between confidence and share, by questions.

    Args:
        confidence: of each question, in [0, 1].
        right: 1 where what was shown answers it, else 0.
    """
    tenth = np.minimum((confidence * DECILES).astype(int), DECILES - 1)
    deciles = tuple(
        Decile(int(among.sum()), float(confidence[among].mean()), float(right[among].mean()))
        for each in range(DECILES)
        if (among := tenth == each).any()
    )
    error = sum(each.questions * abs(each.confidence - each.right) for each in deciles) / max(1, len(confidence))
    return deciles, error
