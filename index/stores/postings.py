"""Postings: for every term where it stands, which entries hold it, and the part of BM25 that no question changes.

They are arrays, written whole to one file and mapped when read.
"""

import mmap
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import save_file

from index.checksums import check, write_whole
from index.errors import IndexDamaged
from index.lexicon import K1, B
from index.runs import runs
from index.stores import Ids, LexicalEntry, Numbers, Scores
from index.stores.terms import STEMMED, stems

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
            terms = stems(f"{entry.context}\n{entry.text}")
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
        """These postings without ``removed`` (unknown ids are ignored) and with ``added``, in place of what was there."""
        new = self.of(added)
        kept = ~np.isin(self.ids, np.concatenate([removed, new.ids]))
        numbers = {term: number for number, term in enumerate(self.terms)}
        number_now = np.array([numbers.setdefault(term, len(numbers)) for term in new.terms], np.int32)
        words = np.concatenate([_words(self)[np.repeat(kept, self.lengths)], number_now[_words(new)]])
        ids, lengths = np.concatenate([self.ids[kept], new.ids]), np.concatenate([self.lengths[kept], new.lengths])
        return self._arranged([*numbers], ids, lengths, words)

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
        ids, lengths = ids[by_id], lengths[by_id]
        row_of_word = np.repeat(np.arange(len(ids), dtype=np.int64), lengths)
        held, counts = np.unique(words * np.int64(max(1, len(ids))) + row_of_word, return_counts=True)
        numbers, rows = np.divmod(held, max(1, len(ids)))
        starts = np.searchsorted(numbers, np.arange(len(alphabetical) + 1)).astype(np.int64)
        rows = rows.astype(np.int32)
        places = np.argsort(words, kind="stable").astype(np.int32)
        firsts = np.searchsorted(words[places], np.arange(len(alphabetical) + 1)).astype(np.int64)
        names = tuple(terms[number] for number in alphabetical)
        return cls(names, ids, lengths, firsts, places, starts, rows, _shares(counts, lengths, rows))


class _Told(msgspec.Struct, frozen=True):
    """What a safetensors file tells of one of its tensors."""

    dtype: str
    shape: tuple[int]
    data_offsets: tuple[int, int]


def _column(mapped: mmap.mmap, begin: int, told: _Told) -> npt.NDArray[Any]:
    """A view into the file."""
    return np.frombuffer(mapped, _DTYPES[told.dtype], told.shape[0], begin + told.data_offsets[0])


def _words(postings: Postings) -> Numbers:
    """The words of all entries as numbers of terms, one entry after the other."""
    words = np.empty(len(postings.places), np.int32)
    words[postings.places] = np.repeat(np.arange(len(postings.terms), dtype=np.int32), np.diff(postings.firsts))
    return words


def _places(order: Sequence[int] | Ids, count: int) -> Numbers:
    """Where each number stands in an order."""
    places = np.zeros(count, np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _shares(counts: Ids, lengths: Numbers, rows: Numbers) -> Scores:
    mean = float(lengths.mean()) if lengths.any() else 1.0
    dampers = K1 * (1 - B + B * lengths / mean)
    shares: Scores = (counts / (counts + dampers[rows])).astype(np.float32)
    return shares


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a word index is a file of postings as this version of Ibid makes it",
        remedy="delete the file; it is made again from the catalog",
    )
