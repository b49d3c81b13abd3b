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
    from index.stores.bm25 import Bm25, Segment

BUDGET = 300_000
"""Postings of a question that choose candidates; the commonest words beyond are left out, and count in the exact scores again.
With 100,000 of them .983 of the best ten of 10⁶ windows are among the candidates, with 300,000 all, as with two million."""

_LEAST = 10_000
_SHARE = 0.5
"""Of a smaller store at most so many postings an entry: words that half of it holds choose no better there."""


class WordCandidates:
    """Chooses entries of a word store by BM25; safe to use from many threads, each of which holds a number an entry."""

    def __init__(self, store: "Bm25", budget: int | None = None) -> None:
        self._store = store
        self._budget = min(BUDGET, max(_LEAST, int(_SHARE * store.index.count))) if budget is None else budget
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
        asked = [
            (self._store.frequency(word), word, weight) for term in question for word, weight in term.spellings if weight > 0
        ]
        chosen: list[tuple[Numbers, Scores]] = []
        left = self._budget
        for count, word, weight in sorted((each for each in asked if each[0]), key=lambda each: each[0]):
            left -= count
            if left < 0 and chosen:
                break
            rows, counts = self._store.posted(word)
            factor = np.float32(weight * self._store.lexicon.ceiling_of(count))
            chosen.append((rows, self._store.shares(rows, counts) * factor))
        return chosen

    def _total(self) -> Scores:
        """A number an entry, all 0, kept for this thread's next question."""
        if not hasattr(self._own, "total"):
            self._own.total = np.zeros(self._store.index.count, np.float32)
        total: Scores = self._own.total
        return total


class _Chosen:
    """Chosen entries of one segment: their places in it, their rows in the whole index, and which of all chosen ones they are.

    ``starts`` and ``stops`` say where their words stand in the segment, ``ends`` where each ends among the words of all chosen.
    """

    def __init__(self, segment: "Segment", rows: Ids, at: slice, words_before: int) -> None:
        self.segment = segment
        self.rows = rows
        self.at = at
        self.places = segment.places_of(rows)
        lengths = segment.postings.lengths[self.places].astype(np.int64)
        stops = segment.ends[self.places]
        # Of the words' own type: searching for another one would copy all places of a word.
        self.starts, self.stops = (stops - lengths).astype(np.int32), stops.astype(np.int32)
        self.ends = words_before + np.cumsum(lengths)
        self._moved = (stops - self.ends).astype(np.int32)

    def standing(self, number: int) -> Numbers:
        """Where a term of the segment stands among the words of all chosen entries."""
        words = self.segment.standing(number)
        firsts = np.searchsorted(words, self.starts)
        counts = np.searchsorted(words, self.stops) - firsts
        own: Numbers = words[runs(firsts, counts)] - np.repeat(self._moved, counts)
        return own

    def sharing(self, number: int) -> tuple[Ids, Ids]:
        """Which of these entries hold a term of the segment, and where they stand in its run; the fewer are looked up."""
        holding = self.segment.postings.rows[self.segment.run(number)]
        few, many = (self.places, holding) if len(self.places) < len(holding) else (holding, self.places)
        at = np.searchsorted(many, few)
        both = np.flatnonzero(many[np.minimum(at, len(many) - 1)] == few) if len(many) else np.empty(0, np.int64)
        return (both, at[both]) if few is self.places else (at[both], both)


class SomeEntries:
    """A WordStore of chosen entries of another one, with the statistics of all.

    Args:
        store: where they are chosen from.
        rows: which they are, ascending.
    """

    def __init__(self, store: "Bm25", rows: Ids) -> None:
        self._store = store
        self._rows = rows
        self.ids: Ids = store.ids[rows]
        self._chosen: dict[Segment, _Chosen] = {}
        words = 0
        firsts = np.searchsorted(rows, [*(each.first_row for each in store.index.segments), store.index.count]).tolist()
        for segment, first, stop in zip(store.index.segments, firsts, firsts[1:], strict=False):
            if first < stop:
                chosen = _Chosen(segment, rows[first:stop], slice(first, stop), words)
                self._chosen[segment] = chosen
                words = int(chosen.ends[-1])
        self.ends: Ids = np.concatenate([np.empty(0, np.int64), *(each.ends for each in self._chosen.values())])

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """The best ``limit`` rows of a question, ascending: they are few enough to score each."""
        scores = self.scores([question])[0]
        rows: Ids = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
        best = rows[np.argsort(-scores[rows], kind="stable")[:limit]]
        return np.sort(best)

    def some(self, rows: Ids) -> "SomeEntries":
        """The store of these rows of this one."""
        return SomeEntries(self._store, self._rows[rows])

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
        found = [(at, chosen.standing(number)) for at, term in enumerate(terms) for chosen, number in self._held(term)]
        which = np.array([at for at, _ in found], np.int64)
        places = [each for _, each in found]
        return np.concatenate([np.empty(0, np.int32), *places]), np.repeat(which, [len(each) for each in places])

    def _add(self, scores: Scores, term: Term) -> None:
        """Adds what a term gives each entry: in each the spelling that gives most."""
        gains = np.zeros(len(self._rows), np.float32)
        for word, weight in term.spellings:
            factor = np.float32(weight * self._store.lexicon.ceiling(word))
            for chosen, number in self._held(word):
                which, postings = chosen.sharing(number)
                counts = chosen.segment.postings.counts[chosen.segment.run(number)][postings]
                own = gains[chosen.at]
                own[which] = np.maximum(own[which], self._store.shares(chosen.rows[which], counts) * factor)
        scores += gains

    def _held(self, term: str) -> "list[tuple[_Chosen, int]]":
        """The segments that know a term and have entries that were chosen, each with the term's number there."""
        held = self._store.index.held(term)
        return [(self._chosen[segment], number) for segment, number in held if segment in self._chosen]
