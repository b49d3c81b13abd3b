"""Vectors in one bit a number, which choose candidates where there are too many to compare with every vector.

(Gao and Long 2024, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest Neighbor
Search".) 56 bytes stand for 1,536; what is chosen is compared exactly afterwards.
"""

from pathlib import Path

import faiss
import numpy as np

from index.checksums import check, write_whole
from index.embedders import Vectors
from index.errors import IndexDamaged
from index.stores import Ids, Mask
from index.stores.vectors import FaissFlat, selector

_LEARNED_FROM = 100_000
"""Rows that the centre of all is taken from."""

_ROWS_AT_ONCE = 16_384

_QUERY_BITS = 4
"""Bits a number of the query. Unrounded ones (0) take a hundred times as long."""

_GROWN = 4
"""From so many times the rows that the centre was learned from, codes are made anew."""


class WindowCodes:
    """The codes of a vector store's rows, in their order, in memory or mapped from a file; safe to search from many threads."""

    def __init__(self, index: faiss.IndexRaBitQ) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: FaissFlat) -> "WindowCodes":
        """The codes of all rows of a store."""
        index = faiss.IndexRaBitQ(vectors.dimension, faiss.METRIC_INNER_PRODUCT)
        count = len(vectors.ids)
        index.train(vectors.rows(np.arange(0, count, max(1, count // _LEARNED_FROM))))
        index.qb = _QUERY_BITS
        return cls(index).grown(vectors)

    @classmethod
    def load(cls, path: Path) -> "WindowCodes":
        """Maps saved codes into memory once their checksums hold: FAISS is never given damaged bytes.

        Raises:
            IndexDamaged: the file is missing, cut short or something else.
        """
        return cls(_read(path, faiss.IO_FLAG_MMAP_IFC))

    @classmethod
    def changed(cls, path: Path, before: Ids, vectors: FaissFlat) -> "WindowCodes":
        """The codes of a store's rows, made from those that were saved at ``path`` for the rows with the ids ``before``.

        Raises:
            IndexDamaged: the file is missing, cut short or something else.
        """
        index = _read(path, 0)
        kept = np.isin(before, vectors.ids)
        count = int(kept.sum())
        if index.ntotal != len(before) or len(vectors.ids) > _GROWN * len(before) or (vectors.ids[:count] != before[kept]).any():
            return cls.of(vectors)
        codes = faiss.vector_to_array(index.codes).reshape(len(before), -1)[kept]  # type: ignore[attr-defined]  # its stubs lack it
        faiss.copy_array_to_vector(np.ascontiguousarray(codes.reshape(-1)), index.codes)  # type: ignore[attr-defined]  # its stubs lack it
        index.ntotal = count
        return cls(index).grown(vectors)

    def save(self, path: Path) -> None:
        """Writes the codes to ``path`` all at once.

        Raises:
            IndexLocked: they cannot be written there.
        """
        write_whole(path, self._write)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self._index.ntotal)

    def nearest(self, query: Vectors, limit: int, among: Mask | None = None) -> Ids:
        """About the nearest ``limit`` rows of one query, shape (dimension,), by number; only of ``among`` where given."""
        chosen = {} if among is None else {"sel": selector(among)}
        parameters = faiss.RaBitQSearchParameters(qb=_QUERY_BITS, **chosen)  # type: ignore[call-arg]  # its stubs know no wrapper
        wanted = min(limit, self.count)
        if not wanted:
            return np.empty(0, np.int64)
        _, found = self._index.search(query[np.newaxis], wanted, params=parameters)
        rows: Ids = found[0][found[0] >= 0]
        return rows

    def grown(self, vectors: FaissFlat) -> "WindowCodes":
        """These codes with those of the store's rows that come after them; not for codes that are mapped or searched."""
        count = len(vectors.ids)
        for first in range(self.count, count, _ROWS_AT_ONCE):
            self._index.add(vectors.rows(np.arange(first, min(count, first + _ROWS_AT_ONCE))))
        return self

    def _write(self, path: Path) -> None:
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:  # what FAISS raises for every file it cannot write
            raise OSError(str(error).splitlines()[0]) from error


def _read(path: Path, flags: int) -> faiss.IndexRaBitQ:
    check(path)
    try:
        index = faiss.read_index(str(path), flags)
    except RuntimeError as error:  # what FAISS raises for every file it cannot read
        raise _damaged(path, str(error).splitlines()[0]) from error
    if not isinstance(index, faiss.IndexRaBitQ) or index.qb != _QUERY_BITS:
        raise _damaged(path, f"it holds a {type(index).__name__}")
    return index


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="codes of vectors are a flat RaBitQ index",
        remedy="delete the file; it is made again from the catalog",
    )
