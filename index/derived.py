"""The vector and lexical indexes of one generation, brought up to date from the catalog without embedding anything.

A vector file carries its generation's stamp in its name, each lexical folder in a file beside tantivy's.
What is behind, missing or damaged is made again, so that these folders may be deleted at any time.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.catalog import connect_for_reading, read_state
from index.errors import IndexDamaged
from index.home import Home, LexicalUnit
from index.lock import locked
from index.snapshot import Snapshot
from index.stores import Ids

if TYPE_CHECKING:
    from index.stores.faiss_flat import FaissFlat
    from index.stores.tantivy_bm25 import TantivyBm25

_LONGEST_WAIT = 600.0
"""Seconds to wait for another process that is making the same files."""

_ENTRIES_AT_ONCE = 50_000
_REBUILD_SHARE = 0.2
"""BM25 counts forgotten entries until tantivy merges them away; with more of them than this, it is made afresh."""


def open_vectors(home: Home, snapshot: Snapshot) -> "FaissFlat":
    """The vectors of exactly this snapshot's windows: mapped from disk, or in memory where that cannot be.

    In memory it is when a newer generation is on disk already, or the home cannot be written to.
    """
    path = vectors_path(home, snapshot.state.stamp)
    if usable := _usable_vectors(path, snapshot):
        return usable
    if not home.writable:
        return _make_vectors(snapshot)
    with locked(home.derived_lock, _LONGEST_WAIT):
        if usable := _usable_vectors(path, snapshot):
            return usable
        if not _is_newest(home, snapshot):
            return _make_vectors(snapshot)
        home.vectors.mkdir(exist_ok=True)
        for outdated in home.vectors.iterdir():
            outdated.unlink()
        _make_vectors(snapshot).save(path)
    from index.stores.faiss_flat import FaissFlat

    return FaissFlat.load(path)


def open_lexical(home: Home, snapshot: Snapshot, unit: LexicalUnit) -> "TantivyBm25":
    """The lexical index of exactly this snapshot's windows or excerpts: mapped from disk, or in memory where that cannot be."""
    if usable := _usable_lexical(home, snapshot, unit):
        return usable
    if not home.writable:
        return _make_lexical(None, snapshot, unit)
    with locked(home.derived_lock, _LONGEST_WAIT):
        if usable := _usable_lexical(home, snapshot, unit):
            return usable
        if not _is_newest(home, snapshot):
            return _make_lexical(None, snapshot, unit)
        # Removed first and written last: whoever finds the stamp finds an index that is whole.
        _stamp_file(home, unit).unlink(missing_ok=True)
        store = _caught_up(home, snapshot, unit) or _remade(home, snapshot, unit)
        _stamp_file(home, unit).write_text(snapshot.state.stamp)
        return store


def vectors_path(home: Home, stamp: str) -> Path:
    """The vector file of one generation."""
    return home.vectors / f"{stamp}.faiss"


def lexical_stamp(home: Home, unit: LexicalUnit) -> str:
    """The stamp of the generation that a lexical index reflects, "" for none."""
    file = _stamp_file(home, unit)
    return file.read_text() if file.is_file() else ""


def _usable_vectors(path: Path, snapshot: Snapshot) -> "FaissFlat | None":
    """None stands for a file that has to be made, whatever the reason."""
    from index.stores.faiss_flat import FaissFlat

    if not path.is_file():
        return None
    try:
        store = FaissFlat.load(path)
    except IndexDamaged:
        return None
    fits = store.dimension == snapshot.state.embedder.dimension and len(store.ids) == snapshot.counts().windows
    return store if fits else None


def _make_vectors(snapshot: Snapshot) -> "FaissFlat":
    from index.stores.faiss_flat import FaissFlat

    return FaissFlat.of(snapshot.state.embedder.dimension, snapshot.vectors())


def _usable_lexical(home: Home, snapshot: Snapshot, unit: LexicalUnit) -> "TantivyBm25 | None":
    """None stands for an index that has to be made or brought up to date, whatever the reason."""
    stamp = snapshot.state.stamp
    if lexical_stamp(home, unit) != stamp:
        return None
    store = _open_tantivy(home.lexical(unit))
    # A writer removes the stamp before it changes anything, so what was opened between two looks is whole.
    if store is None or lexical_stamp(home, unit) != stamp:
        return None
    return store if store.count == getattr(snapshot.counts(), unit) else None


def _caught_up(home: Home, snapshot: Snapshot, unit: LexicalUnit) -> "TantivyBm25 | None":
    """The index on disk after forgetting and adding what changed; None where that is not worth it or not possible."""
    store = _open_tantivy(home.lexical(unit))
    if store is None:
        return None
    present, wanted = store.ids, snapshot.entry_ids(unit)
    removed = np.setdiff1d(present, wanted)
    if len(removed) > _REBUILD_SHARE * len(present):
        return None
    _add(store, snapshot, unit, removed, np.setdiff1d(wanted, present))
    return store if np.array_equal(store.ids, wanted) else None


def _remade(home: Home, snapshot: Snapshot, unit: LexicalUnit) -> "TantivyBm25":
    # Readers keep what they have mapped; a name that is gone does not disturb them.
    shutil.rmtree(home.lexical(unit), ignore_errors=True)
    return _make_lexical(home.lexical(unit), snapshot, unit)


def _make_lexical(folder: Path | None, snapshot: Snapshot, unit: LexicalUnit) -> "TantivyBm25":
    from index.stores.tantivy_bm25 import TantivyBm25

    store = TantivyBm25(folder)
    _add(store, snapshot, unit, np.empty(0, np.int64), snapshot.entry_ids(unit))
    return store


def _add(store: "TantivyBm25", snapshot: Snapshot, unit: LexicalUnit, removed: Ids, added: Ids) -> None:
    for start in range(0, max(1, len(added)), _ENTRIES_AT_ONCE):
        store.update(removed, snapshot.lexical_entries(unit, added[start : start + _ENTRIES_AT_ONCE]))


def _open_tantivy(folder: Path) -> "TantivyBm25 | None":
    from index.stores.tantivy_bm25 import TantivyBm25

    try:
        return TantivyBm25(folder) if folder.is_dir() else None
    except IndexDamaged:
        return None


def _is_newest(home: Home, snapshot: Snapshot) -> bool:
    connection = connect_for_reading(home)
    try:
        state = read_state(connection)
    finally:
        connection.close()
    return state is not None and state.stamp == snapshot.state.stamp


def _stamp_file(home: Home, unit: LexicalUnit) -> Path:
    return home.lexical(unit) / "generation"
