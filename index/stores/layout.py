"""Where windows stand, on disk: which excerpt each is in, and from where to where, as columns that are mapped when read."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.checksums import check, write_whole
from index.errors import IndexDamaged

Columns = npt.NDArray[np.int64]
"""Of all windows, by ascending id, their ids, the keys of their excerpts, their starts and their ends; shape (4, windows)."""


def columns_of(rows: Sequence[Sequence[int]]) -> Columns:
    """The columns of windows by rows that begin with these four numbers."""
    return np.array([row[:4] for row in rows], np.int64).reshape(-1, 4).T.copy()


def save_layout(path: Path, columns: Columns) -> None:
    """Writes the columns to ``path`` all at once.

    Raises:
        IndexLocked: they cannot be written there.
    """
    write_whole(path, partial(_write, columns))


def load_layout(path: Path) -> Columns:
    """Maps saved columns into memory once their checksums hold.

    Raises:
        IndexDamaged: the file is missing, cut short or something else.
    """
    check(path)
    try:
        # A plain view: NumPy's class of mapped arrays makes each small operation slower.
        columns: Columns = np.asarray(np.load(path, mmap_mode="r"))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if columns.dtype != np.int64 or columns.ndim != 2 or len(columns) != 4:
        raise _damaged(path, f"it holds {columns.dtype} of shape {columns.shape}")
    return columns


def changed_layout(columns: Columns, removed: Columns, added: Columns) -> Columns | None:
    """The columns without some windows and with others, whose ids come after all that are there.

    None where those to remove are not among them as they are given, by ascending id.
    """
    at = np.searchsorted(columns[0], removed[0])
    if (at == columns.shape[1]).any() or (columns[:, at] != removed).any():
        return None
    return np.concatenate([np.delete(columns, at, axis=1), added], axis=1)


def _write(columns: Columns, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, columns)


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="a layout has four columns with a number for each window",
        remedy="delete the file; it is made again from the catalog",
    )
