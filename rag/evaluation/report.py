"""All figures of an evaluation as one object."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import numpy as np

from index.collection import Collection
from index.records import Counts, Excerpt
from rag.evaluation.formats import FAR, NEAR
from rag.evaluation.gold import Gold
from rag.evaluation.outcomes import STAGES, Outcome, Stage
from rag.evaluation.statistics import (
    DEPTH,
    MEASURES,
    Decile,
    Interval,
    Values,
    auroc,
    auroc_interval,
    intervals,
    measure,
    reliability,
)
from rag.evaluation.trec import Ranking, Run
from rag.records import Hit

# What went wrong, question by question: what was found instead of the right excerpt.

Failing = Literal["not found", "refused", "answered", "not first"]
"""Not among the first ten; found, but refused; answered though there is no answer; found, but not first."""

_ORDER: tuple[Failing, ...] = ("not found", "refused", "answered", "not first")

_SHOWN = 160


class Told(msgspec.Struct, frozen=True):
    """An excerpt in brief."""

    excerpt: str
    citation: str
    text: str


class Failure(msgspec.Struct, frozen=True):
    """A question that went wrong: what was found first, what is right, and its rank (None where it is not among the hits)."""

    question: str
    text: str
    type: str
    failing: Failing
    confidence: float
    rank: int | None
    found: Told | None
    right: Told | None


def failures_of(outcomes: Sequence[Outcome], run: Run, collection: Collection) -> tuple[Failure, ...]:
    """Questions whose first hit is not right, or that were refused or answered wrongly; the worst come first."""
    failed = [
        _failure(outcome, failing, rank, collection)
        for outcome in outcomes
        if (failing := _failing(outcome, rank := _rank(outcome.gold, run[outcome.gold.question.id])))
    ]
    return tuple(sorted(failed, key=lambda failure: (_ORDER.index(failure.failing), -(failure.rank or 0))))


def _failing(outcome: Outcome, rank: int | None) -> Failing | None:
    if not outcome.gold.question.answerable:
        return "answered" if outcome.status == "answered" else None
    if rank is None or rank > DEPTH:
        return "not found"
    if outcome.status == "nothing_relevant":
        return "refused"
    return "not first" if rank > 1 else None


def _rank(gold: Gold, ranking: Ranking) -> int | None:
    return next((rank for rank, (excerpt, _) in enumerate(ranking, 1) if excerpt in gold.right), None)


def _failure(outcome: Outcome, failing: Failing, rank: int | None, collection: Collection) -> Failure:
    question = outcome.gold.question
    right = collection.excerpts(sorted(outcome.gold.right)[:1])
    return Failure(
        question.id,
        question.text,
        question.type,
        failing,
        outcome.confidence,
        rank,
        found=_told(outcome.first.excerpt, outcome.first.highlights[0].start) if outcome.first else None,
        right=_told(right[0], *outcome.gold.starts.get(right[0].id, ())[:1]) if right else None,
    )


def _told(excerpt: Excerpt, start: int = 0) -> Told:
    """The excerpt's citation, and its text from ``start`` on."""
    shown = " ".join(excerpt.text[start : start + _SHOWN].split())
    cut = "…" if start + _SHOWN < len(excerpt.text) else ""
    return Told(excerpt.id, excerpt.citation.raw if excerpt.citation else "", f"{'…' if start else ''}{shown}{cut}")


Figures = dict[str, float]


class Abstention(msgspec.Struct, frozen=True):
    """Whether confidence tells what the collection answers from what it does not; None where the set has no such questions.

    AUROC of answerable questions against far misses, near misses, and themselves without their right excerpts
    (``removed``); shares of questions refused ("nothing_relevant"): of the answerable ones falsely, of the others rightly.
    ``reliability`` and ``calibration_error`` are over all questions, and the answerable ones again without their right excerpts.
    """

    auroc_far: float | None
    auroc_near: float | None
    auroc_removed: float | None
    false_refusal: float | None
    refused_far: float | None
    refused_near: float | None
    intervals: dict[str, Interval]
    reliability: tuple[Decile, ...] = ()
    calibration_error: float | None = None


class Highlighting(msgspec.Struct, frozen=True):
    """Of the first hits that are right: how many they are, and the share whose highlight holds an answer's start.

    ``length`` is the median share of its excerpt that a highlight takes.
    """

    hits: int
    share: float | None
    length: float | None


class Timing(msgspec.Struct, frozen=True):
    """Milliseconds a question: encoding (in batches), finding (median and 95th percentile), each further stage (median)."""

    encode_ms: float
    find_ms: float
    find_p95_ms: float
    rerank_ms: float
    late_ms: float = 0.0
    read_ms: float = 0.0


class Report(msgspec.Struct, frozen=True):
    """Everything. ``stages`` holds means over the answerable questions, ``intervals`` their 95 % bootstrap intervals."""

    questions: dict[str, int]
    collection: Counts
    embedder: str
    stages: dict[Stage, Figures]
    intervals: dict[Stage, dict[str, Interval]]
    types: dict[str, dict[Stage, Figures]]
    abstention: Abstention
    highlight: Highlighting
    timing: Timing
    unplaced_answers: int
    failures: tuple[Failure, ...]


def runs_of(outcomes: Sequence[Outcome]) -> dict[Stage, Run]:
    """Each stage's run over all questions."""
    ran = [stage for stage in STAGES if all(stage in outcome.rankings for outcome in outcomes)]
    return {stage: {outcome.gold.question.id: outcome.rankings[stage] for outcome in outcomes} for stage in ran}


def report_on(outcomes: Sequence[Outcome], collection: Collection) -> Report:
    """The figures of one pass."""
    answerable = [outcome for outcome in outcomes if outcome.gold.question.answerable]
    golds = [outcome.gold for outcome in answerable]
    runs = runs_of(outcomes)
    values = {stage: measure(golds, run) for stage, run in runs.items()}
    types = Counter(outcome.gold.question.type for outcome in outcomes)
    return Report(
        dict(types),
        collection.counts,
        collection.embedder.name,
        stages={stage: _means(each) for stage, each in values.items()} if golds else {},
        intervals={stage: dict(zip(MEASURES, intervals(each), strict=True)) for stage, each in values.items()} if golds else {},
        types={kind: _of_type(kind, golds, values) for kind in types if kind not in (FAR, NEAR)},
        abstention=abstention_of(outcomes),
        highlight=_highlighting(answerable),
        timing=_timing(outcomes),
        unplaced_answers=sum(outcome.gold.unplaced for outcome in outcomes),
        failures=failures_of(outcomes, runs[max(runs, key=STAGES.index)], collection),
    )


def _means(values: Values) -> Figures:
    return dict(zip(MEASURES, values.mean(0).tolist(), strict=True))


def _of_type(kind: str, golds: Sequence[Gold], values: dict[Stage, Values]) -> dict[Stage, Figures]:
    rows = [row for row, gold in enumerate(golds) if gold.question.type == kind]
    return {stage: _means(each[rows]) for stage, each in values.items()}


def abstention_of(outcomes: Sequence[Outcome]) -> Abstention:
    """How well confidence tells answers from misses, and whether it means what it says."""
    answerable = [outcome for outcome in outcomes if outcome.gold.question.answerable]
    far, near = ([outcome for outcome in outcomes if outcome.gold.question.type == kind] for kind in (FAR, NEAR))
    sure = _array(answerable, lambda outcome: outcome.confidence)
    against = {
        "auroc_far": _array(far, lambda outcome: outcome.confidence),
        "auroc_near": _array(near, lambda outcome: outcome.confidence),
        "auroc_removed": _array(answerable, lambda outcome: outcome.removed),
    }
    scored = {name: others for name, others in against.items() if len(others) and len(sure)}
    areas = {name: auroc(sure, others) for name, others in scored.items()}
    return Abstention(
        areas.get("auroc_far"),
        areas.get("auroc_near"),
        areas.get("auroc_removed"),
        _refused(answerable),
        _refused(far),
        _refused(near),
        {name: auroc_interval(sure, others) for name, others in scored.items()},
        *_reliability(outcomes),
    )


def _reliability(outcomes: Sequence[Outcome]) -> tuple[tuple[Decile, ...], float]:
    """Of all questions, and of the answerable ones once more without their right excerpts, where nothing answers."""
    without = [outcome.removed for outcome in outcomes if outcome.gold.question.answerable]
    right = [float(outcome.found) for outcome in outcomes] + [0.0] * len(without)
    return reliability(np.array([outcome.confidence for outcome in outcomes] + without), np.array(right))


def _refused(outcomes: Sequence[Outcome]) -> float | None:
    return sum(outcome.status == "nothing_relevant" for outcome in outcomes) / len(outcomes) if outcomes else None


def _array(outcomes: Sequence[Outcome], told: Callable[[Outcome], float]) -> Values:
    return np.array([told(outcome) for outcome in outcomes], np.float64)


def right_first_hits(outcomes: Sequence[Outcome]) -> list[tuple[Hit, bool]]:
    """The first hits that are right, where the set says at which place of them answers start; whether the highlight holds one."""
    right = [
        (outcome.first, starts)
        for outcome in outcomes
        if outcome.first and (starts := outcome.gold.starts.get(outcome.first.excerpt.id))
    ]
    return [(hit, any(span.start <= start < span.end for span in hit.highlights for start in starts)) for hit, starts in right]


def highlighted(hit: Hit) -> int:
    """Characters of a hit's highlight."""
    return sum(span.end - span.start for span in hit.highlights)


def _highlighting(outcomes: Sequence[Outcome]) -> Highlighting:
    """Sets that do not say where in an excerpt an answer starts have nothing to count."""
    right = right_first_hits(outcomes)
    lengths = [highlighted(hit) / len(hit.excerpt.text) for hit, _ in right]
    share = float(np.mean([held for _, held in right])) if right else None
    return Highlighting(len(right), share, float(np.median(lengths)) if lengths else None)


def _timing(outcomes: Sequence[Outcome]) -> Timing:
    encode, find, rerank, late, read = (
        1000 * _array(outcomes, told)
        for told in (
            lambda outcome: outcome.seconds.encode,
            lambda outcome: outcome.seconds.find,
            lambda outcome: outcome.seconds.rerank,
            lambda outcome: outcome.seconds.late,
            lambda outcome: outcome.seconds.read,
        )
    )
    medians = [float(np.median(taken)) for taken in (rerank, late, read)]
    return Timing(float(encode.mean()), float(np.median(find)), float(np.percentile(find, 95)), *medians)
