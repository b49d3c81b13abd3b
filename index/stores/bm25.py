"""BM25 over all entries at once: questions add up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from index.lexicon import Lexicon
from index.runs import runs
from index.stores import Ids, Numbers, Scores, Term
from index.stores.postings import Postings
from index.stores.terms import stems

_COMMON = 1 / 8
"""Share of all entries from which a term's postings are spread out over all entries when it is first asked for: adding
two whole rows is then faster than adding at places."""

_SPREAD_BYTES = 4_000_000

_REMEMBERED = 4096
"""Words whose postings are kept once they were looked up."""


class _Run(NamedTuple):
    """The postings of one term, and the score that BM25 approaches for it and never reaches."""

    start: int
    length: int
    ceiling: float


class Bm25:
    """A WordStore over postings; safe to search from many threads.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework",
    section 3.3), with exact lengths.
    """

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self._numbers = {term: number for number, term in enumerate(postings.terms)}
        self._lexicon = Lexicon(
            len(postings.ids), dict(zip(postings.terms, np.diff(postings.starts).tolist(), strict=True)), stems
        )
        self._ends = np.cumsum(postings.lengths, dtype=np.int64)
        room = max(1, _SPREAD_BYTES // (4 * max(1, len(postings.ids))))
        self._run = lru_cache(_REMEMBERED)(self._find_run)
        self._spread = lru_cache(room)(self._spread_out)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self.postings.ids

    @property
    def lexicon(self) -> Lexicon:
        """The stems of text and context, and how many entries hold each."""
        return self._lexicon

    def scores(self, questions: Sequence[Sequence[Term]]) -> Scores:
        """BM25 scores, shape (questions, entries): of each question's terms in every entry, by ascending id; 0 for none."""
        total = np.zeros((len(questions), len(self.ids)), np.float32)
        rare: list[tuple[int, int, int, float]] = []
        for number, question in enumerate(questions):
            for term in question:
                known = [(run, weight) for word, weight in term.spellings if (run := self._run(word)) is not None]
                if len(known) > 1:
                    # Of several spellings of one word the one that gives most counts, in each entry.
                    total[number] += np.maximum.reduce([self._gains(run, weight) for run, weight in known])
                    continue
                for run, weight in known:
                    if self._is_common(run):
                        total[number] += self._gains(run, weight)
                    else:
                        rare.append((number * total.shape[1], run.start, run.length, weight * run.ceiling))
        self._add(total, rare)
        return total

    def places(self, terms: Sequence[str]) -> tuple[Numbers, Ids]:
        """Where each of some terms stands among the words of all entries, in order of the terms; and which of the terms it is."""
        known = [(at, self._numbers[term]) for at, term in enumerate(terms) if term in self._numbers]
        which, numbers = np.array(known, np.int64).reshape(-1, 2).T
        firsts = self.postings.firsts[numbers]
        counts = self.postings.firsts[numbers + 1] - firsts
        return self.postings.places[runs(firsts, counts)], np.repeat(which, counts)

    @property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all entries, by ascending id."""
        return self._ends

    def _find_run(self, word: str) -> _Run | None:
        if (number := self._numbers.get(word)) is None:
            return None
        start, end = self.postings.starts[number : number + 2].tolist()
        return _Run(start, end - start, self._lexicon.ceiling_of(end - start))

    def _is_common(self, run: _Run) -> bool:
        return run.length > _COMMON * len(self.ids)

    def _gains(self, run: _Run, weight: float) -> Scores:
        """What a term gives every entry."""
        shares = self._spread(run) if self._is_common(run) else self._spread_out(run)
        gains: Scores = shares * np.float32(weight * run.ceiling)
        return gains

    def _add(self, total: Scores, terms: Sequence[tuple[int, int, int, float]]) -> None:
        """Adds what terms give each entry: for each where its scores begin, its postings' start and length, and its factor."""
        if not terms:
            return
        before, starts, counts, factors = zip(*terms, strict=True)
        places = runs(np.array(starts), np.array(counts))
        rows = self.postings.rows[places] + np.repeat(before, counts)
        np.add.at(total.reshape(-1), rows, self.postings.shares[places] * np.repeat(np.array(factors, np.float32), counts))

    def _spread_out(self, run: _Run) -> Scores:
        which = slice(run.start, run.start + run.length)
        spread = np.zeros(len(self.ids), np.float32)
        spread[self.postings.rows[which]] = self.postings.shares[which]
        return spread
