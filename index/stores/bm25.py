"""BM25 over all entries at once: questions add up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from index.stores import K1, B, Ids, Lexicon, Mask, Numbers, Scores, Term
from index.stores.analysis import stems
from index.stores.chosen import SomeEntries, WordCandidates
from index.stores.parts import is_worn
from index.stores.postings import Counts, Postings

if TYPE_CHECKING:
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


NONE_GONE: Numbers = np.empty(0, np.int32)


class Segment:
    """Postings of which some entries have gone; the others, in their order, are its rows, counted from ``first_row``.

    Args:
        postings: of all its entries, gone or not; where an entry stands among them is called its place here.
        gone: the places, ascending, of those that have gone.
        path: the file that the postings are mapped from, None for postings in memory.
    """

    def __init__(self, postings: Postings, gone: Numbers = NONE_GONE, path: Path | None = None) -> None:
        self.postings = postings
        self.gone = gone
        self.path = path
        self.first_row = self.first_word = 0
        self.stays: Mask | None = None
        if len(gone):
            self.stays = np.ones(len(postings.ids), np.bool_)
            self.stays[gone] = False
            self._rows = np.cumsum(self.stays, dtype=np.int32) - np.int32(1)
            self._places = np.flatnonzero(self.stays).astype(np.int32)

    @property
    def count(self) -> int:
        """How many entries are left."""
        return len(self.postings.ids) - len(self.gone)

    @cached_property
    def words(self) -> int:
        """How many words these have."""
        return int(self.lengths.sum())

    @property
    def ids(self) -> Ids:
        """The ids of what is left."""
        return self.postings.ids if self.stays is None else self.postings.ids[self.stays]

    @property
    def lengths(self) -> Numbers:
        """How many words each of them has."""
        return self.postings.lengths if self.stays is None else self.postings.lengths[self.stays]

    @cached_property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all, gone or not."""
        return np.cumsum(self.postings.lengths, dtype=np.int64)

    def places_of(self, rows: Ids) -> Numbers:
        """The places of rows of the whole index that are this segment's."""
        own = rows - self.first_row
        return own.astype(np.int32) if self.stays is None else self._places[own]

    def run(self, number: int) -> slice:
        """Where the postings of a term stand, by its number here."""
        return slice(*self.postings.starts[number : number + 2].tolist())

    def frequency(self, number: int) -> int:
        """How many entries that are left hold a term."""
        run = self.run(number)
        return run.stop - run.start if self.stays is None else int(self.stays[self.postings.rows[run]].sum())

    @cached_property
    def counts(self) -> Ids:
        """How many entries that are left hold each term."""
        if self.stays is None:
            return np.diff(self.postings.starts)
        return np.diff(np.append(0, np.cumsum(self.stays[self.postings.rows]))[self.postings.starts])

    def frequencies(self) -> dict[str, int]:
        """The same of the terms that any of them holds."""
        return {term: count for term, count in zip(self.postings.terms, self.counts.tolist(), strict=True) if count}

    def of_length(self, length: int) -> list[str]:
        """The terms of so many characters that have other spellings, as far as an entry holds them that is left."""
        numbers = self.postings.terms.of_length(length)
        return self.postings.terms.words(numbers if self.stays is None else numbers[self.counts[numbers] > 0])

    def posted(self, number: int) -> tuple[Numbers, Counts]:
        """The rows, in the whole index, that hold a term, ascending, and how often each does."""
        run = self.run(number)
        rows, counts = self.postings.rows[run], self.postings.counts[run]
        if self.stays is not None:
            left = self.stays[rows]
            rows, counts = self._rows[rows[left]], counts[left]
        return (rows + np.int32(self.first_row) if self.first_row else rows), counts

    def standing(self, number: int) -> Numbers:
        """Where a term stands among the words of this segment, gone or not, ascending."""
        return self.postings.places[slice(*self.postings.firsts[number : number + 2].tolist())]

    def standing_left(self, number: int) -> Numbers:
        """Where a term stands among the words of the whole index, ascending."""
        words = self.standing(number)
        if self.stays is not None:
            holding = np.searchsorted(self.ends, words, "right")
            left = self.stays[holding]
            lost = np.cumsum(np.where(self.stays, 0, self.postings.lengths))
            words = (words[left] - lost[holding[left]]).astype(np.int32)
        return words + np.int32(self.first_word) if self.first_word else words

    def compact(self) -> Postings:
        """The postings of what is left alone."""
        return self.postings.without(self.gone)

    def lessened(self, removed: Ids) -> "Segment":
        """The segment without some ids, as far as it has them: made afresh where much has gone of it."""
        at = np.searchsorted(self.postings.ids, removed)
        at = at[at < len(self.postings.ids)]
        at = at[np.isin(self.postings.ids[at], removed)]
        gone = np.union1d(self.gone, at).astype(np.int32)
        if len(gone) == len(self.gone):
            return self
        lessened = Segment(self.postings, gone, self.path)
        return Segment(lessened.compact()) if is_worn(len(self.postings.ids), len(gone)) else lessened


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
        self, index: "WordIndex", languages: Sequence[str] = ("",), lexicon: Lexicon | None = None, mean: float | None = None
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
