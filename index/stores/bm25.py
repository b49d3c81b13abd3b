"""BM25 over all entries at once: a question adds up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import lru_cache

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


class Bm25:
    """A WordStore over postings; safe to search from many threads.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework",
    section 3.3), with exact lengths.
    """

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self._starts = postings.starts.tolist()
        self._numbers = {term: number for number, term in enumerate(postings.terms)}
        self._lexicon = Lexicon(
            len(postings.ids), dict(zip(postings.terms, np.diff(postings.starts).tolist(), strict=True)), stems
        )
        self._ends = np.cumsum(postings.lengths, dtype=np.int64)
        room = max(1, _SPREAD_BYTES // (4 * max(1, len(postings.ids))))
        self._spread = lru_cache(room)(self._spread_out)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self.postings.ids

    @property
    def lexicon(self) -> Lexicon:
        """The stems of text and context, and how many entries hold each."""
        return self._lexicon

    def scores(self, terms: Sequence[Term]) -> Scores:
        """The BM25 score of every entry, by ascending id; 0 where an entry holds none of the terms."""
        total = np.zeros(len(self.ids), np.float32)
        for term in terms:
            spellings = [(self._numbers[word], weight) for word, weight in term.spellings if word in self._numbers]
            if len(spellings) == 1:
                self._add(total, *spellings[0])
            elif spellings:
                total += self._best(spellings)
        return total

    def words(self, rows: Ids) -> tuple[Numbers, Ids]:
        """The words of some entries (by their places among ``ids``) as numbers of terms, and where each entry ends in them."""
        lengths = self.postings.lengths[rows]
        words = self.postings.words[runs(self._ends[rows] - lengths, lengths)]
        return words, np.cumsum(lengths)

    def number(self, term: str) -> int | None:
        """The number that stands for a term, None where no entry holds it."""
        return self._numbers.get(term)

    def _add(self, total: Scores, number: int, weight: float) -> None:
        start, end = self._starts[number], self._starts[number + 1]
        factor = np.float32(weight * self._lexicon.ceiling_of(end - start))
        if end - start > _COMMON * len(total):
            total += self._spread(number) * factor
        else:
            total[self.postings.rows[start:end]] += self.postings.shares[start:end] * factor

    def _best(self, spellings: Sequence[tuple[int, float]]) -> Scores:
        """Of several spellings of one word the one that gives most, in each entry."""
        best = np.zeros(len(self.ids), np.float32)
        for number, weight in spellings:
            alone = np.zeros(len(best), np.float32)
            self._add(alone, number, weight)
            np.maximum(best, alone, out=best)
        return best

    def _spread_out(self, number: int) -> Scores:
        start, end = self._starts[number], self._starts[number + 1]
        spread = np.zeros(len(self.ids), np.float32)
        spread[self.postings.rows[start:end]] = self.postings.shares[start:end]
        return spread
