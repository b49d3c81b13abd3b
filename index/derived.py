"""The vector, word and phrase indexes of one generation, brought up to date from the catalog without embedding anything.

Vector and word files carry their generation's stamp in their name, the phrase index in a file beside tantivy's.
What is behind, missing or damaged is made again, so that these folders may be deleted at any time.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from index.catalog import connect_for_reading, read_state
from index.catalog.reader import Snapshot
from index.errors import IndexDamaged
from index.home import Home, WordUnit, locked
from index.stores import Ids, LexicalEntry

if TYPE_CHECKING:
    from index.stores.bm25 import Postings
    from index.stores.phrases import TantivyPhrases
    from index.stores.vectors import FaissFlat

_LONGEST_WAIT = 600.0
"""Seconds to wait for another process that is making the same files."""

_ENTRIES_AT_ONCE = 50_000
_REBUILD_SHARE = 0.2
"""Share of the entries that went from which an index is made afresh: changing it costs as much."""


class _Saved(Protocol):
    def save(self, path: Path) -> None: ...


Store = TypeVar("Store", bound=_Saved)


def open_vectors(home: Home, snapshot: Snapshot) -> "FaissFlat":
    """The vectors of exactly this snapshot's windows: mapped from disk, or in memory where that cannot be.

    In memory it is when a newer generation is on disk already, or the home cannot be written to.
    """
    path = vectors_path(home, snapshot.state.stamp)
    return _open_saved(home, snapshot, path, lambda: _usable_vectors(path, snapshot), lambda: _make_vectors(snapshot))


def open_words(home: Home, snapshot: Snapshot, unit: WordUnit) -> "Postings":
    """The word index of exactly this snapshot's windows or excerpts: mapped from disk, or in memory where that cannot be."""
    path = words_path(home, unit, snapshot.state.stamp)
    return _open_saved(
        home, snapshot, path, lambda: _usable_words(path, snapshot, unit), lambda: _make_words(home, snapshot, unit)
    )


def open_phrases(home: Home, snapshot: Snapshot) -> "TantivyPhrases":
    """The phrase index of exactly this snapshot's excerpts: mapped from disk, or in memory where that cannot be."""
    if usable := _usable_phrases(home, snapshot):
        return usable
    if not home.writable:
        return _make_phrases(None, snapshot)
    with locked(home.derived_lock, _LONGEST_WAIT):
        if usable := _usable_phrases(home, snapshot):
            return usable
        if not _is_newest(home, snapshot):
            return _make_phrases(None, snapshot)
        # Removed first and written last: whoever finds the stamp finds an index that is whole.
        _stamp_file(home).unlink(missing_ok=True)
        store = _caught_up(home, snapshot) or _remade(home, snapshot)
        _stamp_file(home).write_text(snapshot.state.stamp)
        return store


def vectors_path(home: Home, stamp: str) -> Path:
    """The vector file of one generation."""
    return home.vectors / f"{stamp}.faiss"


def words_path(home: Home, unit: WordUnit, stamp: str) -> Path:
    """The word index of one generation."""
    return home.words(unit) / f"{stamp}.safetensors"


def phrases_stamp(home: Home) -> str:
    """The stamp of the generation that the phrase index reflects, "" for none."""
    file = _stamp_file(home)
    return file.read_text() if file.is_file() else ""


def _open_saved(
    home: Home, snapshot: Snapshot, path: Path, usable: Callable[[], Store | None], make: Callable[[], Store]
) -> Store:
    """What is kept in one file a generation; those of other generations are removed when it is written."""
    if found := usable():
        return found
    if not home.writable:
        return make()
    with locked(home.derived_lock, _LONGEST_WAIT):
        if found := usable():
            return found
        made = make()
        if not _is_newest(home, snapshot):
            return made
        path.parent.mkdir(parents=True, exist_ok=True)
        for outdated in path.parent.iterdir():
            _remove(outdated)
        made.save(path)
    return usable() or made


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _usable_vectors(path: Path, snapshot: Snapshot) -> "FaissFlat | None":
    """None stands for a file that has to be made, whatever the reason."""
    from index.stores.vectors import FaissFlat

    if not path.is_file():
        return None
    try:
        store = FaissFlat.load(path)
    except IndexDamaged:
        return None
    fits = store.dimension == snapshot.state.embedder.dimension and len(store.ids) == snapshot.counts().windows
    return store if fits else None


def _make_vectors(snapshot: Snapshot) -> "FaissFlat":
    from index.stores.vectors import FaissFlat

    return FaissFlat.of(snapshot.state.embedder.dimension, snapshot.vectors())


def _usable_words(path: Path, snapshot: Snapshot, unit: WordUnit) -> "Postings | None":
    """None stands for a file that has to be made, whatever the reason."""
    store = _load_words(path)
    return store if store and len(store.ids) == getattr(snapshot.counts(), unit) else None


def _make_words(home: Home, snapshot: Snapshot, unit: WordUnit) -> "Postings":
    """From those of an earlier generation where there are some, so that only what is new is read."""
    from index.stores.bm25 import Postings

    wanted = snapshot.entry_ids(unit)
    for earlier in home.words(unit).glob("*.safetensors"):
        store = _load_words(earlier)
        if store is None:
            continue
        removed = np.setdiff1d(store.ids, wanted)
        if len(removed) <= _REBUILD_SHARE * len(store.ids):
            return store.changed(removed, _entries(snapshot, unit, np.setdiff1d(wanted, store.ids)))
    return Postings.of(_entries(snapshot, unit, wanted))


def _load_words(path: Path) -> "Postings | None":
    from index.stores.bm25 import Postings

    try:
        return Postings.load(path) if path.is_file() else None
    except IndexDamaged:
        return None


def _entries(snapshot: Snapshot, unit: WordUnit, ids: Ids) -> Iterator[LexicalEntry]:
    for start in range(0, len(ids), _ENTRIES_AT_ONCE):
        yield from snapshot.lexical_entries(unit, ids[start : start + _ENTRIES_AT_ONCE])


def _usable_phrases(home: Home, snapshot: Snapshot) -> "TantivyPhrases | None":
    """None stands for an index that has to be made or brought up to date, whatever the reason."""
    stamp = snapshot.state.stamp
    if phrases_stamp(home) != stamp:
        return None
    store = _open_tantivy(home.phrases)
    # A writer removes the stamp before it changes anything, so what was opened between two looks is whole.
    if store is None or phrases_stamp(home) != stamp:
        return None
    return store if store.count == snapshot.counts().excerpts else None


def _caught_up(home: Home, snapshot: Snapshot) -> "TantivyPhrases | None":
    """The index on disk after forgetting and adding what changed; None where that is not worth it or not possible."""
    store = _open_tantivy(home.phrases)
    if store is None:
        return None
    present, wanted = store.ids, snapshot.entry_ids("excerpts")
    removed = np.setdiff1d(present, wanted)
    if len(removed) > _REBUILD_SHARE * len(present):
        return None
    _add(store, snapshot, removed, np.setdiff1d(wanted, present))
    return store if np.array_equal(store.ids, wanted) else None


def _remade(home: Home, snapshot: Snapshot) -> "TantivyPhrases":
    # Readers keep what they have mapped; a name that is gone does not disturb them.
    shutil.rmtree(home.phrases, ignore_errors=True)
    return _make_phrases(home.phrases, snapshot)


def _make_phrases(folder: Path | None, snapshot: Snapshot) -> "TantivyPhrases":
    from index.stores.phrases import TantivyPhrases

    store = TantivyPhrases(folder)
    _add(store, snapshot, np.empty(0, np.int64), snapshot.entry_ids("excerpts"))
    return store


def _add(store: "TantivyPhrases", snapshot: Snapshot, removed: Ids, added: Ids) -> None:
    for start in range(0, max(1, len(added)), _ENTRIES_AT_ONCE):
        store.update(removed, snapshot.lexical_entries("excerpts", added[start : start + _ENTRIES_AT_ONCE]))


def _open_tantivy(folder: Path) -> "TantivyPhrases | None":
    from index.stores.phrases import TantivyPhrases

    try:
        return TantivyPhrases(folder) if folder.is_dir() else None
    except IndexDamaged:
        return None


def _is_newest(home: Home, snapshot: Snapshot) -> bool:
    connection = connect_for_reading(home)
    try:
        state = read_state(connection)
    finally:
        connection.close()
    return state is not None and state.stamp == snapshot.state.stamp


def _stamp_file(home: Home) -> Path:
    return home.phrases / "generation"
