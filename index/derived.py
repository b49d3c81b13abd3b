"""The vector, word and phrase indexes of one generation, made from the catalog without embedding anything.

Each carries its generation's stamp in its name and is written before that generation becomes current. What is missing or
damaged later is made again, so that these folders may be deleted at any time.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import numpy as np

from index.catalog import connect_for_reading, read_state
from index.catalog.reader import Snapshot
from index.checksums import FOLDER_SUMS, UNFINISHED, check_folder, failed_writes_told, seal_folder
from index.errors import IndexDamaged, IndexLocked, PluginUnusable
from index.home import WORD_UNITS, Home, WordUnit, locked
from index.plugins import plugins
from index.stores import Ids, LexicalEntry, StoredVectors

if TYPE_CHECKING:
    from index.stores.bm25 import Postings
    from index.stores.codes import WindowCodes
    from index.stores.phrases import TantivyPhrases
    from index.stores.vectors import FaissFlat

_LONGEST_WAIT = 600.0
"""Seconds to wait for another process that is making the same files."""

_ENTRIES_AT_ONCE = 50_000
_CHARACTERS_AT_ONCE = 16_000_000
"""What tantivy is given between two commits."""

OWN_STORE = "faiss"
"""Name of Ibid's own vector store."""

CODES_FROM = 50_000
"""Windows from which candidates are chosen before anything is scored exactly: below, scoring every window is as fast."""

_REBUILD_SHARE = 0.2
"""Share of the entries that went from which an index is made afresh: changing it costs as much."""

Store = TypeVar("Store")


def prepare(home: Home, snapshot: Snapshot, before: str) -> None:
    """Writes all that is derived of a generation, so that it is whole when it becomes current.

    Args:
        home: the index.
        snapshot: the generation to come.
        before: stamp of the current one, "" for none. Only its files are built upon: of a generation that never became
            current, the numbers of excerpts and windows are used again.
    """
    stamp = snapshot.state.stamp
    vectors = _make_vectors(home, snapshot)
    vectors.save(vectors_path(home, stamp))
    if _has_codes(vectors):
        _changed_codes(home, vectors, before).save(codes_path(home, stamp))
    for unit in WORD_UNITS:
        _changed_words(words_path(home, unit, before), snapshot, unit).save(words_path(home, unit, stamp))
    _write_phrases(phrases_path(home, stamp), snapshot, phrases_path(home, before) if before else None)


def sweep_derived(home: Home, stamp: str) -> None:
    """Removes all derived files but those of one generation; what readers have mapped stays theirs.

    For whoever holds the writer's lock: others may be writing files of a generation to come.
    """
    with locked(home.derived_lock, _LONGEST_WAIT):
        for folder in (home.vectors, home.codes, *map(home.words, WORD_UNITS), home.phrases):
            for outdated in folder.iterdir() if folder.is_dir() else ():
                if outdated.name.partition(".")[0] != stamp or outdated.suffix == UNFINISHED:
                    _remove(outdated)


def remove_derived(home: Home) -> None:
    """Removes all derived files; what readers have mapped stays theirs."""
    sweep_derived(home, "")


def choose_vector_store(home: Home, name: str) -> None:
    """Has the vectors of an index kept by another store from now on; for whoever holds the writer's lock.

    Args:
        home: the index.
        name: "faiss", the name of a plug-in (entry point of ``ibid.stores``), or "" for the one that is in use.

    Raises:
        PluginUnusable: there is no such store.
    """
    if name in ("", _store_name(home)):
        return
    _store_named(name)
    if name == OWN_STORE:
        home.vector_store_choice.unlink()
    else:
        home.vector_store_choice.write_text(name, encoding="utf-8")
    for outdated in home.vectors.iterdir() if home.vectors.is_dir() else ():
        _remove(outdated)


def vector_store_of(home: Home) -> type[StoredVectors]:
    """The class that keeps the vectors of an index. Raises PluginUnusable where it is not installed."""
    return _store_named(_store_name(home))


def _store_name(home: Home) -> str:
    chosen = home.vector_store_choice
    return chosen.read_text(encoding="utf-8").strip() if chosen.is_file() else OWN_STORE


def _store_named(name: str) -> type[StoredVectors]:
    from index.stores.vectors import FaissFlat

    if name == OWN_STORE:
        return FaissFlat
    found: type[StoredVectors] | None = plugins("ibid.stores").get(name)
    if found is None:
        raise PluginUnusable(
            f"the vector store is {name!r}",
            rule=f"a vector store is {OWN_STORE} or a plug-in that is installed",
            remedy=f"install its distribution, or run `ibid index` with IBID_VECTOR_STORE={OWN_STORE}",
        )
    return found


def open_vectors(home: Home, snapshot: Snapshot) -> tuple[StoredVectors, str]:
    """The vectors of exactly this snapshot's windows: mapped from disk, or in memory where that cannot be.

    In memory it is when a newer generation is on disk already, or the home cannot be written to; why the disk could not
    take it is the second value of all three, "" where it could.
    """
    path = vectors_path(home, snapshot.state.stamp)

    def write() -> StoredVectors:
        (made := _make_vectors(home, snapshot)).save(path)
        return made

    def usable() -> StoredVectors | None:
        return _usable_vectors(vector_store_of(home), path, snapshot)

    return _open(home, snapshot, usable, write, lambda: _make_vectors(home, snapshot))


def open_codes(home: Home, snapshot: Snapshot, vectors: StoredVectors) -> "tuple[WindowCodes | None, str]":
    """The codes of exactly this snapshot's windows; None for a collection small enough to compare with every vector.

    Args:
        home: the index.
        snapshot: the generation.
        vectors: its vectors.
    """
    from index.stores.codes import WindowCodes

    if not _has_codes(vectors):
        return None, ""
    path = codes_path(home, snapshot.state.stamp)

    def write() -> "WindowCodes":
        (made := WindowCodes.of(vectors)).save(path)
        return made

    return _open(home, snapshot, lambda: _usable_codes(path, vectors), write, lambda: WindowCodes.of(vectors))


def open_words(home: Home, snapshot: Snapshot, unit: WordUnit) -> "tuple[Postings, str]":
    """The word index of exactly this snapshot's windows or excerpts: mapped from disk, or in memory where that cannot be."""
    path = words_path(home, unit, snapshot.state.stamp)

    def write() -> "Postings":
        (made := _make_words(snapshot, unit)).save(path)
        return made

    return _open(home, snapshot, lambda: _usable_words(path, snapshot, unit), write, lambda: _make_words(snapshot, unit))


def open_phrases(home: Home, snapshot: Snapshot) -> "tuple[TantivyPhrases, str]":
    """The phrase index of exactly this snapshot's excerpts: mapped from disk, or in memory where that cannot be."""
    path = phrases_path(home, snapshot.state.stamp)

    def write() -> "TantivyPhrases":
        _write_phrases(path, snapshot)
        return _usable_phrases(path, snapshot) or _make_phrases(None, snapshot)

    return _open(home, snapshot, lambda: _usable_phrases(path, snapshot), write, lambda: _make_phrases(None, snapshot))


def vectors_path(home: Home, stamp: str) -> Path:
    """The vector file of one generation."""
    return home.vectors / f"{stamp}.{_store_name(home)}"


def codes_path(home: Home, stamp: str) -> Path:
    """The file of codes of one generation."""
    return home.codes / f"{stamp}.faiss"


def words_path(home: Home, unit: WordUnit, stamp: str) -> Path:
    """The word index of one generation."""
    return home.words(unit) / f"{stamp}.safetensors"


def phrases_path(home: Home, stamp: str) -> Path:
    """The phrase index of one generation, a folder."""
    return home.phrases / stamp


def _open(
    home: Home, snapshot: Snapshot, usable: Callable[[], Store | None], write: Callable[[], Store], make: Callable[[], Store]
) -> tuple[Store, str]:
    """What is on disk, where it is usable; else made again, on disk for the newest generation, in memory for an older one.

    Where the disk has no room it is in memory too, and the second value says why; else that is "".
    """
    if found := usable():
        return found, ""
    if not home.writable:
        return make(), ""
    try:
        with locked(home.derived_lock, _LONGEST_WAIT):
            if found := usable():
                return found, ""
            if not _is_newest(home, snapshot):
                return make(), ""
            made = write()
    except IndexLocked as full:
        return make(), full.found
    return usable() or made, ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _has_codes(vectors: StoredVectors) -> "TypeGuard[FaissFlat]":
    """Whether candidates are chosen by codes: a store of a plug-in has its own way with many vectors."""
    from index.stores.vectors import FaissFlat

    return isinstance(vectors, FaissFlat) and len(vectors.ids) >= CODES_FROM


def _usable_vectors(kind: type[StoredVectors], path: Path, snapshot: Snapshot) -> StoredVectors | None:
    """None stands for a file that has to be made, whatever the reason."""
    if not path.exists():
        return None
    try:
        store = kind.load(path)
    except IndexDamaged:
        return None
    fits = store.dimension == snapshot.state.embedder.dimension and len(store.ids) == snapshot.counts().windows
    return store if fits else None


def _make_vectors(home: Home, snapshot: Snapshot) -> StoredVectors:
    return vector_store_of(home).of(snapshot.state.embedder.dimension, snapshot.vectors())


def _usable_codes(path: Path, vectors: "FaissFlat") -> "WindowCodes | None":
    """None stands for a file that has to be made, whatever the reason."""
    from index.stores.codes import WindowCodes

    try:
        store = WindowCodes.load(path) if path.is_file() else None
    except IndexDamaged:
        return None
    return store if store and store.count == len(vectors.ids) else None


def _changed_codes(home: Home, vectors: "FaissFlat", before: str) -> "WindowCodes":
    """Made from those of the generation before, where there are any, so that only what is new is encoded."""
    from index.stores.codes import WindowCodes
    from index.stores.vectors import FaissFlat

    try:
        earlier = FaissFlat.load(vectors_path(home, before)).ids
        return WindowCodes.changed(codes_path(home, before), earlier, vectors)
    except IndexDamaged:
        return WindowCodes.of(vectors)


def _usable_words(path: Path, snapshot: Snapshot, unit: WordUnit) -> "Postings | None":
    """None stands for a file that has to be made, whatever the reason."""
    store = _load_words(path)
    return store if store and len(store.ids) == getattr(snapshot.counts(), unit) else None


def _make_words(snapshot: Snapshot, unit: WordUnit) -> "Postings":
    from index.stores.bm25 import Postings

    return Postings.of(_entries(snapshot, unit, snapshot.entry_ids(unit)))


def _changed_words(before: Path, snapshot: Snapshot, unit: WordUnit) -> "Postings":
    """Made from those of the generation before where not much has gone, so that only what is new is read."""
    store, wanted = _load_words(before), snapshot.entry_ids(unit)
    removed = np.setdiff1d(store.ids, wanted) if store else wanted
    if store is None or len(removed) > _REBUILD_SHARE * len(store.ids):
        return _make_words(snapshot, unit)
    return store.changed(removed, _entries(snapshot, unit, np.setdiff1d(wanted, store.ids)))


def _load_words(path: Path) -> "Postings | None":
    from index.stores.bm25 import Postings

    try:
        return Postings.load(path) if path.is_file() else None
    except IndexDamaged:
        return None


def _entries(snapshot: Snapshot, unit: WordUnit, ids: Ids) -> Iterator[LexicalEntry]:
    for start in range(0, len(ids), _ENTRIES_AT_ONCE):
        yield from snapshot.lexical_entries(unit, ids[start : start + _ENTRIES_AT_ONCE])


def _usable_phrases(path: Path, snapshot: Snapshot) -> "TantivyPhrases | None":
    """None stands for an index that has to be made, whatever the reason."""
    store = _open_tantivy(path)
    return store if store and store.count == snapshot.counts().excerpts else None


def _write_phrases(path: Path, snapshot: Snapshot, before: Path | None = None) -> None:
    """Made from those of the generation before where not much has gone; these stay as they are."""
    draft = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with failed_writes_told(path.parent):
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
            if before is None or not _catch_up(before, draft, snapshot):
                shutil.rmtree(draft, ignore_errors=True)
                _make_phrases(draft, snapshot)
            seal_folder(draft)
            shutil.rmtree(path, ignore_errors=True)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _catch_up(earlier: Path, draft: Path, snapshot: Snapshot) -> bool:
    """Makes the draft from an earlier index, whose files tantivy never changes; False where that is not worth it or fails."""
    from index.stores.phrases import TantivyPhrases

    if (store := _open_tantivy(earlier)) is None:
        return False
    present, wanted = store.ids, snapshot.entry_ids("excerpts")
    removed = np.setdiff1d(present, wanted)
    if len(removed) > _REBUILD_SHARE * len(present):
        return False
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(earlier, draft, copy_function=_link, ignore=shutil.ignore_patterns("*.lock", FOLDER_SUMS))
    store = TantivyPhrases(draft)
    _add(store, snapshot, removed, np.setdiff1d(wanted, present))
    return np.array_equal(store.ids, wanted)


def _link(file: str, name: str) -> str:
    """A second name for a file, or a copy where the file system has no such names."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copy2(file, name)
    return name


def _make_phrases(folder: Path | None, snapshot: Snapshot) -> "TantivyPhrases":
    from index.stores.phrases import TantivyPhrases

    store = TantivyPhrases(folder)
    _add(store, snapshot, np.empty(0, np.int64), snapshot.entry_ids("excerpts"))
    return store


def _add(store: "TantivyPhrases", snapshot: Snapshot, removed: Ids, added: Ids) -> None:
    """Forgets some excerpts and adds others, some megabytes at a time."""
    waiting: list[LexicalEntry] = []
    characters = 0
    for entry in _entries(snapshot, "excerpts", added):
        if waiting and characters + len(entry.text) > _CHARACTERS_AT_ONCE:
            store.update(removed, waiting)
            waiting, characters = [], 0
        waiting.append(entry)
        characters += len(entry.text)
    store.update(removed, waiting)


def _open_tantivy(folder: Path) -> "TantivyPhrases | None":
    from index.stores.phrases import TantivyPhrases

    try:
        check_folder(folder)
        return TantivyPhrases(folder)
    except (IndexDamaged, OSError):  # OSError: a writer removes it at this moment
        return None


def _is_newest(home: Home, snapshot: Snapshot) -> bool:
    connection = connect_for_reading(home)
    try:
        state = read_state(connection)
    finally:
        connection.close()
    return state is not None and state.stamp == snapshot.state.stamp
