"""A collection as it is read: one generation of an index, its texts and its two kinds of search."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import numpy as np

from index.arrays import WindowMap
from index.catalog import connect_for_reading, open_for_writing, read_state, transaction
from index.catalog.reader import Snapshot
from index.catalog.sums import sound
from index.catalog.writer import Delta, write_note
from index.derived import open_codes, open_layout, open_phrases, open_quoted, open_vectors, open_words, prepare_quoted
from index.embedders import EmbedderCard
from index.errors import Unknown
from index.home import WORD_UNITS, Home, WordUnit, not_writable
from index.records import Counts, DocumentCard, Excerpt, ExcerptTraits, Filters, Place, Window, Work
from index.stores import Ids, PhraseStore, StoredVectors, VectorCodes, VectorStore, WordStore

if TYPE_CHECKING:
    from index.citations.authority import Author
    from index.stores.phrases import Readings, TantivyQuoted

# What was looked up lately, several at a time, by number or name.

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BatchCache(Generic[Key, Value]):
    """Looks up many values at once and keeps the latest; thread-safe.

    Args:
        look_up: gives the values of keys, in their order; may raise, and nothing is kept then.
        maxsize: how many values are kept (FIFO eviction).
    """

    def __init__(self, look_up: Callable[[Sequence[Key]], Sequence[Value]], maxsize: int) -> None:
        self._look_up = look_up
        self._maxsize = maxsize
        self._kept: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def __call__(self, keys: Sequence[Key]) -> list[Value]:
        """The values of these keys, in the order given."""
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        unknown = [key for key in keys if key not in known]
        if unknown:
            new = dict(zip(unknown, self._look_up(unknown), strict=True))
            known |= new
            with self._lock:
                self._kept |= new
                for oldest in list(islice(self._kept, max(0, len(self._kept) - self._maxsize))):
                    del self._kept[oldest]
        return [known[key] for key in keys]


Store = TypeVar("Store")

_TEXTS_KEPT = 4
_FILTERS_KEPT = 64
_DOCUMENTS_KEPT = 256
_WORKS_KEPT = 512
_EXCERPTS_KEPT = 512
"""Of what was read lately so many are kept: what is found for one question is found for the next."""


class Collection:
    """One generation of an index; thread-safe. Later generations do not change what it answers: open anew to see them.

    Opening reads one row. The derived indexes are opened, and brought up to date, when first asked for.
    A collection must not be carried across a fork: open one in each process.
    """

    def __init__(self, home: Home, snapshot: Snapshot, since: tuple[str, Delta | None] = ("", None)) -> None:
        """``since`` is, for a generation about to be committed, the stamp of the one before and what this one has beside it."""
        self._since = since
        self._home = home
        self._snapshot = snapshot
        self._opening = threading.Lock()
        self._vectors: StoredVectors | None = None
        self._codes: tuple[VectorCodes | None] | None = None
        self._words: dict[WordUnit, WordStore] = {}
        self._phrases: PhraseStore | None = None
        self._window_map: WindowMap | None = None
        self._counts: Counts | None = None
        self._notices: dict[str, str] = {}
        self._text = lru_cache(_TEXTS_KEPT)(snapshot.document_text)
        self._places = lru_cache(_TEXTS_KEPT)(snapshot.places)
        self._filtered_keys = lru_cache(_FILTERS_KEPT)(snapshot.excerpt_keys)
        self._excerpts = BatchCache(snapshot.excerpts_by_key, _EXCERPTS_KEPT)
        self.work = lru_cache(_WORKS_KEPT)(self._work)
        self.document = lru_cache(_DOCUMENTS_KEPT)(self._document)

    @classmethod
    def open(cls, home: Path) -> "Collection":
        """Opens the newest generation of the index in this folder.

        Raises:
            IndexMissing: there is no index.
            IndexDamaged: what is there is none of ours, or cannot be read.
        """
        place = Home(home)
        return cls(place, Snapshot(place))

    def close(self) -> None:
        """Lets go of the generation, so that its space can be used again."""
        self._snapshot.close()

    @property
    def generation(self) -> int:
        """Counts from 1; higher is newer."""
        return self._snapshot.state.generation

    @property
    def stamp(self) -> str:
        """Random, and another one for each generation: what derived files are named by."""
        return self._snapshot.state.stamp

    @property
    def embedder(self) -> EmbedderCard:
        """What the windows were embedded with; questions must be embedded with the same."""
        return self._snapshot.state.embedder

    @property
    def counts(self) -> Counts:
        """How much the collection holds."""
        if self._counts is None:
            self._counts = self._snapshot.counts()
        return self._counts

    @property
    def vectors(self) -> VectorStore:
        """Nearest neighbours among all windows."""
        return self._flat()

    def _flat(self) -> StoredVectors:
        with self._opening:
            if self._vectors is None:
                self._vectors = self._told("vector index", open_vectors(self._home, self._snapshot))
            return self._vectors

    @property
    def codes(self) -> VectorCodes | None:
        """What chooses windows by their vectors; None where all are few enough to be compared."""
        vectors = self._flat()
        with self._opening:
            if self._codes is None:
                self._codes = (self._told("codes of vectors", open_codes(self._home, self._snapshot, vectors)),)
            return self._codes[0]

    def words(self, unit: WordUnit) -> WordStore:
        """BM25 over all windows, by window id, or over all excerpts, by the catalog's key."""
        from index.stores.bm25 import Bm25

        with self._opening:
            if unit not in self._words:
                postings = self._told(f"word index of {unit}", open_words(self._home, self._snapshot, unit))
                self._words[unit] = Bm25(postings, self.languages)
            return self._words[unit]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the documents, that of most excerpts first; "" for documents whose language cannot be told."""
        counts: Counter[str] = Counter()
        for document, excerpts in self._snapshot.rows("SELECT document, count(*) FROM excerpts GROUP BY document"):
            counts[self._snapshot.languages[document]] += excerpts
        return tuple(language for language, _ in counts.most_common())

    @property
    def phrases(self) -> PhraseStore:
        """All excerpts, by the catalog's key, by the phrases they hold."""
        with self._opening:
            if self._phrases is None:
                self._phrases = self._told("phrase index", open_phrases(self._home, self._snapshot))
            return self._phrases

    def quoted(self, readings: "Readings") -> "TantivyQuoted":
        """All excerpts, by the catalog's key, by the words that quotations are compared with; opened anew with each call."""
        return self._told("words of quotations", open_quoted(self._home, self._snapshot, readings))

    def prepare_quoted(self, readings: "Readings") -> None:
        """The same, written for a generation that is about to be committed."""
        prepare_quoted(self._home, self._snapshot, readings, *self._since)

    def reading_order(self) -> Ids:
        """The keys of all excerpts in the order of documents and their text, that of ``excerpt_ids``."""
        documents = np.array(self._snapshot.rows("SELECT key FROM documents ORDER BY name, id"), np.int64).reshape(-1)
        # Answered by the index of places alone: texts stay on disk.
        rows = self._snapshot.rows("SELECT key, document FROM excerpts ORDER BY document, start")
        found = np.array(rows, np.int64).reshape(-1, 2)
        ranks = np.argsort(documents)[np.searchsorted(np.sort(documents), found[:, 1])]
        ordered: Ids = found[np.argsort(ranks, kind="stable"), 0]
        return ordered

    @property
    def window_map(self) -> WindowMap:
        """Which windows each excerpt has, and where they stand in it."""
        with self._opening:
            if self._window_map is None:
                self._window_map = WindowMap(*self._told("layout of windows", open_layout(self._home, self._snapshot)))
            return self._window_map

    @property
    def notices(self) -> tuple[str, ...]:
        """What is not as it should be and does not keep it from answering, such as an index in memory: the disk is full."""
        return tuple(f"the {what} is held in memory: {why}" for what, why in self._notices.items())

    def _told(self, what: str, opened: tuple[Store, str]) -> Store:
        store, why = opened
        if why:
            self._notices[what] = why
        return store

    def open_searches(self) -> None:
        """Opens at once what questions need, so that what cannot be opened is told before any is asked.

        Raises:
            IndexDamaged, IndexLocked: something cannot be opened, nor made from the catalog.
        """
        _ = self.window_map, self.vectors, self.codes, self.phrases
        for unit in WORD_UNITS:
            self.words(unit)

    def is_current(self) -> bool:
        """Whether no newer generation is on disk."""
        connection = connect_for_reading(self._home)
        try:
            state = read_state(connection)
        finally:
            connection.close()
        return state is not None and state.stamp == self._snapshot.state.stamp

    def windows(self, ids: Sequence[int]) -> list[Window]:
        """The windows of these ids, in the order given. Raises Unknown."""
        return self._snapshot.windows(ids, self.window_map.stands)

    def window_ids_of(self, excerpt_ids: Sequence[str]) -> list[list[int]]:
        """The ids of each excerpt's windows, in the order of its text. Raises Unknown."""
        return self._snapshot.window_ids_of(excerpt_ids)

    def excerpt_keys(self, filters: Filters) -> Ids | None:
        """The keys, ascending, of the excerpts that the filters leave; None when they limit nothing."""
        return self._filtered_keys(filters) if filters else None

    def excerpts_by_key(self, keys: Sequence[int]) -> list[Excerpt]:
        """The excerpts of these keys, in the order given. Raises Unknown."""
        return self._excerpts(keys)

    def traits(self, keys: Sequence[int]) -> list[ExcerptTraits]:
        """What the excerpts of these keys are sorted and counted by, in the order given. Raises Unknown."""
        return self._snapshot.traits(keys)

    def excerpts(self, ids: Sequence[str]) -> list[Excerpt]:
        """The excerpts of these ids, in the order given. Raises Unknown."""
        return self._snapshot.excerpts(ids)

    def excerpt_ids(self, filters: Filters = Filters()) -> list[str]:  # noqa: B008 — frozen
        """The ids of the excerpts that the filters leave, in the order of documents and their text."""
        return self._snapshot.excerpt_ids(filters)

    def neighbours(self, excerpt_id: str, before: int = 1, after: int = 1) -> tuple[list[Excerpt], list[Excerpt]]:
        """Up to so many excerpts before and after one in its document, both in the document's order. Raises Unknown."""
        return self._snapshot.neighbours(excerpt_id, before, after)

    def under_heading(self, headings: tuple[str, ...]) -> list[str]:
        """The ids of the excerpts with exactly these headings, in the order of documents and their text."""
        return self._snapshot.under_heading(headings)

    def authors(self) -> "list[Author]":
        """The authors of the collection by name, the spellings of one together."""
        return self._snapshot.authors()

    def works(self, filters: Filters = Filters()) -> list[Work]:  # noqa: B008 — frozen
        """The works cited by excerpts that the filters leave, with the number of these excerpts."""
        return self._snapshot.works(filters)

    def _work(self, work_id: str) -> Work:
        """One work. Raises Unknown."""
        found = self._snapshot.works(Filters(work=(work_id,)))
        if not found:
            raise _unknown("work", work_id)
        return found[0]

    def headings(self, filters: Filters = Filters()) -> list[tuple[tuple[str, ...], int]]:  # noqa: B008 — frozen
        """The headings over the excerpts that the filters leave, with the number of these excerpts."""
        return self._snapshot.headings(filters)

    def documents(self, filters: Filters = Filters()) -> list[DocumentCard]:  # noqa: B008 — frozen
        """The documents by name: all, or those with an excerpt that the filters leave."""
        cards = self._snapshot.document_cards()
        if filters == Filters():
            return cards
        left = self._snapshot.document_ids(filters)
        return [card for card in cards if card.id in left]

    def _document(self, document_id: str) -> DocumentCard:
        """One document. Raises Unknown."""
        found = self._snapshot.document_cards(document_id)
        if not found:
            raise _unknown("document", document_id)
        return found[0]

    def document_text(self, document_id: str, start: int, end: int) -> str:
        """The slice ``[start, end)`` of a document's decoded text, as Python slices. Raises Unknown."""
        return self._text(document_id)[start:end]

    def excerpts_of(self, document_id: str) -> list[Excerpt]:
        """The excerpts of a document in the order of its text."""
        return self._snapshot.excerpts_of(document_id)

    def places(self, document_id: str) -> tuple[Place, ...]:
        """Where a document's pages, chapters and anchors begin, in the order of its text. Raises Unknown."""
        return self._places(document_id)

    def file_bytes(self, document_id: str) -> bytes:
        """The bytes of the file that a document was read from. Raises Unknown."""
        return self._snapshot.file_bytes(document_id)

    def notes(self, *, earlier: bool = False) -> dict[str, Any]:
        """Small JSON values learned about this generation, or the one before, by name; damaged ones are left out."""
        connection = connect_for_reading(self._home)
        try:
            query = f"SELECT name, value FROM notes WHERE generation = ? AND {sound('notes', 'notes')}"  # noqa: S608 — our own names
            rows = connection.execute(query, [self.generation - earlier]).fetchall()
        finally:
            connection.close()
        return {name: msgspec.json.decode(value) for name, value in rows}

    def note(self, name: str) -> Any:
        """The value noted under this name for this generation; None when there is none."""
        return self.notes().get(name)

    def put_note(self, name: str, value: Any) -> None:
        """Keeps a JSON value under this name, for this generation, in place of an earlier one.

        Raises:
            IndexLocked: this process may not write to the index.
        """
        if not self._home.writable:
            raise not_writable(self._home.folder, "read only")
        with open_for_writing(self._home) as connection, transaction(connection):
            write_note(connection, self.generation, name, value)


def _unknown(kind: str, value: str) -> Unknown:
    return Unknown(
        f"there is no {kind} {value!r} in this collection",
        rule=f"ids are those of the {kind}s indexed now",
        remedy="list them, or search again: what was indexed may have changed",
    )
