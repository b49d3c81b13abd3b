"""Exact nearest neighbours with FAISS: a flat inner-product index over rows in ascending id order."""

from collections.abc import Iterable
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.checksums import check, write_whole
from index.embedders import Vectors
from index.errors import EmbedderMismatch, IndexDamaged
from index.stores import Ids, Scores

_ROWS_AT_ONCE = 512
"""Vectors of 384 numbers that fit a core's cache of a megabyte. At 100,000 rows eight queries take 2.2 ms each instead of 5.5."""


class FaissFlat:
    """A VectorStore in memory, or mapped from a file; safe to search from many threads.

    Rows stand in ascending id order, so that FAISS's row numbers order ties as the ids do. FAISS
    computes each inner product by itself, whatever stands around it: equal rows score equal.
    """

    def __init__(self, dimension: int) -> None:
        self._hold(_empty(dimension))

    @classmethod
    def of(cls, dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> "FaissFlat":
        """A store in memory of rows that come in ascending order of id."""
        numbered = _empty(dimension)
        for ids, vectors in rows:
            numbered.add_with_ids(vectors, ids)
        store = cls(dimension)
        store._hold(numbered)
        return store

    @classmethod
    def load(cls, path: Path) -> "FaissFlat":
        """Maps a saved store into memory once its checksums hold: FAISS is never given damaged bytes.

        Raises:
            IndexDamaged: the file is missing, cut short or something else.
        """
        check(path)
        try:
            numbered = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # what FAISS raises for every file it cannot read
            raise _damaged(path, str(error).splitlines()[0]) from error
        if not isinstance(numbered, faiss.IndexIDMap) or not isinstance(faiss.downcast_index(numbered.index), faiss.IndexFlatIP):
            raise _damaged(path, f"it holds a {type(numbered).__name__}")
        store = cls(numbered.d)
        store._hold(numbered)
        if len(store.ids) != numbered.ntotal or (np.diff(store.ids) <= 0).any():
            raise _damaged(path, "its ids do not ascend")
        return store

    def save(self, path: Path) -> None:
        """Writes the store to ``path`` all at once: a reader finds the old file or the new one whole.

        Raises:
            IndexLocked: it cannot be written there.
        """
        write_whole(path, self._write)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self._ids

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        return int(self._index.d)

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forgets ``removed``, then stores ``vectors[i]`` under ``added[i]``, in place of what was there."""
        self._check_width(vectors)
        gone = np.isin(self._ids, np.concatenate([removed, added]))
        ids = np.concatenate([self._ids[~gone], added])
        order = np.argsort(ids, kind="stable")
        renewed = _empty(self.dimension)
        renewed.add_with_ids(np.concatenate([self._rows()[~gone], vectors])[order], ids[order])
        self._hold(renewed)

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products (float32), only from ``among`` where given."""
        self._check_width(queries)
        selected = None if among is None else np.isin(self._ids, among)
        available = len(self._ids) if selected is None else int(selected.sum())
        if not available or limit <= 0:
            return [(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
        parameters = None if selected is None else faiss.SearchParameters(sel=selector(selected))  # type: ignore[call-arg]  # its stubs know no wrapper
        return [self._search_one(query[np.newaxis], limit, available, parameters) for query in queries]

    def scores(self, queries: Vectors) -> Scores:
        """Inner products, shape (queries, rows): of each query with every row, by ascending id; equal rows score equal.

        Some rows at a time, which stay in a core's cache until all queries were compared with them.
        """
        return self._products(queries, self._rows())

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        """The same of some rows, by number: shape (queries, rows), each what ``scores`` has for the row."""
        return self._products(queries, self.rows(rows))

    def rows(self, numbers: Ids) -> Vectors:
        """The vectors of some rows, by number: row 0 is that of the lowest id."""
        some: Vectors = self._rows()[numbers]
        return some

    def _products(self, queries: Vectors, rows: Vectors) -> Scores:
        self._check_width(queries)
        wanted = np.ascontiguousarray(queries, np.float32)
        products = np.empty((len(wanted), len(rows)), np.float32)
        step = _ROWS_AT_ONCE if len(wanted) > 1 else max(1, len(rows))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            for query, into in zip(wanted, products[:, start : start + step], strict=True):
                pointers = map(faiss.swig_ptr, (into, query, some))
                faiss.fvec_inner_products_ny(*pointers, self.dimension, len(some))  # type: ignore[attr-defined]  # its stubs lack it
        return products

    def vectors(self, ids: Ids) -> Vectors:
        """The stored rows of these ids, in the order given.

        Raises:
            IndexDamaged: an id is not stored.
        """
        positions = np.searchsorted(self._ids, ids)
        found = positions < len(self._ids)
        found[found] = self._ids[positions[found]] == ids[found]
        if not found.all():
            raise IndexDamaged(
                f"window {int(ids[~found][0])} has no vector",
                rule="the vector index holds every window of its generation",
                remedy="delete the folder 'vectors' of the index; it is made again from the catalog",
            )
        rows: Vectors = self._rows()[positions]
        return rows

    def _write(self, path: Path) -> None:
        try:
            faiss.write_index(self._numbered, str(path))
        except RuntimeError as error:  # what FAISS raises for every file it cannot write
            raise OSError(str(error).splitlines()[0]) from error

    def _hold(self, numbered: faiss.IndexIDMap) -> None:
        """Searches go to the flat index inside, by row; the outer one keeps it alive, and goes to disk with its ids."""
        self._numbered = numbered
        self._index: faiss.IndexFlatIP = faiss.downcast_index(numbered.index)  # type: ignore[assignment]  # checked where it is read
        self._ids: Ids = faiss.vector_to_array(numbered.id_map)

    def _search_one(
        self, query: Vectors, limit: int, available: int, parameters: faiss.SearchParameters | None
    ) -> tuple[Ids, Scores]:
        """Asks for one more than wanted: FAISS keeps any of those that tie at the cut, we keep the lowest ids."""
        wanted = min(limit + 1, available)
        while True:
            found_scores, rows = self._index.search(query, wanted, params=parameters)
            scores: Scores = found_scores[0][rows[0] >= 0]
            tied_beyond = wanted < available and len(scores) > limit and scores[limit - 1] == scores[-1]
            if not tied_beyond:
                break
            wanted = min(wanted * 2, available)
        kept = rows[0][rows[0] >= 0]
        order = np.lexsort((kept, -scores))[:limit]
        return self._ids[kept[order]], scores[order]

    def _rows(self) -> Vectors:
        """A view of the vectors, mapped where the store is."""
        count = int(self._index.ntotal)
        if not count:
            return np.empty((0, self.dimension), np.float32)
        flat: npt.NDArray[np.float32] = faiss.rev_swig_ptr(self._index.get_xb(), count * self.dimension)
        return flat.reshape(count, self.dimension)

    def _check_width(self, vectors: Vectors) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise EmbedderMismatch(
                f"the index is {self.dimension} wide, the vectors have shape {vectors.shape}",
                rule="questions and windows are embedded by the same model",
                remedy="ask with the model the index was built with, or index again with the other one",
            )


def _empty(dimension: int) -> faiss.IndexIDMap:
    return faiss.IndexIDMap(faiss.IndexFlatIP(dimension))


def selector(selected: npt.NDArray[np.bool_]) -> faiss.IDSelector:
    """Lets FAISS search the rows that are true."""
    bits = np.packbits(selected, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]  # its stubs know no wrapper


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a vector index is a flat inner-product index with ascending ids",
        remedy="delete the file; it is made again from the catalog",
    )
