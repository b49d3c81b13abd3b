"""What one generation of the catalog holds, as it stood when it was opened, whatever is written meanwhile."""

# ruff: noqa: S608 — only names of our own tables and columns are put into queries; values are bound
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import numpy as np

from index.arrays import cut
from index.catalog import State, connect_for_reading, decode_vectors, failures_told, missing, read_state, text_sha256, unpack
from index.catalog.rows import (
    _CITATION,
    _PLACES,
    _TEXTS,
    EmbeddedWindow,
    _document_card,
    _json,
    _work,
)
from index.catalog.sums import ALL_WINDOWS, SUM_OF_WINDOWS, check_windows, damaged, is_own, sound, unsound_rows
from index.embedders import Vectors
from index.errors import Unknown
from index.filters import Filters, condition
from index.home import Home, WordUnit
from index.records import Counts, DocumentCard, Excerpt, ExcerptTraits, Place, Window, Work
from index.stores import Ids, LexicalEntry
from index.stores.layout import Columns, columns_of
from index.text import rejoined
from index.windows import context_of

_EXCERPT = f"e.id, d.id, e.start, e.end, e.text, e.headings, e.citation, e.work, {sound('excerpts', 'e')}"
_EXCERPTS = "FROM excerpts e JOIN documents d ON d.key = e.document"
_DOCUMENT = (
    f"{sound('documents', 'd')}, d.id, d.name, d.title, d.sha256, d.file_sha256, d.reader, d.encoding, "
    "(SELECT count(*) FROM excerpts e WHERE e.document = d.key), d.characters, d.complete, d.blocks, d.layout, d.compilation, "
    "d.rendition, d.cited_as, d.language"
)
_ROWS_AT_ONCE = 4096
_CHARACTERS_AT_ONCE = 4_000_000
"""Of texts that are read one after the other, about so much is in memory at once, or one text that is longer."""

if TYPE_CHECKING:
    from index.citations.authority import Author

Stands = Callable[[int], tuple[int, int, int]]
"""Where a window stands by its id: the key of its excerpt, its start and its end."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Snapshot:
    """One read transaction of SQLite, shared by all threads.

    The transaction is what keeps an older generation readable while a newer one is written; the
    lock is what lets threads share it. Each query takes microseconds, so they hardly wait.
    """

    def __init__(self, home: Home, writing: sqlite3.Connection | None = None, *, lenient: bool = False) -> None:
        """Opens the newest generation; given the connection of a transaction that is open, what it is about to commit.

        ``lenient`` is for whoever looks for damage: excerpts and vectors are given as they are.
        """
        self._lenient = lenient
        self._catalog = home.catalog
        self._lock = threading.Lock()
        self._closing = False
        self._borrowed = writing is not None
        self._connection = writing or connect_for_reading(home)
        if not self._borrowed:
            # Whoever forgets to close a snapshot lets go of it all the same.
            weakref.finalize(self, self._connection.close)
        with failures_told(self._catalog):
            if not self._borrowed:
                self._connection.execute("BEGIN")
            state = read_state(self._connection)
        if state is None:
            self.close()
            raise missing(home)
        self.state: State = state
        self._authors: list[Any] | None = None

    def close(self) -> None:
        """Lets the writer reuse what only this snapshot still needed; a query that is running ends first.

        It does not wait for the query: whoever drops the last hold on a snapshot may be the very thread that runs it.
        """
        if self._borrowed:
            return
        self._closing = True
        if self._lock.acquire(blocking=False):
            self._connection.close()
            self._lock.release()

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query within this snapshot."""
        with self._lock, failures_told(self._catalog):
            rows = self._connection.execute(query, parameters).fetchall()
        if self._closing:
            self.close()
        return rows

    @cached_property
    def _counts(self) -> Counts:
        tables = ("documents", "excerpts", "windows", "works")
        return Counts(*(self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables))

    def counts(self) -> Counts:
        """How much there is; counted once."""
        return self._counts

    def windows(self, ids: Sequence[int], stands: Stands | None = None) -> list[Window]:
        """The windows of these ids, in the order given.

        Raises:
            Unknown: an id names no window.
            IndexDamaged: one does not stand where it should (see ``Stands``).
        """
        query = """
            SELECT w.excerpt, w.id, w.start, w.end, w.context, e.id FROM windows w JOIN excerpts e ON e.key = w.excerpt
            WHERE w.id IN (SELECT value FROM json_each(?)) ORDER BY w.excerpt
        """
        rows = self.rows(query, [_json(ids)])
        if stands and any(stands(number) != (key, start, end) for key, number, start, end, *_ in rows):
            raise damaged("the windows")
        found = {
            number: Window(excerpt, start, end, text, context)
            for text, number, start, end, context, excerpt in self._sliced(rows)
        }
        return [_known(found, number, "window") for number in ids]

    def window_ids_of(self, excerpt_ids: Sequence[str]) -> list[list[int]]:
        """The ids of each excerpt's windows, in the order of its text.

        Raises:
            Unknown: an id names no excerpt.
        """
        query = """
            SELECT e.id, w.id FROM excerpts e LEFT JOIN windows w ON w.excerpt = e.key
            WHERE e.id IN (SELECT value FROM json_each(?)) ORDER BY w.id
        """
        found: dict[str, list[int]] = {}
        for excerpt, number in self.rows(query, [_json(excerpt_ids)]):
            found.setdefault(excerpt, []).extend([number] if number is not None else [])
        return [_known(found, excerpt, "excerpt") for excerpt in excerpt_ids]

    def excerpts(self, ids: Sequence[str]) -> list[Excerpt]:
        """The excerpts of these ids, in the order given.

        Raises:
            Unknown: an id names no excerpt.
        """
        query = f"SELECT {_EXCERPT} {_EXCERPTS} WHERE e.id IN (SELECT value FROM json_each(?))"
        found = {row[0]: self._excerpt(row) for row in self.rows(query, [_json(ids)])}
        return [_known(found, excerpt, "excerpt") for excerpt in ids]

    def neighbours(self, excerpt_id: str, before: int, after: int) -> tuple[list[Excerpt], list[Excerpt]]:
        """Up to so many excerpts before and after one in its document, both in the document's order.

        Raises:
            Unknown: the id names no excerpt.
        """
        places = self.rows("SELECT document, start FROM excerpts WHERE id = ?", [excerpt_id])
        if not places:
            raise _unknown(excerpt_id, "excerpt")
        document, start = places[0]
        query = f"SELECT {_EXCERPT} {_EXCERPTS} WHERE e.document = ? AND e.start {{}} ? ORDER BY e.start {{}} LIMIT ?"
        earlier = self.rows(query.format("<", "DESC"), [document, start, before])
        later = self.rows(query.format(">", "ASC"), [document, start, after])
        return [self._excerpt(row) for row in reversed(earlier)], [self._excerpt(row) for row in later]

    def authors(self) -> "list[Author]":
        """The authors of the collection, the spellings of one together; made when first asked for."""
        from index.citations.authority import merge_authors  # and with it the regexes of citation lines

        if self._authors is None:
            people: list[tuple[dict[str, Any], int]] = []
            for citation, count in self.rows("SELECT citation, count(*) FROM excerpts GROUP BY citation", []):
                written = _CITATION.decode(citation)
                csl = written.csl or {} if written else {}
                people += [(person, count) for person in csl.get("author") or csl.get("editor") or ()]
            self._authors = merge_authors(people)
        return self._authors

    def _with_spellings(self, filters: Filters) -> Filters:
        """The filters with the other spellings of the authors that they name."""
        if not filters.author:
            return filters
        from index.citations.authority import spelled_otherwise

        known = self.authors()
        others = (each for value in filters.author for each in spelled_otherwise(value, known))
        return msgspec.structs.replace(filters, author=tuple(dict.fromkeys((*filters.author, *others))))

    def excerpt_ids(self, filters: Filters) -> list[str]:
        """The ids of the excerpts that the filters leave, in the order of documents and their text."""
        clause, parameters = condition(self._with_spellings(filters))
        query = f"SELECT e.id {_EXCERPTS} WHERE {clause} ORDER BY d.name, d.id, e.start"
        return [excerpt for (excerpt,) in self.rows(query, parameters)]

    def under_heading(self, headings: tuple[str, ...]) -> list[str]:
        """The ids of the excerpts with exactly these headings, in the order of documents and their text."""
        query = f"SELECT e.id {_EXCERPTS} WHERE e.headings = ? ORDER BY d.name, d.id, e.start"
        return [excerpt for (excerpt,) in self.rows(query, [msgspec.json.encode(headings)])]

    def works(self, filters: Filters) -> list[Work]:
        """The works with an excerpt that the filters leave, with the number of those excerpts."""
        clause, parameters = condition(self._with_spellings(filters))
        query = f"""
            SELECT {sound("works", "w")}, w.id, w.csl, count(*), w.spellings, w.likely
            {_EXCERPTS} JOIN works w ON w.id = e.work
            WHERE {clause} GROUP BY w.place ORDER BY w.place
        """
        return [_work(row) for row in self.rows(query, parameters)]

    def headings(self, filters: Filters) -> list[tuple[tuple[str, ...], int]]:
        """The headings over the excerpts that the filters leave, as they first come, with the number of these excerpts."""
        clause, parameters = condition(self._with_spellings(filters))
        query = f"SELECT e.headings, count(*) {_EXCERPTS} WHERE {clause} GROUP BY e.headings ORDER BY min(d.name), min(e.start)"
        return [(_TEXTS.decode(trail), count) for trail, count in self.rows(query, parameters)]

    def document_ids(self, filters: Filters) -> set[str]:
        """The ids of the documents with an excerpt that the filters leave."""
        clause, parameters = condition(self._with_spellings(filters))
        return {found for (found,) in self.rows(f"SELECT DISTINCT d.id {_EXCERPTS} WHERE {clause}", parameters)}

    def document_cards(self, document_id: str | None = None) -> list[DocumentCard]:
        """All documents by name, or the one with this id."""
        where, parameters = ("WHERE d.id = ?", [document_id]) if document_id is not None else ("", [])
        query = f"SELECT {_DOCUMENT} FROM documents d {where} ORDER BY d.name, d.id"
        return [_document_card(row) for row in self.rows(query, parameters)]

    def document_text(self, document_id: str) -> str:
        """The whole decoded text.

        Raises:
            Unknown: the id names no document.
        """
        rows = self.rows(f"SELECT text, {sound('texts', 'd')} FROM documents d WHERE id = ?", [document_id])
        if not rows:
            raise _unknown(document_id, "document")
        text, is_sound = rows[0]
        if not is_sound:
            raise damaged(f"the text of document {document_id}")
        return unpack(text).decode()

    def places(self, document_id: str) -> tuple[Place, ...]:
        """Where a document's pages, chapters and anchors begin, in the order of its text.

        Raises:
            Unknown: the id names no document.
        """
        rows = self.rows("SELECT places FROM documents WHERE id = ?", [document_id])
        if not rows:
            raise _unknown(document_id, "document")
        return _PLACES.decode(rows[0][0])

    def file_bytes(self, document_id: str) -> bytes:
        """The bytes of the file that a document was read from.

        Raises:
            Unknown: the id names no document.
        """
        rows = self.rows("SELECT f.data FROM documents d JOIN files f ON f.key = d.file WHERE d.id = ?", [document_id])
        if not rows:
            raise _unknown(document_id, "document")
        return unpack(rows[0][0])

    def keyed_excerpts(self) -> list[tuple[int, int, Excerpt]]:
        """All excerpts, each with the catalog's keys of its file and of itself."""
        query = f"SELECT d.file, e.key, {_EXCERPT} {_EXCERPTS} ORDER BY e.key"
        return [(file, key, self._excerpt(row)) for file, key, *row in self.rows(query)]

    def unsound_rows(self) -> list[tuple[str, int]]:
        """Table and key of every row that is not what was written."""
        with self._lock, failures_told(self._catalog):
            return list(unsound_rows(self._connection))

    def excerpts_of(self, document_id: str) -> list[Excerpt]:
        """The excerpts of a document in the order of its text."""
        query = f"SELECT {_EXCERPT} {_EXCERPTS} WHERE d.id = ? ORDER BY e.start"
        return [self._excerpt(row) for row in self.rows(query, [document_id])]

    def embedded_windows(self, excerpt_id: str) -> list[EmbeddedWindow]:
        """The windows of an excerpt in the order of its text, each with what its vector was made from."""
        query = """
            SELECT w.excerpt, w.id, w.start, w.end, w.context, v.embedder, v.sha256
            FROM excerpts e JOIN windows w ON w.excerpt = e.key LEFT JOIN vectors v ON v.key = w.vector
            WHERE e.id = ? ORDER BY w.id
        """
        return [
            EmbeddedWindow(number, Window(excerpt_id, start, end, text, context), embedder, sha256)
            for text, number, start, end, context, embedder, sha256 in self._sliced(self.rows(query, [excerpt_id]))
        ]

    def layout(self) -> Columns:
        """Which windows each excerpt has, and where they stand in it. Raises IndexDamaged unless they are what was written."""
        rows = self.rows(ALL_WINDOWS)
        check_windows(rows, self.rows(SUM_OF_WINDOWS))
        return columns_of(rows)

    def layout_after(self, last: int) -> Columns:
        """The same of the windows after an id, in a transaction that added them."""
        return columns_of(self.rows("SELECT id, excerpt, start, end FROM windows WHERE id > ? ORDER BY id", [last]))

    def excerpt_keys(self, filters: Filters) -> Ids:
        """The keys, ascending, of the excerpts that the filters leave."""
        clause, parameters = condition(self._with_spellings(filters))
        return self._numbers(f"SELECT e.key {_EXCERPTS} WHERE {clause} ORDER BY e.key", parameters)

    def excerpts_by_key(self, keys: Sequence[int]) -> list[Excerpt]:
        """The excerpts of these keys, in the order given.

        Raises:
            Unknown: a key names no excerpt.
        """
        query = f"SELECT e.key, {_EXCERPT} {_EXCERPTS} WHERE e.key IN (SELECT value FROM json_each(?))"
        found = {key: self._excerpt(row) for key, *row in self.rows(query, [_json(keys)])}
        return [_known(found, key, "excerpt") for key in keys]

    def traits(self, keys: Sequence[int]) -> list[ExcerptTraits]:
        """What the excerpts of these keys are sorted and counted by, in the order given; texts stay on disk.

        Raises:
            Unknown: a key names no excerpt.
        """
        query = f"""
            SELECT e.key, d.id, e.work, e.headings, e.first_year {_EXCERPTS}
            WHERE e.key IN (SELECT value FROM json_each(?))
        """
        found = {
            key: ExcerptTraits(key, document, work, tuple(msgspec.json.decode(headings)), year)
            for key, document, work, headings, year in self.rows(query, [_json(keys)])
        }
        return [_known(found, key, "excerpt") for key in keys]

    def vectors(self, after: int = 0) -> Iterator[tuple[Ids, Vectors]]:
        """The vectors of all windows, or of those after an id, in ascending order of id, some thousands at a time.

        Raises:
            IndexDamaged: one is not what was written.
        """
        query = f"""
            SELECT w.id, v.vector, {sound("vectors", "v")} FROM windows w JOIN vectors v ON v.key = w.vector
            WHERE w.id > ? ORDER BY w.id LIMIT ?
        """
        last = after
        while rows := self.rows(query, [last, _ROWS_AT_ONCE]):
            last = rows[-1][0]
            if unsound := [number for number, _, is_sound in rows if not (is_sound or self._lenient)]:
                raise damaged(f"the vector of window {unsound[0]}")
            dimension = self.state.embedder.dimension
            yield np.array([row[0] for row in rows], np.int64), decode_vectors([row[1] for row in rows], dimension)

    @cached_property
    def languages(self) -> Mapping[int, str]:
        """The language of each document by the catalog's key; told from its text where a catalog of an older layout says none."""
        from index.stores.analysis import language_of

        rows = self.rows("SELECT key, language, CASE WHEN language = '?' THEN text END FROM documents")
        return {key: language if text is None else language_of(unpack(text).decode()) for key, language, text in rows}

    def entry_ids(self, unit: WordUnit, after: int = 0) -> Ids:
        """The ids of all windows, or the keys of all excerpts, or of those after one, ascending."""
        key = "id" if unit == "windows" else "key"
        return self._numbers(f"SELECT {key} FROM {unit} WHERE {key} > ? ORDER BY {key}", [after])

    def lexical_entries(self, unit: WordUnit, ids: Ids) -> Iterator[LexicalEntry]:
        """What is searched by words for these windows, excerpt by excerpt, or for these excerpts; each text is read once."""
        return self._window_entries(ids) if unit == "windows" else self._excerpt_entries(ids)

    def _window_entries(self, ids: Ids) -> Iterator[LexicalEntry]:
        query = """
            SELECT w.excerpt, w.id, w.start, w.end, w.context, v.sha256, e.document
            FROM windows w JOIN vectors v ON v.key = w.vector JOIN excerpts e ON e.key = w.excerpt
            WHERE w.id IN (SELECT value FROM json_each(?)) ORDER BY w.excerpt, w.id
        """
        languages = self.languages
        for text, number, _, _, context, sha256, document in self._sliced(self.rows(query, [_json(ids.tolist())])):
            if not self._lenient and text_sha256(f"{context}\n{text}" if context else text) != sha256:
                raise damaged(f"window {number}")
            yield LexicalEntry(number, rejoined(text), context, languages[document])

    def _excerpt_entries(self, keys: Ids) -> Iterator[LexicalEntry]:
        query = f"SELECT e.key, d.key, {_EXCERPT} {_EXCERPTS} WHERE e.key IN (SELECT value FROM json_each(?)) ORDER BY e.key"
        languages = self.languages
        for some in self._few_megabytes(keys.tolist()):
            for key, document, *row in self.rows(query, [_json(some)]):
                excerpt = self._excerpt(row)
                yield LexicalEntry(key, rejoined(excerpt.text), context_of(excerpt).line, languages[document])

    def _excerpt(self, row: Sequence[Any]) -> Excerpt:
        """The record of a row.

        Raises:
            IndexDamaged: it is not what was written.
        """
        excerpt, document, start, end, text, headings, citation, work, is_sound = row
        if not (is_sound or self._lenient):
            raise damaged(f"excerpt {excerpt}")
        cited = _CITATION.decode(citation)
        if not (self._lenient or is_own(excerpt.partition("-")[0], text, cited)):
            raise damaged(f"the id of excerpt {excerpt}")
        return Excerpt(excerpt, document, start, end, text, _TEXTS.decode(headings), cited, work)

    def _sliced(self, windows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
        """Rows of windows, in order of ``(excerpt's key, id, start, end, …)``, with their text in place of the key."""
        rows = iter(windows)
        row = next(rows, None)
        for key, text in self._texts({row[0]: None for row in windows}):
            while row is not None and row[0] == key:
                yield text[row[2] : row[3]], *row[1:]
                row = next(rows, None)

    def _texts(self, keys: Iterable[int]) -> Iterator[tuple[int, str]]:
        """The texts of excerpts by ascending key; no text is read twice."""
        for some in self._few_megabytes(sorted(keys)):
            yield from self.rows(
                "SELECT key, text FROM excerpts WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key", [_json(some)]
            )

    def _few_megabytes(self, keys: Sequence[int]) -> Iterator[Sequence[int]]:
        """Ascending keys of excerpts in runs whose texts fit in memory together."""
        query = "SELECT key, end - start FROM excerpts WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key"
        sizes = self.rows(query, [_json(keys)])
        for run in cut([size for _, size in sizes], _CHARACTERS_AT_ONCE):
            yield [key for key, _ in sizes[run]]

    def _numbers(self, query: str, parameters: Sequence[object] = ()) -> Ids:
        return np.array([number for (number,) in self.rows(query, parameters)], np.int64)


def _known(found: dict[Key, Value], key: Key, kind: str) -> Value:
    if key not in found:
        raise _unknown(key, kind)
    return found[key]


def _unknown(key: object, kind: str) -> Unknown:
    return Unknown(
        f"there is no {kind} {key!r} in this collection",
        rule=f"ids are those of the {kind}s indexed now",
        remedy="search again: what was indexed may have changed",
    )
