"""Quotations of a large collection, checked in the excerpts that hold their rarest words, which the disk tells."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from index.collection import Collection
from index.derived import QUOTED_FROM
from index.stores import Ids
from rag.quotes.fold import fold, fold_editions
from rag.quotes.match import QuoteIndex, words


class StoredQuoteIndex(QuoteIndex):
    """A QuoteIndex that holds no text: it folds the excerpts that come into question, and finds the same in them.

    Nothing is missed. The words on disk are those of the very readings that a quotation is compared with, and counted as
    ``QuoteIndex`` counts them, so that both choose the same excerpts by the rarest words. Besides, the words inside a reading
    of a piece, all but its first and last, must stand in an excerpt in their order: where the piece stands in the folded
    text, so do they.
    Rows are the collection's excerpts in reading order. Thread-safe.
    """

    def __init__(self, collection: Collection) -> None:
        """Opens what is on disk; it is written first, in the time of folding all texts, where it is not there yet.

        Raises:
            IndexDamaged: an excerpt is not what was written.
        """
        super().__init__(())
        self._collection = collection
        self._words = collection.quoted(readings)
        self._keys_in_order = collection.reading_order()
        self._by_key = np.argsort(self._keys_in_order)
        self.ids = _ExcerptIds(collection, self._keys_in_order)

    def original(self, row: int) -> str:
        """The text of an excerpt as it is in the collection."""
        (excerpt,) = self._collection.excerpts_by_key([int(self._keys_in_order[row])])
        return excerpt.text

    def key(self, row: int) -> str:
        """An excerpt's folded text."""
        return self.folded(row).text

    def edition_keys(self, row: int) -> Sequence[str]:
        """The same without the marks of its edition, where there are any."""
        return [edition.text for edition in fold_editions(self.original(row))]

    def frequency(self, word: str) -> int:
        """How many excerpts hold a folded word."""
        return self._words.frequency(word) if word else 0

    def rows_with(self, word: str) -> Sequence[int]:
        """The excerpts that hold a folded word, ascending."""
        return self._rows(self._words.with_words([word]))

    def holding(self, anchors: Sequence[str], pieces: Sequence[Sequence[str]]) -> Sequence[int]:
        """The excerpts that hold all of some words and, of each piece, the inner words of one reading in their order."""
        runs = [[words(reading)[1:-1] for reading in piece] for piece in pieces]
        return self._rows(self._words.with_words(anchors, [piece for piece in runs if all(piece)]))

    def _rows(self, keys: Ids) -> Sequence[int]:
        rows: list[int] = np.sort(self._by_key[np.searchsorted(self._keys_in_order, keys, sorter=self._by_key)]).tolist()
        return rows


class _ExcerptIds(Sequence[str]):
    """The ids of excerpts by their place in reading order, read when they are asked for."""

    def __init__(self, collection: Collection, keys: Ids) -> None:
        self._collection = collection
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return _ExcerptIds(self._collection, self._keys[row])
        (excerpt,) = self._collection.excerpts_by_key([int(self._keys[row])])
        return excerpt.id

    def __iter__(self) -> Iterator[str]:
        return iter(self._collection.excerpt_ids())


def readings(text: str) -> list[str]:
    """The words of an excerpt's folded text, and of it without the marks of its edition."""
    return [" ".join(words(folded.text)) for folded in (fold(text), *fold_editions(text))]


def is_large(collection: Collection) -> bool:
    """Whether folding all texts of a collection takes long enough to keep their words on disk."""
    return collection.counts.excerpts >= QUOTED_FROM


def prepare(collection: Collection) -> None:
    """Writes the words of a large collection that is about to be committed: only what is new is folded."""
    if is_large(collection):
        collection.prepare_quoted(readings)
