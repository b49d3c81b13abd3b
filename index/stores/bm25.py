"""BM25 over all entries at once: questions add up a few runs of numbers that were computed when entries were stored.

(Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring".) Nothing has to guess beforehand
which entries matter.
"""

import mmap
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import save_file

from index.arrays import runs
from index.checksums import check, write_whole
from index.errors import IndexDamaged
from index.stores import K1, B, Ids, LexicalEntry, Lexicon, Mask, Numbers, Scores, Term
from index.stores.analysis import STEMMED, stems
from index.stores.chosen import SomeEntries, WordCandidates
from index.stores.merge import Places, occurrences, together, without

# Postings: for every term where it stands, which entries hold it, and the part of BM25 that no question changes.
#
# They are arrays, written whole to one file and mapped when read.

_FORMAT = f"ibid-postings-3 {STEMMED} k1={K1} b={B}"
"""What a file must say of itself to be read; another one is made anew."""

_DTYPES = {"I64": np.int64, "I32": np.int32, "F32": np.float32, "U8": np.uint8}


class Postings(NamedTuple):
    """Entries by ascending id, and for each term, in ascending order, its postings.

    ``lengths`` says how many words each entry has. All words, one entry after the other, are counted from 0: term ``t`` stands
    at ``places[firsts[t]:firsts[t + 1]]``, ascending. Its postings are ``rows[starts[t]:starts[t + 1]]``, the entries that hold
    it, ascending, and ``shares`` of the same, in [0, 1]: which share of its ceiling BM25 gives them for that.
    """

    terms: tuple[str, ...]
    ids: Ids
    lengths: Numbers
    firsts: Ids
    places: Numbers
    starts: Ids
    rows: Numbers
    shares: Scores

    @classmethod
    def of(cls, entries: Iterable[LexicalEntry]) -> Self:
        """The postings of these entries, in any order, each id once."""
        numbers: dict[str, int] = {}
        ids, lengths, words = array("q"), array("i"), array("i")
        for entry in entries:
            terms = stems(f"{entry.context}\n{entry.text}", entry.language)
            ids.append(entry.id)
            lengths.append(len(terms))
            words.extend(numbers.setdefault(term, len(numbers)) for term in terms)
        return cls._arranged([*numbers], np.array(ids, np.int64), np.array(lengths, np.int32), np.array(words, np.int32))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Maps a saved file into memory once its checksums hold.

        Raises:
            IndexDamaged: the file is missing, cut short or something else.
        """
        check(path)
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            size = int.from_bytes(mapped[:8], "little")
            header = msgspec.json.decode(mapped[8 : 8 + size], type=dict[str, dict[str, object]])
            if header["__metadata__"] != {"format": _FORMAT}:
                raise _damaged(path, f"it says {header['__metadata__']} of itself")
            _, *columns = (_column(mapped, 8 + size, msgspec.convert(header[name], _Told)) for name in cls._fields)
            terms = bytes(_column(mapped, 8 + size, msgspec.convert(header["terms"], _Told))).decode()
        except (OSError, ValueError, LookupError, msgspec.MsgspecError) as error:
            raise _damaged(path, str(error)) from error
        return cls(tuple(terms.split("\n")[1:]), *columns)

    def save(self, path: Path) -> None:
        """Writes the postings to ``path`` all at once: a reader finds the old file or the new one whole.

        Raises:
            IndexLocked: they cannot be written there.
        """
        write_whole(path, self._write)

    def changed(self, removed: Ids, added: Iterable[LexicalEntry]) -> Self:
        """These postings without ``removed`` (unknown ids are ignored) and with ``added``, in place of what was there.

        Nothing is sorted anew where the ids added come after all that are there, as the catalog numbers them.
        """
        new = self.of(added)
        kept = ~np.isin(self.ids, np.concatenate([removed, new.ids]))
        ids, lengths = np.concatenate([self.ids[kept], new.ids]), np.concatenate([self.lengths[kept], new.lengths])
        places = without(Places(self.terms, self.firsts, self.places), self.lengths, kept)
        places = together(places, Places(new.terms, new.firsts, new.places), int(self.lengths[kept].sum()))
        if (np.diff(ids) > 0).all():
            return self._counted(places, ids, lengths)
        return self._arranged(places.terms, ids, lengths, _words(places))

    def for_mean(self, mean: float) -> Self:
        """These postings with the shares that they have where an entry has ``mean`` words on average."""
        dampers = _dampers(self.lengths, float(self.lengths.mean()) if self.lengths.any() else 1.0)[self.rows]
        counts = np.rint(self.shares * dampers / (1 - self.shares.astype(np.float64)))
        return self._replace(shares=(counts / (counts + _dampers(self.lengths, mean)[self.rows])).astype(np.float32))

    def same_as(self, other: "Postings") -> bool:
        """Whether both hold the same, number for number."""
        arrays = self._fields[1:]
        return self.terms == other.terms and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)

    def _write(self, path: Path) -> None:
        terms = np.frombuffer("".join(f"\n{term}" for term in self.terms).encode(), np.uint8)
        try:
            save_file({**self._asdict(), "terms": terms}, path, {"format": _FORMAT})
        except SafetensorError as error:
            raise OSError(str(error)) from error

    @classmethod
    def _arranged(cls, terms: Sequence[str], ids: Ids, lengths: Numbers, words: Numbers) -> Self:
        """Postings of entries in any order; terms that no entry holds are left out."""
        alphabetical = sorted(np.unique(words).tolist(), key=terms.__getitem__)
        by_id = np.argsort(ids, kind="stable")
        words = _places(alphabetical, len(terms))[words][runs(np.cumsum(lengths)[by_id] - lengths[by_id], lengths[by_id])]
        places = np.argsort(words, kind="stable").astype(np.int32)
        firsts = np.searchsorted(words[places], np.arange(len(alphabetical) + 1)).astype(np.int64)
        return cls._counted(Places(tuple(terms[number] for number in alphabetical), firsts, places), ids[by_id], lengths[by_id])

    @classmethod
    def _counted(cls, places: Places, ids: Ids, lengths: Numbers) -> Self:
        """Postings of entries by ascending id, from where their terms stand."""
        starts, rows, counts = occurrences(places, lengths)
        return cls(places.terms, ids, lengths, places.firsts, places.at, starts, rows, _shares(counts, lengths, rows))


class _Told(msgspec.Struct, frozen=True):
    """What a safetensors file tells of one of its tensors."""

    dtype: str
    shape: tuple[int]
    data_offsets: tuple[int, int]


def _column(mapped: mmap.mmap, begin: int, told: _Told) -> npt.NDArray[Any]:
    """A view into the file."""
    return np.frombuffer(mapped, _DTYPES[told.dtype], told.shape[0], begin + told.data_offsets[0])


def _words(places: Places) -> Numbers:
    """The words of all entries as numbers of terms, one entry after the other."""
    words = np.empty(len(places.at), np.int32)
    words[places.at] = np.repeat(np.arange(len(places.terms), dtype=np.int32), np.diff(places.firsts))
    return words


def _places(order: Sequence[int] | Ids, count: int) -> Numbers:
    """Where each number stands in an order."""
    places = np.zeros(count, np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _shares(counts: Ids, lengths: Numbers, rows: Numbers) -> Scores:
    mean = float(lengths.mean()) if lengths.any() else 1.0
    shares: Scores = (counts / (counts + _dampers(lengths, mean)[rows])).astype(np.float32)
    return shares


def _dampers(lengths: Numbers, mean: float) -> npt.NDArray[np.float64]:
    """What a count is set against in entries of these lengths."""
    return np.asarray(K1 * (1 - B + B * lengths / mean), np.float64)


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a word index is a file of postings as this version of Ibid makes it",
        remedy="delete the file; it is made again from the catalog",
    )


_COMMON = 1 / 8
"""Share of all entries from which a term's scores are spread out over all entries when it is first asked for: adding two whole
rows is then faster than adding at places."""

_SPREAD_BYTES = 2_000_000
"""What spread-out scores of terms asked for lately may take."""

_REMEMBERED = 4096
"""Words of questions whose postings are kept once they were looked up."""


_NOWHERE: Numbers = np.empty(0, np.int32)


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

    def __init__(self, postings: Postings, languages: Sequence[str] = ("",), lexicon: Lexicon | None = None) -> None:
        """``languages`` are those of the entries, the commonest first; ``lexicon`` tells of more entries than these."""
        self.postings = postings
        self._numbers = {term: number for number, term in enumerate(postings.terms)}
        self._lexicon = lexicon or Lexicon(
            len(postings.ids),
            dict(zip(postings.terms, np.diff(postings.starts).tolist(), strict=True)),
            lambda text: [stem for language in languages for stem in stems(text, language)],
            languages,
        )
        self._ends = np.cumsum(postings.lengths, dtype=np.int64)
        self._candidates = WordCandidates(self)
        room = max(1, _SPREAD_BYTES // (4 * max(1, len(postings.ids))))
        self._sparse = lru_cache(_REMEMBERED)(self._find_sparse)
        self._row = lru_cache(room)(self._spread_out)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self.postings.ids

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

    def places_of(self, term: str) -> Numbers:
        """Where one term stands among the words of all entries, ascending."""
        number = self._numbers.get(term)
        return self.postings.places[slice(*self.postings.firsts[number : number + 2])] if number is not None else _NOWHERE

    def is_sparse(self, term: Term) -> bool:
        """Whether a term is added at its places, after those that are added as whole rows."""
        return self._sparse(term) is not None

    def _find_sparse(self, term: Term) -> _Sparse | None:
        """None for a term that many entries hold, or that has several spellings here."""
        known = [(word, run, weight) for word, weight in term.spellings if (run := self.run(word))]
        if not known:
            return _Sparse(0, 0, 0)
        word, run, weight = known[0]
        if len(known) > 1 or len(run) > _COMMON * len(self.ids):
            return None
        return _Sparse(run.start, len(run), weight * self._lexicon.ceiling(word))

    def run(self, word: str) -> range:
        """Where a word's postings stand."""
        number = self._numbers.get(word)
        return range(0) if number is None else range(*self.postings.starts[number : number + 2].tolist())

    def _spread_out(self, term: Term) -> Scores:
        """What a term gives every entry: in each the spelling that gives most."""
        gains = np.zeros(len(self.ids), np.float32)
        for word, weight in term.spellings:
            which = slice((run := self.run(word)).start, run.stop)
            rows = self.postings.rows[which]
            given = self.postings.shares[which] * np.float32(weight * self._lexicon.ceiling(word))
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
