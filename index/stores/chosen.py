"""Words of few entries among many: candidates by BM25, and what a word store holds of chosen entries.

What is chosen is scored by the same numbers as where all entries are, so that scores are equal to the last bit.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import runs
from index.stores import Ids, Lexicon, Mask, Numbers, Scores, Term

if TYPE_CHECKING:
    from index.stores.bm25 import Bm25

BUDGET = 300_000
"""Postings of a question that choose candidates; the commonest words beyond are left out, and count in the exact scores again.
With 100,000 of them .983 of the best ten of 10⁶ windows are among the candidates, with 300,000 all, as with two million."""


class WordCandidates:
    """Chooses entries of a word store by BM25; safe to use from many threads, each of which holds a number an entry."""

    def __init__(self, store: "Bm25", budget: int = BUDGET) -> None:
        self._store = store
        self._budget = budget
        self._own = threading.local()

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """About the best ``limit`` entries of a question, by row, ascending; only of ``among`` where given, a row each.

        The rarest word is always looked up. Spellings of one word are added up here.
        """
        total = self._total()
        fresh: list[Numbers] = []
        for rows, gains in self._postings(question):
            if among is not None:
                inside = among[rows]
                rows, gains = rows[inside], gains[inside]  # noqa: PLW2901 — the same, limited
            scores = total[rows]
            fresh.append(rows[scores == 0])
            total[rows] = scores + gains
        found = np.concatenate(fresh) if fresh else np.empty(0, np.int32)
        scores = total[found]
        total[found] = 0
        if limit < len(found):
            found = found[np.argpartition(-scores, limit)[:limit]]
        chosen: Ids = np.sort(found).astype(np.int64)
        return chosen

    def _postings(self, question: Sequence[Term]) -> list[tuple[Numbers, Scores]]:
        """The postings of the rarest spellings that the budget allows, with what each gains; what gains nothing is left out."""
        asked = [(self._store.run(word), weight) for term in question for word, weight in term.spellings if weight > 0]
        chosen: list[tuple[Numbers, Scores]] = []
        left = self._budget
        for run, weight in sorted(((run, weight) for run, weight in asked if run), key=lambda each: len(each[0])):
            left -= len(run)
            if left < 0 and chosen:
                break
            which = slice(run.start, run.stop)
            factor = np.float32(weight * self._store.lexicon.ceiling_of(len(run)))
            chosen.append((self._store.postings.rows[which], self._store.postings.shares[which] * factor))
        return chosen

    def _total(self) -> Scores:
        """A number an entry, all 0, kept for this thread's next question."""
        if not hasattr(self._own, "total"):
            self._own.total = np.zeros(len(self._store.ids), np.float32)
        total: Scores = self._own.total
        return total


class SomeEntries:
    """A WordStore of chosen entries of another one, with the statistics of all.

    Args:
        store: where they are chosen from.
        rows: which they are, ascending.
    """

    def __init__(self, store: "Bm25", rows: Ids) -> None:
        self._store = store
        self._rows = rows.astype(np.int32)
        lengths = store.postings.lengths[rows].astype(np.int64)
        self.ids: Ids = store.ids[rows]
        self.ends: Ids = np.cumsum(lengths)
        self._local = self.ends - lengths
        stops = store.ends[rows]
        # Of the places' own type: searching for another one would copy all places of a word.
        self._starts, self._stops = (stops - lengths).astype(np.int32), stops.astype(np.int32)

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """The best ``limit`` rows of a question, ascending: they are few enough to score each."""
        scores = self.scores([question])[0]
        rows: Ids = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
        best = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
        return np.sort(best)

    def some(self, rows: Ids) -> "SomeEntries":
        """The store of these rows of this one."""
        return SomeEntries(self._store, self._rows[rows].astype(np.int64))

    @property
    def lexicon(self) -> Lexicon:
        """That of the whole store."""
        return self._store.lexicon

    def scores(self, questions: Sequence[Sequence[Term]]) -> Scores:
        """BM25 scores, shape (questions, entries), each what the whole store gives the entry."""
        total = np.zeros((len(questions), len(self._rows)), np.float32)
        for scores, question in zip(total, questions, strict=True):
            # In the order in which the whole store adds them up, so that sums of float32 are the same.
            for term in sorted(question, key=self._store.is_sparse):
                self._add(scores, term)
        return total

    def places(self, terms: Sequence[str]) -> tuple[Numbers, Ids]:
        """Where some terms stand among the words of these entries, term by term, ascending; and which of the terms it is."""
        found = [self._places_of(term) for term in terms]
        counts = [len(each) for each in found]
        return np.concatenate([np.empty(0, np.int32), *found]), np.repeat(np.arange(len(terms)), counts)

    def _add(self, scores: Scores, term: Term) -> None:
        """Adds what a term gives each entry: in each the spelling that gives most."""
        gains = np.zeros(len(self._rows), np.float32)
        for word, weight in term.spellings:
            if run := self._store.run(word):
                which, postings = self._shared(self._store.postings.rows[run.start : run.stop])
                shares = self._store.postings.shares[run.start : run.stop][postings]
                given = shares * np.float32(weight * self._store.lexicon.ceiling_of(len(run)))
                gains[which] = np.maximum(gains[which], given)
        scores += gains

    def _shared(self, holding: Numbers) -> tuple[Ids, Ids]:
        """Which of these entries are among those that hold a word, and where they stand among them; the fewer are looked up."""
        few, many = (self._rows, holding) if len(self._rows) < len(holding) else (holding, self._rows)
        at = np.searchsorted(many, few)
        both = np.flatnonzero(many[np.minimum(at, len(many) - 1)] == few) if len(many) else np.empty(0, np.int64)
        return (both, at[both]) if few is self._rows else (at[both], both)

    def _places_of(self, term: str) -> Numbers:
        places = self._store.places_of(term)
        firsts = np.searchsorted(places, self._starts)
        counts = np.searchsorted(places, self._stops) - firsts
        own = places[runs(firsts, counts)] - np.repeat(self._starts - self._local.astype(np.int32), counts)
        return own.astype(np.int32)
