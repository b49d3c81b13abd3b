"""Exact nearest neighbours with FAISS: a flat inner-product index over rows in ascending id order."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.checksums import check, write_whole
from index.embedders import Vectors
from index.errors import EmbedderMismatch, IndexDamaged
from index.stores import Ids, Numbers, Scores
from index.stores.parts import Part, earlier_name, earlier_parts, is_worn, staying, write_earlier

_ROWS_AT_ONCE = 512
"""Vectors of 384 numbers that fit a core's cache of a megabyte. At 100,000 rows eight queries take 2.2 ms each instead of 5.5."""


_NONE_GONE: Numbers = np.empty(0, np.int32)

_AT_ONCE = 16_384
"""Rows that are copied at once."""


class _Rows:
    """Vectors by ascending id, some of which may have gone; FAISS's index of ids keeps the flat one alive.

    Args:
        numbered: all of them.
        gone: the numbers, ascending, of those that have gone.
        path: the file they are mapped from, None for vectors in memory.
    """

    def __init__(self, numbered: faiss.IndexIDMap, gone: Numbers | None = None, path: Path | None = None) -> None:
        self.numbered = numbered
        self.flat: faiss.IndexFlatIP = faiss.downcast_index(numbered.index)  # type: ignore[assignment]  # checked where it is read
        self.all_ids: Ids = faiss.vector_to_array(numbered.id_map)
        self.gone: Numbers = np.empty(0, np.int32) if gone is None else gone
        self.path = path
        self.left: Ids | None = None
        if len(self.gone):
            self.left = np.delete(np.arange(len(self.all_ids)), self.gone)
        self.ids = self.all_ids if self.left is None else self.all_ids[self.left]

    def all(self) -> Vectors:
        """A view of all vectors, gone or not, mapped where they are."""
        count, dimension = len(self.all_ids), int(self.flat.d)
        if not count:
            return np.empty((0, dimension), np.float32)
        flat: npt.NDArray[np.float32] = faiss.rev_swig_ptr(self.flat.get_xb(), count * dimension)
        return flat.reshape(count, dimension)

    def rows(self, numbers: Ids | slice) -> Vectors:
        """Some of the vectors that are left, by number."""
        some: Vectors = self.all()[numbers if self.left is None else self.left[numbers]]
        return some

    def pieces(self) -> Iterator[tuple[Ids, Vectors]]:
        """What is left, some at a time."""
        for start in range(0, len(self.ids), _AT_ONCE):
            yield self.ids[start : start + _AT_ONCE], self.rows(slice(start, start + _AT_ONCE))

    def lessened(self, removed: Ids) -> "_Rows":
        """Without some ids, as far as they are here: copied where much has gone."""
        gone = np.union1d(self.gone, np.flatnonzero(np.isin(self.all_ids, removed))).astype(np.int32)
        if len(gone) == len(self.gone):
            return self
        lessened = _Rows(self.numbered, gone, self.path)
        return _Rows(_numbered(int(self.flat.d), lessened.pieces())) if is_worn(len(self.all_ids), len(gone)) else lessened

    def nearest(self, query: Vectors, limit: int, among: Ids | None) -> tuple[Ids, Scores]:
        """The best ``limit`` ids of one query, shape (1, dimension), and their inner products."""
        selected = np.zeros(len(self.all_ids), np.bool_)
        selected[slice(None) if self.left is None else self.left] = True
        if among is not None:
            selected &= np.isin(self.all_ids, among)
        if not selected.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None if selected.all() else faiss.SearchParameters(sel=selector(selected))  # type: ignore[call-arg]  # its stubs know no wrapper
        return self._nearest(query, limit, int(selected.sum()), parameters)

    def _nearest(
        self, query: Vectors, limit: int, available: int, parameters: faiss.SearchParameters | None
    ) -> tuple[Ids, Scores]:
        """Asks for one more than wanted: FAISS keeps any of those that tie at the cut, we keep the lowest ids."""
        wanted = min(limit + 1, available)
        while True:
            found_scores, rows = self.flat.search(query, wanted, params=parameters)
            scores: Scores = found_scores[0][rows[0] >= 0]
            tied_beyond = wanted < available and len(scores) > limit and scores[limit - 1] == scores[-1]
            if not tied_beyond:
                break
            wanted = min(wanted * 2, available)
        kept = rows[0][rows[0] >= 0]
        order = np.lexsort((kept, -scores))[:limit]
        return self.all_ids[kept[order]], scores[order]


class FaissFlat:
    """A VectorStore in memory, or mapped from files; safe to search from many threads.

    Rows stand in ascending id order, so that FAISS's row numbers order ties as the ids do. FAISS
    computes each inner product by itself, whatever stands around it: equal rows score equal. They are in parts: what a run
    added, without what has gone since (index/stores/parts.py).
    """

    def __init__(self, dimension: int, parts: Sequence[_Rows] = ()) -> None:
        self._hold(parts or [_Rows(_numbered(dimension, ()))])

    @classmethod
    def of(cls, dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> "FaissFlat":
        """A store in memory of rows that come in ascending order of id."""
        return cls(dimension, [_Rows(_numbered(dimension, rows))])

    @classmethod
    def load(cls, path: Path) -> "FaissFlat":
        """Maps a saved store into memory once its checksums hold: FAISS is never given damaged bytes.

        Raises:
            IndexDamaged: a file is missing, cut short or something else.
        """
        loaded = [_Rows(_read(part.path), part.gone, part.path) for part in (*earlier_parts(path), Part(path, _NONE_GONE))]
        ids = np.concatenate([each.all_ids for each in loaded])
        short = any(len(each.all_ids) != each.flat.ntotal for each in loaded)
        if short or (np.diff(ids) <= 0).any() or len({each.flat.d for each in loaded}) > 1:
            raise _damaged(path, "its ids do not ascend")
        return cls(loaded[0].flat.d, loaded)

    def save(self, path: Path) -> None:
        """Writes what is new to ``path`` all at once, and gives the files of earlier parts names beside it.

        Raises:
            IndexLocked: they cannot be written there.
        """
        *earlier, newest = self._parts
        write_earlier(path, [self._part(each, path, place) for place, each in enumerate(earlier)])
        if len(newest.gone):
            newest = _Rows(_numbered(self.dimension, newest.pieces()))
        write_whole(path, partial(_write, newest.numbered))

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self._ids

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        return int(self._parts[0].flat.d)

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forgets ``removed``, then stores ``vectors[i]`` under ``added[i]``, in place of what was there."""
        self._check_width(vectors)
        left = np.flatnonzero(~np.isin(self._ids, np.concatenate([removed, added])))
        ids = np.concatenate([self._ids[left], added])
        order = np.argsort(ids, kind="stable")
        rows = np.concatenate([self.rows(left), vectors])[order]
        self._hold([_Rows(_numbered(self.dimension, [(ids[order], rows)]))])

    def changed(self, removed: Ids, added: Iterable[tuple[Ids, Vectors]]) -> "FaissFlat":
        """A store without some ids and with rows whose ids come after all that are there; parts are put together by size."""
        new = _Rows(_numbered(self.dimension, added))
        left = [each for each in (part.lessened(removed) if len(removed) else part for part in self._parts) if len(each.ids)]
        kept = staying([len(each.ids) for each in left], len(new.ids))
        if kept < len(left):
            new = _Rows(_numbered(self.dimension, chain.from_iterable(each.pieces() for each in (*left[kept:], new))))
        return FaissFlat(self.dimension, [*left[:kept], new])

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products (float32), only from ``among`` where given."""
        self._check_width(queries)
        return [self._search_one(query[np.newaxis], max(0, limit), among) for query in queries]

    def scores(self, queries: Vectors) -> Scores:
        """Inner products, shape (queries, rows): of each query with every row, by ascending id; equal rows score equal.

        Some rows at a time, which stay in a core's cache until all queries were compared with them.
        """
        if len(self._parts) == 1 and self._parts[0].left is None:
            return self._products(queries, self._parts[0].all())
        products = [(self._products(queries, part.all()), part.left) for part in self._parts]
        return np.concatenate([each if left is None else each[:, left] for each, left in products], axis=1)

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        """The same of some rows, by number: shape (queries, rows), each what ``scores`` has for the row."""
        return self._products(queries, self.rows(rows))

    def rows(self, numbers: Ids) -> Vectors:
        """The vectors of some rows, by number: row 0 is that of the lowest id."""
        if len(self._parts) == 1:
            return self._parts[0].rows(numbers)
        some = np.empty((len(numbers), self.dimension), np.float32)
        owners = np.searchsorted(self._firsts, numbers, "right") - 1
        for owner in np.unique(owners):
            own = np.flatnonzero(owners == owner)
            some[own] = self._parts[owner].rows(numbers[own] - self._firsts[owner])
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
        return self.rows(positions)

    def _part(self, rows: _Rows, path: Path, place: int) -> Part:
        """A file with some rows, which is written where there is none yet."""
        if rows.path is not None:
            return Part(rows.path, rows.gone)
        name = earlier_name(path, place)
        write_whole(name, partial(_write, rows.numbered))
        return Part(name, rows.gone)

    def _hold(self, parts: Sequence[_Rows]) -> None:
        self._parts = tuple(parts)
        self._ids: Ids = parts[0].ids if len(parts) == 1 else np.concatenate([each.ids for each in parts])
        self._firsts = np.cumsum([0, *(len(each.ids) for each in parts[:-1])])

    def _search_one(self, query: Vectors, limit: int, among: Ids | None) -> tuple[Ids, Scores]:
        if not limit:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        found = [part.nearest(query, limit, among) for part in self._parts]
        ids, scores = (np.concatenate(column) for column in zip(*found, strict=True))
        order = np.lexsort((ids, -scores))[:limit]
        return ids[order], scores[order]

    def _check_width(self, vectors: Vectors) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise EmbedderMismatch(
                f"the index is {self.dimension} wide, the vectors have shape {vectors.shape}",
                rule="questions and windows are embedded by the same model",
                remedy="ask with the model the index was built with, or index again with the other one",
            )


def _numbered(dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> faiss.IndexIDMap:
    numbered = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
    for ids, vectors in rows:
        numbered.add_with_ids(np.ascontiguousarray(vectors), ids)
    return numbered


def _read(path: Path) -> faiss.IndexIDMap:
    check(path)
    try:
        numbered = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:  # what FAISS raises for every file it cannot read
        raise _damaged(path, str(error).splitlines()[0]) from error
    if not isinstance(numbered, faiss.IndexIDMap) or not isinstance(faiss.downcast_index(numbered.index), faiss.IndexFlatIP):
        raise _damaged(path, f"it holds a {type(numbered).__name__}")
    return numbered


def _write(numbered: faiss.IndexIDMap, path: Path) -> None:
    try:
        faiss.write_index(numbered, str(path))
    except RuntimeError as error:  # what FAISS raises for every file it cannot write
        raise OSError(str(error).splitlines()[0]) from error


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
