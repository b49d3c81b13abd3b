"""A word index in segments: postings of what each run added, without the entries that have gone since."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.errors import IndexDamaged
from index.stores import Ids, LexicalEntry, Numbers
from index.stores.bm25 import NONE_GONE, Segment
from index.stores.parts import Part, earlier_name, earlier_parts, staying, write_earlier
from index.stores.postings import Postings
from index.stores.spellings import numbers_keyed, romanisation_key

_REMEMBERED = 4096
"""Terms that are kept with where they stand."""

_LENGTHS = 32
"""Lengths of words whose terms are kept once they were read."""


class Held(NamedTuple):
    """A term in a segment, by its number there."""

    segment: Segment
    number: int


class WordIndex:
    """Words of the entries of one generation, in segments by ascending id."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        rows = words = 0
        for each in self.segments:
            each.first_row, each.first_word = rows, words
            rows, words = rows + each.count, words + each.words
        self.count, self.words = rows, words
        self.held = lru_cache(_REMEMBERED)(self._held)

    @classmethod
    def of(cls, entries: Iterable[LexicalEntry]) -> "WordIndex":
        """An index of these entries in memory."""
        return cls([Segment(Postings.of(entries))])

    @classmethod
    def load(cls, path: Path) -> "WordIndex":
        """Maps saved segments into memory once their checksums hold.

        Raises:
            IndexDamaged: a file is missing, cut short or something else.
        """
        parts = [*earlier_parts(path), Part(path, NONE_GONE)]
        segments = [Segment(_loaded(part), part.gone, part.path) for part in parts]
        held = [each.postings.ids for each in segments if len(each.postings.ids)]
        if any(before[-1] >= after[0] for before, after in pairwise(held)):
            raise _damaged(path, "its segments overlap")
        return cls(segments)

    def save(self, path: Path) -> None:
        """Writes what is new to ``path``, and gives the files of earlier segments names beside it.

        Raises:
            IndexLocked: they cannot be written there.
        """
        *earlier, newest = self.segments
        write_earlier(path, [_part(segment, path, place) for place, segment in enumerate(earlier)])
        newest.compact().save(path)

    def changed(self, removed: Ids, added: Iterable[LexicalEntry]) -> "WordIndex":
        """This index without some ids (unknown ones are ignored) and with entries whose ids come after all that are there.

        Segments are put together by size, so that there are few (index/stores/parts.py).
        """
        new = Postings.of(added)
        lessened = [each.lessened(removed) if len(removed) else each for each in self.segments]
        left = [each for each in lessened if each.count]
        kept = staying([each.count for each in left], len(new.ids))
        joined = [each.compact() for each in left[kept:]]
        newest = joined[0].with_later([*joined[1:], new]) if joined else new
        return WordIndex([*left[:kept], Segment(newest)])

    def whole(self) -> Postings:
        """The postings of all entries in one."""
        first, *later = [each.compact() for each in self.segments]
        return first.with_later(later) if later else first

    @cached_property
    def ids(self) -> Ids:
        """All ids, ascending."""
        columns = [each.ids for each in self.segments]
        return columns[0] if len(columns) == 1 else np.concatenate(columns)

    @cached_property
    def lengths(self) -> Numbers:
        """How many words each entry has."""
        columns = [each.lengths for each in self.segments]
        return columns[0] if len(columns) == 1 else np.concatenate(columns)

    @cached_property
    def frequencies(self) -> "Frequencies":
        """For each term how many entries hold it."""
        return Frequencies(self)

    def _held(self, term: str) -> tuple[Held, ...]:
        """Where a term stands: each segment that knows it, and its number there."""
        found = ((segment, segment.postings.terms.number_of(term)) for segment in self.segments)
        return tuple(Held(segment, number) for segment, number in found if number >= 0)


class Frequencies(Mapping[str, int]):
    """How many entries of a word index hold each term, and which terms are spelled alike; terms ascend.

    What is asked for is looked up in the files: nothing is read when a collection is opened.
    """

    def __init__(self, index: WordIndex) -> None:
        self._index = index
        self._of = lru_cache(_REMEMBERED)(self._count)
        self._sized = lru_cache(_LENGTHS)(self._of_length)

    def romanised(self, word: str) -> list[str]:
        """The terms with the romanisation key of a word."""
        key = romanisation_key(word)
        each = (segment.postings.terms for segment in self._index.segments)
        alike = {terms[number] for terms in each for number in numbers_keyed(terms.by_key, key)}
        return sorted(term for term in alike if romanisation_key(term) == key and self._of(term))

    def of_length(self, length: int) -> list[str]:
        """The terms of so many characters that have other spellings."""
        return self._sized(length)

    def _of_length(self, length: int) -> list[str]:
        each = [segment.of_length(length) for segment in self._index.segments]
        return each[0] if len(each) == 1 else sorted({term for terms in each for term in terms})

    def __getitem__(self, term: str) -> int:
        if count := self._of(term):
            return count
        raise KeyError(term)

    def __contains__(self, term: object) -> bool:
        return isinstance(term, str) and self._of(term) > 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def all(self) -> dict[str, int]:
        """All of them, read from the files."""
        each = [segment.frequencies() for segment in self._index.segments]
        if len(each) == 1:
            return each[0]
        counted: dict[str, int] = {}
        for own in each:
            for term, count in own.items():
                counted[term] = counted.get(term, 0) + count
        return dict(sorted(counted.items()))

    def _count(self, term: str) -> int:
        return sum(segment.frequency(number) for segment, number in self._index.held(term))


def _loaded(part: Part) -> Postings:
    postings = Postings.load(part.path)
    if len(part.gone) and part.gone[-1] >= len(postings.ids):
        raise _damaged(part.path, "more has gone of it than it has")
    return postings


def _part(segment: Segment, path: Path, place: int) -> Part:
    """A file with a segment, which is written where there is none yet."""
    if segment.path is not None:
        return Part(segment.path, segment.gone)
    name = earlier_name(path, place)
    segment.postings.save(name)
    return Part(name, segment.gone)


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a word index has segments by ascending id",
        remedy="delete its folder; it is made again from the catalog",
    )
