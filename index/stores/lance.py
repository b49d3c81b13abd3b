"""Vectors in a Lance table, in a folder or an object store: it chooses candidates among many, whose rows are scored here.

A generation is a version of the table. What stands in the home is a note of a few bytes that names table and version, so that
a reader keeps its generation while the next is written. (IVF with RaBitQ codes, refined by the vectors; ``index.stores.codes``.)
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from index.checksums import check, write_whole
from index.embedders import Vectors
from index.errors import ExtraMissing, IndexDamaged, StoreFailed
from index.stores import Ids, Mask, Scores
from index.stores.vectors import FaissFlat

if TYPE_CHECKING:
    import pyarrow as pa

INDEXED_FROM = 50_000
"""Rows from which there is an index; of fewer all are compared."""

_IDS_AT_ONCE = 1000
_ROWS_AT_ONCE = 50_000
_REFINE = 5
"""So many times the rows wanted are compared by their vectors: without, .64 of the best ten were found."""

_PROBES = 80
_ROWS_A_LIST = 256
_FEW = 20_000
"""Up to so many rows a limit is told by their ids; a wider one is applied to what was found."""

_KEPT_FOR = timedelta(days=1)
"""How long an older version may still be read from other machines."""

_SUMS = 48
_PATIENCE = {"client_max_retries": "3", "client_retry_timeout": "20", "connect_timeout": "5s", "request_timeout": "20s"}


class _Note(msgspec.Struct, frozen=True):
    """What the home keeps of a generation."""

    table: str
    version: int
    dimension: int
    rows: int


class LanceStores:
    """Makes and loads the vectors kept below one address: what ``index.derived`` asks of a class of stores.

    Args:
        url: a folder, or an address such as s3://bucket/home; of one home alone.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def of(self, dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> "LanceVectors":
        """A store in memory of rows that come in ascending order of id; ``save`` takes it to the table."""
        return LanceVectors(self, FaissFlat.of(dimension, rows))

    def load(self, path: Path) -> "LanceVectors":
        """The generation that a note names.

        Raises:
            ExtraMissing: lancedb is not installed.
            IndexDamaged: the note is not what was written, or its version is gone.
            StoreFailed: the table cannot be reached.
        """
        check(path)
        try:
            note = msgspec.json.decode(path.read_bytes()[:-_SUMS], type=_Note)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise _damaged(str(path), str(error)) from error
        with _told(self.url):
            table = self.connect().open_table(note.table)
            table.checkout(note.version)
            found = table.search().select(["id"]).to_arrow()
        ids = np.sort(found["id"].to_numpy().astype(np.int64))
        if len(ids) != note.rows or (np.diff(ids) <= 0).any():
            raise _damaged(self.url, f"version {note.version} of {note.table} has other rows than it had")
        return LanceVectors(self, FaissFlat(note.dimension), _Opened(self.url, table, note, ids))

    def connect(self) -> Any:
        """A connection. Raises ExtraMissing."""
        try:
            import lancedb
        except ImportError as error:
            raise ExtraMissing(
                "vector store 'lance' needs lancedb",
                rule="an optional library is installed by who needs it",
                remedy="install it with: pip install 'ibid-rag[lance]'",
            ) from error
        return lancedb.connect(self.url, storage_options=_PATIENCE if "://" in self.url else None)


class _Opened(msgspec.Struct, frozen=True):
    """A version of a table, and the ids of its rows, ascending."""

    url: str
    table: Any
    note: _Note
    ids: Any

    def nearest(self, query: Vectors, limit: int, among: Ids | None) -> Ids:
        """About the nearest rows of one query, by id; only of ``among`` where given."""
        asked = self.table.search(np.ascontiguousarray(query, np.float32)).distance_type("l2")
        asked = asked.nprobes(_PROBES).refine_factor(_REFINE).select(["id", "_distance"]).limit(limit)
        if among is not None:
            asked = asked.where(_among(among), prefilter=True)
        with _told(self.url):
            found: Ids = asked.to_arrow()["id"].to_numpy().astype(np.int64)
        return found

    def vectors(self, ids: Ids) -> Vectors:
        """The rows of these ids, which ascend."""
        whole = 2 * len(ids) >= len(self.ids)
        pieces = [ids] if whole else np.split(ids, range(_IDS_AT_ONCE, len(ids), _IDS_AT_ONCE))
        rows = [np.empty((0, self.note.dimension), np.float32)]
        for some in pieces:
            asked = self.table.search().select(["id", "vector"])
            with _told(self.url):
                found = (asked if whole else asked.where(_among(some)).limit(len(some))).to_arrow()
            rows.append(_in_order(found, some, self.note.dimension))
        return np.concatenate(rows)


class LanceVectors:
    """Stored vectors and their codes at once; safe to search from many threads.

    Args:
        stores: where they belong.
        fresh: rows in memory that are in no table yet.
        opened: the version of a table that the others are in; None where all are in memory.
        kept: which ids of that version stay.
    """

    def __init__(self, stores: LanceStores, fresh: FaissFlat, opened: _Opened | None = None, kept: Ids | None = None) -> None:
        self._stores = stores
        self._fresh = fresh
        self._opened = opened
        self._kept: Ids = kept if kept is not None else opened.ids if opened else np.empty(0, np.int64)
        self.ids: Ids = np.concatenate([self._kept, fresh.ids])
        self.dimension = fresh.dimension

    def grown(self, wanted: Ids, rows: Callable[[int], Iterable[tuple[Ids, Vectors]]]) -> "LanceVectors | None":
        """These vectors with only the ids wanted, and with ``rows`` after the last id; None where that is not all of them."""
        last = int(self.ids[-1]) if len(self.ids) else 0
        kept = self.ids[np.isin(self.ids, wanted)]
        if self._opened is None or len(self._fresh.ids) or not np.array_equal(kept, wanted[wanted <= last]):
            return None
        return LanceVectors(self._stores, FaissFlat.of(self.dimension, rows(last)), self._opened, kept)

    def save(self, path: Path) -> None:
        """Writes a version of the table, then the note that names it.

        A writer killed between the two leaves a version that nobody reads: the next one starts from the version noted last.

        Raises:
            IndexLocked: the note cannot be written.
            StoreFailed: the table cannot be reached.
        """
        with _told(self._stores.url):
            table, name = self._changed(self._opened) if self._opened and len(self._kept) else self._created()
            if len(self.ids) >= INDEXED_FROM:
                _keep_index(table, len(self.ids), anew=name != (self._opened.note.table if self._opened else ""))
            note = _Note(name, table.version, self.dimension, len(self.ids))
        write_whole(path, lambda draft: _write(draft, msgspec.json.encode(note)))

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forgets ``removed``, then stores ``vectors[i]`` under ``added[i]``; in memory, until it is saved."""
        flat = self._flat
        flat.update(removed, added, vectors)
        self.__dict__.pop("_flat", None)
        self._fresh, self._opened, self._kept, self.ids = flat, None, np.empty(0, np.int64), flat.ids

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products, only from ``among`` where given; all rows are read."""
        return self._flat.search(queries, limit, among)

    def scores(self, queries: Vectors) -> Scores:
        """Inner products of each query with every row; all rows are read, and kept in memory."""
        return self._flat.scores(queries)

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        """The same of some rows, by number."""
        if "_flat" in self.__dict__ or self._opened is None:
            return self._flat.scores_of(queries, rows)
        ids, places = np.unique(self.ids[rows], return_inverse=True)
        return FaissFlat.of(self.dimension, [(ids, self._opened.vectors(ids))]).scores(queries)[:, places]

    def vectors(self, ids: Ids) -> Vectors:
        """The stored rows of these ids, in the order given. Raises IndexDamaged for an id not stored."""
        if "_flat" in self.__dict__ or self._opened is None or not len(ids):
            return self._flat.vectors(ids)
        distinct, places = np.unique(ids, return_inverse=True)
        return self._opened.vectors(distinct)[places]

    def nearest(self, query: Vectors, limit: int, among: Mask | None = None) -> Ids:
        """About the nearest ``limit`` rows of one query, by number; only of ``among`` where given."""
        if self._opened is None or limit <= 0 or not len(self.ids):
            scores = np.where(True if among is None else among, self.scores(query[np.newaxis])[0], -np.inf)
            best = np.argsort(-scores, kind="stable")[:limit]
            return best[np.isfinite(scores[best])]
        if among is None:
            return np.searchsorted(self.ids, self._opened.nearest(query, limit, None))
        allowed = self.ids[among]
        if len(allowed) <= _FEW:
            return np.searchsorted(self.ids, self._opened.nearest(query, limit, allowed)) if len(allowed) else allowed
        wide = min(len(self.ids), 2 * limit * -(-len(self.ids) // len(allowed)))
        rows: Ids = np.searchsorted(self.ids, self._opened.nearest(query, wide, None))
        return rows[among[rows]][:limit]

    @cached_property
    def _flat(self) -> FaissFlat:
        """All rows in memory."""
        if self._opened is None:
            return self._fresh
        fresh = self._fresh.rows(np.arange(len(self._fresh.ids)))
        return FaissFlat.of(self.dimension, [(self._kept, self._opened.vectors(self._kept)), (self._fresh.ids, fresh)])

    def _changed(self, opened: _Opened) -> tuple[Any, str]:
        """The table of before, from the version noted, without what has gone and with what is new."""
        table = self._stores.connect().open_table(opened.note.table)
        if table.version != opened.note.version:
            table.checkout(opened.note.version)
            table.restore()
        gone = np.setdiff1d(opened.ids, self._kept)
        for first in range(0, len(gone), _IDS_AT_ONCE):
            table.delete(_among(gone[first : first + _IDS_AT_ONCE]))
        for batch in self._batches():
            table.add(batch)
        return table, opened.note.table

    def _created(self) -> tuple[Any, str]:
        connection = self._stores.connect()
        name = f"vectors-{secrets.token_hex(8)}"
        empty = _arrow(np.empty(0, np.int64), np.empty((0, self.dimension), np.float32))
        table = connection.create_table(name, schema=empty.schema)
        for batch in self._batches():
            table.add(batch)
        return table, name

    def _batches(self) -> "Iterator[pa.Table]":
        ids = self._fresh.ids
        for first in range(0, len(ids), _ROWS_AT_ONCE):
            some = np.arange(first, min(len(ids), first + _ROWS_AT_ONCE))
            yield _arrow(ids[some], self._fresh.rows(some))


def _keep_index(table: Any, rows: int, *, anew: bool) -> None:
    """Has all rows in the indexes: of ids, and of vectors."""
    from lancedb.index import BTree, IvfRq

    if anew or not table.list_indices():
        table.create_index("id", config=BTree(), replace=True)
        table.create_index("vector", config=IvfRq(distance_type="l2", num_partitions=max(1, rows // _ROWS_A_LIST)), replace=True)
    else:
        table.optimize(cleanup_older_than=_KEPT_FOR)


def _arrow(ids: Ids, vectors: Vectors) -> "pa.Table":
    """Copies: Lance panics on arrays that are mapped from files and not aligned."""
    import pyarrow as pa

    numbers = pa.array(np.array(vectors, np.float32, copy=True).reshape(-1))
    return pa.table(
        {
            "id": pa.array(np.array(ids, np.int64, copy=True)),
            "vector": pa.FixedSizeListArray.from_arrays(numbers, vectors.shape[1]),
        }
    )


def _in_order(found: "pa.Table", ids: Ids, dimension: int) -> Vectors:
    """The vectors of these ascending ids. Raises IndexDamaged where one is missing."""
    known = found["id"].to_numpy().astype(np.int64)
    vectors = found["vector"].combine_chunks().flatten().to_numpy().reshape(-1, dimension)
    if len(missing := np.setdiff1d(ids, known)):
        raise _damaged("a table of vectors", f"window {missing[0]} has no vector")
    order = np.argsort(known)
    places = np.searchsorted(known[order], ids)
    rows: Vectors = vectors[order[places]].astype(np.float32)
    return rows


def _among(ids: Ids) -> str:
    return f"id IN ({','.join(map(str, ids.tolist()))})"


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turns what Lance raises into our words: what is gone is made again, what cannot be reached is not."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "no longer exists" in told or "was not found" in told:
            raise _damaged(url, told) from error
        raise StoreFailed(
            f"the vectors at {url} cannot be reached ({told[:200]})",
            rule="a home whose vector store is lance reads and writes them there",
            remedy="see to the connection and the keys of the object store (AWS_… variables), and try again",
        ) from error


def _damaged(where: str, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{where} cannot be used: {found}",
        rule="each generation is a version of a Lance table, noted in the home",
        remedy="run `ibid index` again: the table is made again from the catalog",
    )
