"""What chance allows: bootstrap intervals, and a paired test of two runs."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

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
