"""BM25 over all entries at once: a question adds up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from index.lexicon import Lexicon
from index.stores import Ids, Numbers, Scores, Term
from index.stores.postings import Postings
from index.stores.terms import stems

_COMMON = 1 / 8
"""Share of all entries from which a term's postings are spread out over all entries when it is first asked for: adding
two whole rows is then faster than adding at places."""

_SPREAD_BYTES = 4_000_000

_NOWHERE: Numbers = np.empty(0, np.int32)


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
        numbered = [[(self._numbers[word], weight) for word, weight in term.spellings if word in self._numbers] for term in terms]
        total = self._sum([spellings[0] for spellings in numbered if len(spellings) == 1])
        for spellings in numbered:
            if len(spellings) > 1:
                # Of several spellings of one word the one that gives most counts, in each entry.
                total += np.maximum.reduce([self._sum([spelling]) for spelling in spellings])
        return total

    def places(self, term: str) -> Numbers:
        """Where a term stands among the words of all entries, one entry after the other, ascending; empty for an unknown one."""
        number = self._numbers.get(term)
        return _NOWHERE if number is None else self.postings.places[slice(*self.postings.firsts[number : number + 2])]

    @property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all entries, by ascending id."""
        return self._ends

    def _sum(self, terms: Sequence[tuple[int, float]]) -> Scores:
        """What terms, by number and weight, give each entry together."""
        total = np.zeros(len(self.ids), np.float32)
        rows, gains = [], []
        for number, weight in terms:
            start, end = self._starts[number], self._starts[number + 1]
            factor = np.float32(weight * self._lexicon.ceiling_of(end - start))
            if end - start > _COMMON * len(total):
                total += self._spread(number) * factor
            else:
                rows.append(self.postings.rows[start:end])
                gains.append(self.postings.shares[start:end] * factor)
        if rows:
            np.add.at(total, np.concatenate(rows), np.concatenate(gains))
        return total

    def _spread_out(self, number: int) -> Scores:
        start, end = self._starts[number], self._starts[number + 1]
        spread = np.zeros(len(self.ids), np.float32)
        spread[self.postings.rows[start:end]] = self.postings.shares[start:end]
        return spread
