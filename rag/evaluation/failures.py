"""What went wrong, question by question: what was found instead of the right excerpt."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from index.collection import Collection
from index.records import Excerpt
from rag.evaluation.gold import Gold
from rag.evaluation.measures import DEPTH
from rag.evaluation.outcomes import Outcome
from rag.evaluation.trec import Ranking, Run

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
