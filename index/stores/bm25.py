"""BM25 over all entries at once: questions add up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from index.arrays import runs
from index.lexicon import Lexicon
from index.stores import Ids, Numbers, Scores, Term
from index.stores.postings import Postings
from index.stores.terms import stems

_COMMON = 1 / 8
"""Share of all entries from which a term's scores are spread out over all entries when it is first asked for: adding two whole
rows is then faster than adding at places."""

_SPREAD_BYTES = 2_000_000
"""What spread-out scores of terms asked for lately may take."""

_REMEMBERED = 4096
"""Words of questions whose postings are kept once they were looked up."""


class _Sparse(NamedTuple):
    """The postings of a term that few entries hold: where they start, how many there are, and what a share of 1 gains."""

    start: int
    length: int
    factor: float


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
        self._sparse = lru_cache(_REMEMBERED)(self._find_sparse)
        self._row = lru_cache(room)(self._spread_out)

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
        sparse: list[tuple[int, int, int, float]] = []
        for number, question in enumerate(questions):
            for term in question:
                if (found := self._sparse(term)) is None:
                    total[number] += self._row(term)
                elif found.length:
                    sparse.append((number * total.shape[1], *found))
        self._add(total, sparse)
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

    def _find_sparse(self, term: Term) -> _Sparse | None:
        """None for a term that many entries hold, or that has several spellings here."""
        known = [(run, weight) for word, weight in term.spellings if (run := self._run(word))]
        if not known:
            return _Sparse(0, 0, 0)
        run, weight = known[0]
        if len(known) > 1 or len(run) > _COMMON * len(self.ids):
            return None
        return _Sparse(run.start, len(run), weight * self._lexicon.ceiling_of(len(run)))

    def _run(self, word: str) -> range:
        """Where a word's postings stand."""
        number = self._numbers.get(word)
        return range(0) if number is None else range(*self.postings.starts[number : number + 2].tolist())

    def _spread_out(self, term: Term) -> Scores:
        """What a term gives every entry: in each the spelling that gives most."""
        gains = np.zeros(len(self.ids), np.float32)
        for word, weight in term.spellings:
            which = slice((run := self._run(word)).start, run.stop)
            rows = self.postings.rows[which]
            given = self.postings.shares[which] * np.float32(weight * self._lexicon.ceiling_of(len(run)))
            gains[rows] = np.maximum(gains[rows], given)
        return gains

    def _add(self, total: Scores, terms: Sequence[tuple[int, int, int, float]]) -> None:
        """Adds what sparse terms give each entry: for each where the scores of its question begin, and its postings."""
        if not terms:
            return
        before, starts, lengths, factors = zip(*terms, strict=True)
        places = runs(np.array(starts), np.array(lengths))
        rows = self.postings.rows[places] + np.repeat(before, lengths)
        np.add.at(total.reshape(-1), rows, self.postings.shares[places] * np.repeat(np.array(factors, np.float32), lengths))
