"""BM25 over all entries at once: questions add up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.stores import K1, B, Ids, Lexicon, Mask, Numbers, Scores, Term
from index.stores.analysis import stems
from index.stores.chosen import SomeEntries, WordCandidates
from index.stores.postings import Counts
from index.stores.segments import WordIndex

_COMMON = 1 / 8
"""Share of all entries from which a term's scores are spread out over all entries when it is first asked for: adding two whole
rows is then faster than adding at places."""

_SPREAD_BYTES = 2_000_000
"""What spread-out scores of terms asked for lately may take."""

_REMEMBERED = 4096
"""Words of questions of which it is kept how they are added."""

_NOWHERE: Numbers = np.empty(0, np.int32)
_NONE: Counts = np.empty(0, np.uint8)


class _Sparse(NamedTuple):
    """A word that few entries hold, and what a share of 1 gains."""

    word: str
    factor: float


class Bm25:
    """A WordStore over a word index; safe to search from many threads.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework",
    section 3.3), with exact lengths. All that it needs is counted over the whole index, so that no score depends on how the
    entries came there.

    Args:
        index: the words of the entries.
        languages: those of the entries, the commonest first.
        lexicon: tells of more entries than these, and
        mean: how many words one of these has on average.
    """

    def __init__(
        self, index: WordIndex, languages: Sequence[str] = ("",), lexicon: Lexicon | None = None, mean: float | None = None
    ) -> None:
        self.index = index
        self._lexicon = lexicon or Lexicon(
            index.count,
            index.frequencies,
            lambda text: [stem for language in languages for stem in stems(text, language)],
            languages,
            index.frequencies,
        )
        self._mean = mean or (index.words / index.count if index.words else 1.0)
        self._candidates = WordCandidates(self)
        room = max(1, _SPREAD_BYTES // (4 * max(1, index.count)))
        self._sparse = lru_cache(_REMEMBERED)(self._find_sparse)
        self._row = lru_cache(room)(self._spread_out)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self.index.ids

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """About the best ``limit`` rows of a question, ascending (index/stores/chosen.py); only of ``among`` where given."""
        return self._candidates.holding(question, limit, among)

    def some(self, rows: Ids) -> SomeEntries:
        """The store of these rows alone, ascending, each with the very scores that it has here."""
        return SomeEntries(self, rows)

    @property
    def lexicon(self) -> Lexicon:
        """The stems of text and context, and how many entries hold each."""
        return self._lexicon

    def scores(self, questions: Sequence[Sequence[Term]]) -> Scores:
        """BM25 scores, shape (questions, entries): of each question's terms in every entry, by ascending id; 0 for none."""
        total = np.zeros((len(questions), self.index.count), np.float32)
        sparse: list[tuple[int, _Sparse]] = []
        for number, question in enumerate(questions):
            for term in question:
                if (found := self._sparse(term)) is None:
                    total[number] += self._row(term)
                elif found.factor:
                    sparse.append((number * total.shape[1], found))
        self._add(total, sparse)
        return total

    def places(self, terms: Sequence[str]) -> tuple[Numbers, Ids]:
        """Where each of some terms stands among the words of all entries, in order of the terms; and which of the terms it is."""
        found = [
            (at, segment.standing_left(number)) for at, term in enumerate(terms) for segment, number in self.index.held(term)
        ]
        which = np.array([at for at, _ in found], np.int64)
        places = [_NOWHERE, *(places for _, places in found)]
        return np.concatenate(places), np.repeat(which, [len(each) for each in places[1:]])

    @cached_property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all entries, by ascending id."""
        return np.cumsum(self.index.lengths, dtype=np.int64)

    def is_sparse(self, term: Term) -> bool:
        """Whether a term is added at its places, after those that are added as whole rows."""
        return self._sparse(term) is not None

    def frequency(self, word: str) -> int:
        """How many of these entries hold a word."""
        return self.index.frequencies.get(word, 0)

    def posted(self, word: str) -> tuple[Numbers, Counts]:
        """The rows that hold a word, ascending, and how often each does."""
        each = [segment.posted(number) for segment, number in self.index.held(word)]
        if len(each) == 1:
            return each[0]
        return np.concatenate([_NOWHERE, *(rows for rows, _ in each)]), np.concatenate([_NONE, *(counts for _, counts in each)])

    def shares(self, rows: Numbers | Ids, counts: Counts) -> Scores:
        """Which share of its ceiling BM25 gives a word that stands so often in these rows, in [0, 1]."""
        shares: Scores = (counts / (counts + self._dampers[rows])).astype(np.float32)
        return shares

    @cached_property
    def _dampers(self) -> npt.NDArray[np.float64]:
        """What counts are set against, of each entry by its length."""
        return np.asarray(K1 * (1 - B + B * self.index.lengths / self._mean), np.float64)

    def _find_sparse(self, term: Term) -> _Sparse | None:
        """None for a term that many entries hold, or that has several spellings here."""
        known = [(word, count, weight) for word, weight in term.spellings if (count := self.frequency(word))]
        if not known:
            return _Sparse("", 0)
        word, count, weight = known[0]
        if len(known) > 1 or count > _COMMON * self.index.count:
            return None
        return _Sparse(word, weight * self._lexicon.ceiling(word))

    def _spread_out(self, term: Term) -> Scores:
        """What a term gives every entry: in each the spelling that gives most."""
        gains = np.zeros(self.index.count, np.float32)
        for word, weight in term.spellings:
            rows, counts = self.posted(word)
            given = self.shares(rows, counts) * np.float32(weight * self._lexicon.ceiling(word))
            gains[rows] = np.maximum(gains[rows], given)
        return gains

    def _add(self, total: Scores, terms: Sequence[tuple[int, _Sparse]]) -> None:
        """Adds what sparse terms give each entry: for each where the scores of its question begin."""
        if not terms:
            return
        posted = [self.posted(term.word) for _, term in terms]
        lengths = [len(rows) for rows, _ in posted]
        rows = np.concatenate([rows for rows, _ in posted])
        shares = self.shares(rows, np.concatenate([counts for _, counts in posted]))
        gains = shares * np.repeat(np.array([term.factor for _, term in terms], np.float32), lengths)
        np.add.at(total.reshape(-1), rows + np.repeat([before for before, _ in terms], lengths), gains)
