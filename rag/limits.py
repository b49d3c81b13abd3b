"""Why a question's own limits, its filters and phrases, leave nothing: another outcome than a collection without an answer.

A value that no excerpt has, a phrase that occurs nowhere and answers that lie outside the filters are each told as such.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from index.collection import Collection
from index.filters import FILTERS, Filters
from index.stores import Ids
from index.text import fold
from rag.calibration import Calibration, judge
from rag.records import Limit, Question, Status
from rag.scoring import LEADING, ScoredCandidates

_NEAREST = 3
"""Values named in the place of one that does not exist."""

_ALIKE = 60.0
"""Similarity, from 0 to 100, from which a value is worth naming (rapidfuzz's WRatio; 100 is equal)."""

_BEST = 10
"""Excerpts looked at outside the filters: as many as a page of results."""


def absent_phrases(collection: Collection, phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases that occur in no excerpt, compared word by word, whatever the filters."""
    return tuple(phrase for phrase in phrases if not len(collection.phrases.holding((phrase,))))


def outcome_within_limits(
    collection: Collection, question: Question, candidates: ScoredCandidates, status: Status, calibration: Calibration
) -> tuple[Status, tuple[Limit, ...]]:
    """What a question comes to, its own limits considered, and what is to be said of them.

    Args:
        collection: where it was asked.
        question: as parsed.
        candidates: its evidence.
        status: what the evidence within the limits comes to.
        calibration: how scores of this collection are read.
    """
    absent = tuple(Limit("phrase_absent", value=phrase) for phrase in question.absent_phrases)
    if status == "nothing_relevant" and (question.filters or question.phrases):
        if unknown := _unknown_values(collection, question.filters):
            return "no_such_filter_value", (*unknown, *absent)
        if outside := _outside(candidates, calibration):
            return "filtered_out", (Limit("filtered_out", outside=outside), *absent)
    return ("phrase_absent", absent) if absent else (status, ())


def _outside(candidates: ScoredCandidates, calibration: Calibration) -> int:
    """How many of the best excerpts lie outside the limits, where they would answer without these; else 0."""
    beyond = candidates.unlimited(LEADING)
    if judge(beyond.strength, calibration, candidates.asked.allowed).status == "nothing_relevant":
        return 0
    within = candidates.best(LEADING).keys
    return int(np.count_nonzero(~np.isin(beyond.keys[:_BEST], within)))


def _unknown_values(collection: Collection, filters: Filters) -> tuple[Limit, ...]:
    """For each value of a filter that no excerpt of the collection has: which have, by likeness."""
    return tuple(
        Limit("no_such_filter_value", field, value, _nearest(value, each.known(collection)))
        for field, each in FILTERS.items()
        if each.known
        for value in getattr(filters, field)
        if not len(_excerpts(collection, field, value))
    )


def _excerpts(collection: Collection, field: str, value: str) -> Ids:
    keys = collection.excerpt_keys(msgspec.convert({field: (value,)}, Filters))
    return np.empty(0, np.int64) if keys is None else keys


def _nearest(value: str, names: Iterable[str]) -> tuple[str, ...]:
    from rapidfuzz import fuzz, process

    found = process.extract(value, sorted(set(names)), scorer=fuzz.WRatio, processor=fold, limit=_NEAREST, score_cutoff=_ALIKE)
    return tuple(name for name, _, _ in found)
