"""Postings: for every term where it stands, which entries hold it, and how often; as arrays, mapped from a file when read."""

import mmap
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self, overload

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import save_file

from index.arrays import runs
from index.checksums import check, write_whole
from index.errors import IndexDamaged
from index.stores import Ids, LexicalEntry, Numbers
from index.stores.analysis import STEMMED, stems
from index.stores.merge import Places, occurrences, together, without
from index.stores.spellings import Keyed, keyed

_FORMAT = f"ibid-postings-4 {STEMMED}"
"""What a file must say of itself to be read; another one is made anew."""

_SAMPLED = 64
"""Of so many terms one is kept in memory."""

_DTYPES = {"I64": np.int64, "I32": np.int32, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8}

Counts = npt.NDArray[np.unsignedinteger[Any]]


class Terms(Sequence[str]):
    """Terms in ascending order, as they stand in a file: none is a Python string before it is asked for.

    Args:
        letters: all terms in UTF-8, one after the other; their order is that of Python's strings.
        stops: where each ends.
        by_key: those that have other spellings, made when first asked for where it is not given.
    """

    def __init__(self, letters: npt.NDArray[np.uint8], stops: Ids, by_key: Keyed | None = None) -> None:
        self.letters = letters
        self.stops = stops
        self._by_key = by_key
        self._letters = memoryview(letters)  # type: ignore[arg-type]  # an array of bytes has a buffer

    @classmethod
    def of(cls, terms: Sequence[str]) -> Self:
        """These terms, which ascend."""
        written = [term.encode() for term in terms]
        stops = np.cumsum([len(term) for term in written], dtype=np.int64)
        return cls(np.frombuffer(b"".join(written), np.uint8), stops)

    def __len__(self) -> int:
        return len(self.stops)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return self._all[at]
        return self._bytes(at).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def number_of(self, term: str) -> int:
        """Which of them a term is; -1 for none."""
        try:
            wanted = term.encode()
        except UnicodeEncodeError:  # half a character: no text has it
            return -1
        # Among every 64th of them first, which Python compares by itself.
        block = max(0, bisect_right(self._sampled, wanted) - 1) * _SAMPLED
        low, high = block, min(block + _SAMPLED, len(self.stops))
        while low < high:
            middle = (low + high) // 2
            if self._bytes(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.stops) and self._bytes(low) == wanted else -1

    @cached_property
    def _sampled(self) -> list[bytes]:
        return [self._bytes(at) for at in range(0, len(self.stops), _SAMPLED)]

    @cached_property
    def by_key(self) -> Keyed:
        """The terms that have other spellings, by the keys under which these are equal."""
        return self._by_key or keyed(self)

    def of_length(self, length: int) -> Numbers:
        """The numbers, ascending, of the terms of so many characters that have other spellings."""
        return np.sort(self.by_key.numbers[self._lengths == length])

    def words(self, numbers: Numbers) -> list[str]:
        """Some of the terms, which hold no line break, all at once."""
        starts = np.append(0, self.stops)[numbers]
        lengths = self.stops[numbers] - starts
        joined = np.full(int(lengths.sum()) + len(numbers), ord("\n"), np.uint8)
        joined[np.arange(len(joined) - len(numbers)) + np.repeat(np.arange(len(numbers)), lengths)] = self.letters[
            runs(starts, lengths)
        ]
        return joined.tobytes().decode().split("\n")[:-1]

    @cached_property
    def _lengths(self) -> Ids:
        """How many characters each term by key has: bytes but for those that continue one."""
        starts = np.append(0, self.stops)
        counted = np.append(0, np.cumsum((self.letters & 0xC0) != 0x80))[starts]
        lengths: Ids = np.diff(counted)[self.by_key.numbers]
        return lengths

    def _bytes(self, at: int) -> bytes:
        return bytes(self._letters[self.stops.item(at - 1) if at else 0 : self.stops.item(at)])

    @cached_property
    def _all(self) -> tuple[str, ...]:
        letters = bytes(self._letters)
        return tuple(letters[start:stop].decode() for start, stop in pairwise((0, *self.stops.tolist())))


class Postings(NamedTuple):
    """Entries by ascending id, and for each term, in ascending order, its postings.

    ``lengths`` says how many words each entry has. All words, one entry after the other, are counted from 0: term ``t`` stands
    at ``places[firsts[t]:firsts[t + 1]]``, ascending. Its postings are ``rows[starts[t]:starts[t + 1]]``, the entries that hold
    it, ascending, and ``counts`` of the same: how often each does.
    """

    terms: Terms
    ids: Ids
    lengths: Numbers
    firsts: Ids
    places: Numbers
    starts: Ids
    rows: Numbers
    counts: Counts

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
                raise damaged(path, f"it says {header['__metadata__']} of itself")
            names = ("letters", "stops", *Keyed._fields, *cls._fields[1:])
            letters, stops, hashes, numbers, *columns = (
                _column(mapped, 8 + size, msgspec.convert(header[name], _Told)) for name in names
            )
        except (OSError, ValueError, LookupError, msgspec.MsgspecError) as error:
            raise damaged(path, str(error)) from error
        return cls(Terms(letters, stops, Keyed(hashes, numbers)), *columns)

    def save(self, path: Path) -> None:
        """Writes the postings to ``path`` all at once: a reader finds the old file or the new one whole.

        Raises:
            IndexLocked: they cannot be written there.
        """
        write_whole(path, self._write)

    def without(self, gone: Numbers) -> Self:
        """These postings without the entries at some rows."""
        if not len(gone):
            return self
        kept = np.ones(len(self.ids), np.bool_)
        kept[gone] = False
        places = without(Places(self.terms, self.firsts, self.places), self.lengths, kept)
        return self._counted(_standing(places), self.ids[kept], self.lengths[kept])

    def with_later(self, others: Sequence[Self]) -> Self:
        """These postings and others, whose ids come after all that are before them; nothing is sorted anew."""
        ids = np.concatenate([self.ids, *(each.ids for each in others)])
        lengths = np.concatenate([self.lengths, *(each.lengths for each in others)])
        places, words = Places(self.terms, self.firsts, self.places), int(self.lengths.sum())
        for other in others:
            places = together(places, Places(other.terms, other.firsts, other.places), words)
            words += int(other.lengths.sum())
        return self._counted(places, ids, lengths)

    def same_as(self, other: "Postings") -> bool:
        """Whether both hold the same, number for number."""
        arrays = self._fields[1:]
        return tuple(self.terms) == tuple(other.terms) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays
        )

    def _write(self, path: Path) -> None:
        columns = {name: column for name, column in self._asdict().items() if name != "terms"}
        terms = {"letters": self.terms.letters, "stops": self.terms.stops, **self.terms.by_key._asdict()}
        try:
            save_file({**columns, **terms}, path, {"format": _FORMAT})
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
        return cls._counted(Places([terms[number] for number in alphabetical], firsts, places), ids[by_id], lengths[by_id])

    @classmethod
    def _counted(cls, places: Places, ids: Ids, lengths: Numbers) -> Self:
        """Postings of entries by ascending id, from where their terms stand."""
        starts, rows, counts = occurrences(places, lengths)
        kind = np.min_scalar_type(int(counts.max(initial=0)))
        terms = places.terms if isinstance(places.terms, Terms) else Terms.of(places.terms)
        return cls(terms, ids, lengths, places.firsts, places.at, starts, rows, counts.astype(kind))


class _Told(msgspec.Struct, frozen=True):
    """What a safetensors file tells of one of its tensors."""

    dtype: str
    shape: tuple[int]
    data_offsets: tuple[int, int]


def _column(mapped: mmap.mmap, begin: int, told: _Told) -> npt.NDArray[Any]:
    """A view into the file."""
    return np.frombuffer(mapped, _DTYPES[told.dtype], told.shape[0], begin + told.data_offsets[0])


def _places(order: Sequence[int] | Ids, count: int) -> Numbers:
    """Where each number stands in an order."""
    places = np.zeros(count, np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places


def _standing(places: Places) -> Places:
    """Without the terms that stand nowhere."""
    held = np.diff(places.firsts) > 0
    if held.all():
        return places
    terms = tuple(places.terms)
    return Places(
        [terms[number] for number in np.flatnonzero(held)], np.append(places.firsts[:-1][held], places.firsts[-1]), places.at
    )


def damaged(path: Path, found: str) -> IndexDamaged:
    """A file of postings is not what was written."""
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a word index is a file of postings as this version of Ibid makes it",
        remedy="delete the file; it is made again from the catalog",
    )
