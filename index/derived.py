"""The vector, word and phrase indexes of one generation, made from the catalog without embedding anything.

Each carries its generation's stamp in its name and is written before that generation becomes current. What is missing or
damaged later is made again, so that these folders may be deleted at any time.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, TypeVar, cast

from index.catalog import connect_for_reading, read_state
from index.catalog.reader import Snapshot
from index.catalog.sums import damaged
from index.catalog.writer import Delta
from index.checksums import UNFINISHED
from index.errors import IndexDamaged, IndexLocked, PluginUnusable
from index.home import WORD_UNITS, Home, WordUnit, locked
from index.phrase_folders import New, Phrases, make_phrases, phrases, quoted, usable_phrases, write_phrases
from index.plugins import plugins
from index.stores import Ids, LexicalEntry, StoredVectors, VectorCodes
from index.stores.layout import Columns, changed_layout, load_layout, save_layout

if TYPE_CHECKING:
    from index.stores.codes import WindowCodes
    from index.stores.phrases import Readings, TantivyPhrases, TantivyQuoted
    from index.stores.segments import WordIndex
    from index.stores.vectors import FaissFlat

_LONGEST_WAIT = 600.0
"""Seconds to wait for another process that is making the same files."""

_ENTRIES_AT_ONCE = 50_000

OWN_STORE = "faiss"
"""Name of Ibid's own vector store."""

LANCE_STORE = "lance"
"""Name of the store in a Lance table; "lance:URL" for one that is not in the home."""

CODES_FROM = 50_000
"""Windows from which candidates are chosen before anything is scored exactly: below, scoring every window is as fast."""

QUOTED_FROM = 50_000
"""Excerpts from which the words of quotations are kept on disk: of fewer all texts are folded at the first check, in seconds."""

Store = TypeVar("Store")


def prepare(home: Home, snapshot: Snapshot, before: str, delta: Delta) -> None:
    """Writes all that is derived of a generation, so that it is whole when it becomes current.

    Args:
        home: the index.
        snapshot: the generation to come.
        before: stamp of the current one, "" for none. Only its files are built upon: of a generation that never became
            current, the numbers of excerpts and windows are used again.
        delta: what the one to come has beside the current one.
    """
    stamp = snapshot.state.stamp
    earlier = _flat(vector_store_of(home), vectors_path(home, before)) if before else None
    vectors = _grown_table(home, before, snapshot) or _changed_vectors(home, earlier, snapshot, delta)
    vectors.save(vectors_path(home, stamp))
    if _has_codes(vectors):
        _changed_codes(codes_path(home, before), earlier, vectors).save(codes_path(home, stamp))
    save_layout(layout_path(home, stamp), _changed_layout(layout_path(home, before), snapshot, delta))
    for unit in WORD_UNITS:
        _changed_words(words_path(home, unit, before), snapshot, unit, delta).save(words_path(home, unit, stamp))
    write_phrases(phrases, phrases_path(home, stamp), snapshot, phrases_path(home, before) if before else None, delta)


def prepare_quoted(home: Home, snapshot: Snapshot, readings: "Readings", before: str = "", delta: Delta | None = None) -> None:
    """Writes the words of quotations of a generation to come, from those of any earlier one that are there."""
    earlier = next((path for path in home.quoted.glob("*") if path.suffix != UNFINISHED), None) if home.quoted.is_dir() else None
    known = delta if earlier is not None and earlier == quoted_path(home, before) else None
    write_phrases(quoted(readings), quoted_path(home, snapshot.state.stamp), snapshot, earlier, known)


def sweep_derived(home: Home, stamp: str) -> None:
    """Removes all derived files but those of one generation; what readers have mapped stays theirs.

    For whoever holds the writer's lock: others may be writing files of a generation to come.
    """
    with locked(home.derived_lock, _LONGEST_WAIT):
        for folder in (home.vectors, home.codes, home.layout, *map(home.words, WORD_UNITS), home.phrases, home.quoted):
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
    _store_named(home, name)
    if name == OWN_STORE:
        home.vector_store_choice.unlink()
    else:
        home.vector_store_choice.write_text(name, encoding="utf-8")
    for outdated in home.vectors.iterdir() if home.vectors.is_dir() else ():
        _remove(outdated)


def vector_store_of(home: Home) -> type[StoredVectors]:
    """The class that keeps the vectors of an index. Raises PluginUnusable where it is not installed."""
    return _store_named(home, _store_name(home))


def _store_name(home: Home) -> str:
    chosen = home.vector_store_choice
    return chosen.read_text(encoding="utf-8").strip() if chosen.is_file() else OWN_STORE


def _store_named(home: Home, name: str) -> type[StoredVectors]:
    from index.stores.vectors import FaissFlat

    if name == OWN_STORE:
        return FaissFlat
    kind, _, url = name.partition(":")
    if kind == LANCE_STORE:
        from index.stores.lance import LanceStores

        return cast("type[StoredVectors]", LanceStores(url or str(home.folder / LANCE_STORE)))
    found: type[StoredVectors] | None = plugins("ibid.stores").get(name)
    if found is None:
        raise PluginUnusable(
            f"the vector store is {name!r}",
            rule=f"a vector store is {OWN_STORE}, {LANCE_STORE}, {LANCE_STORE}:URL or a plug-in that is installed",
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


def open_codes(home: Home, snapshot: Snapshot, vectors: StoredVectors) -> "tuple[VectorCodes | None, str]":
    """The codes of exactly this snapshot's windows; None for a collection small enough to compare with every vector.

    Args:
        home: the index.
        snapshot: the generation.
        vectors: its vectors.
    """
    from index.stores.codes import WindowCodes

    if not _has_codes(vectors):
        return _codes_of(vectors), ""
    path = codes_path(home, snapshot.state.stamp)

    def write() -> "WindowCodes":
        (made := WindowCodes.of(vectors)).save(path)
        return made

    return _open(home, snapshot, lambda: _usable_codes(path, vectors), write, lambda: WindowCodes.of(vectors))


def open_layout(home: Home, snapshot: Snapshot) -> tuple[Columns, str]:
    """Where exactly this snapshot's windows stand: mapped from disk, or in memory where that cannot be."""
    path = layout_path(home, snapshot.state.stamp)

    def write() -> Columns:
        save_layout(path, made := snapshot.layout())
        return made

    def usable() -> Columns | None:
        columns = _load_layout(path)
        return columns if columns is not None and columns.shape[1] == snapshot.counts().windows else None

    return _open(home, snapshot, usable, write, snapshot.layout)


def open_words(home: Home, snapshot: Snapshot, unit: WordUnit) -> "tuple[WordIndex, str]":
    """The word index of exactly this snapshot's windows or excerpts: mapped from disk, or in memory where that cannot be."""
    path = words_path(home, unit, snapshot.state.stamp)

    def write() -> "WordIndex":
        (made := _make_words(snapshot, unit)).save(path)
        return made

    return _open(home, snapshot, lambda: _usable_words(path, snapshot, unit), write, lambda: _make_words(snapshot, unit))


def open_phrases(home: Home, snapshot: Snapshot) -> "tuple[TantivyPhrases, str]":
    """The phrase index of exactly this snapshot's excerpts: mapped from disk, or in memory where that cannot be."""
    return _open_phrases(home, snapshot, phrases_path(home, snapshot.state.stamp), phrases)


def open_quoted(home: Home, snapshot: Snapshot, readings: "Readings") -> "tuple[TantivyQuoted, str]":
    """The words of quotations of exactly this snapshot's excerpts: mapped from disk, or in memory where that cannot be."""
    return _open_phrases(home, snapshot, quoted_path(home, snapshot.state.stamp), quoted(readings))


def _open_phrases(home: Home, snapshot: Snapshot, path: Path, new: "New[Phrases]") -> "tuple[Phrases, str]":
    def write() -> "Phrases":
        write_phrases(new, path, snapshot)
        return usable_phrases(new, path, snapshot) or make_phrases(new, None, snapshot)

    def usable() -> "Phrases | None":
        return usable_phrases(new, path, snapshot)

    return _open(home, snapshot, usable, write, lambda: make_phrases(new, None, snapshot))


def vectors_path(home: Home, stamp: str) -> Path:
    """The vector file of one generation."""
    return home.vectors / f"{stamp}.{_store_name(home).partition(':')[0]}"


def codes_path(home: Home, stamp: str) -> Path:
    """The file of codes of one generation."""
    return home.codes / f"{stamp}.faiss"


def layout_path(home: Home, stamp: str) -> Path:
    """The places of the windows of one generation."""
    return home.layout / f"{stamp}.npy"


def words_path(home: Home, unit: WordUnit, stamp: str) -> Path:
    """The word index of one generation."""
    return home.words(unit) / f"{stamp}.safetensors"


def phrases_path(home: Home, stamp: str) -> Path:
    """The phrase index of one generation, a folder."""
    return home.phrases / stamp


def quoted_path(home: Home, stamp: str) -> Path:
    """The words of quotations of one generation, a folder; only large collections have one."""
    return home.quoted / stamp


def _open(
    home: Home, snapshot: Snapshot, usable: Callable[[], Store | None], write: Callable[[], Store], make: Callable[[], Store]
) -> tuple[Store, str]:
    """What is on disk, where it is usable; else made again, on disk for the newest generation, in memory for an older one.

    Where the disk has no room it is in memory too, and the second value says why; else that is "".
    """
    if (found := usable()) is not None:
        return found, ""
    if not home.writable:
        return make(), ""
    try:
        with locked(home.derived_lock, _LONGEST_WAIT):
            if (found := usable()) is not None:
                return found, ""
            if not _is_newest(home, snapshot):
                return make(), ""
            made = write()
    except IndexLocked as full:
        return make(), full.found
    found = usable()
    return made if found is None else found, ""


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _has_codes(vectors: StoredVectors) -> "TypeGuard[FaissFlat]":
    """Whether candidates are chosen by codes: a store of a plug-in has its own way with many vectors."""
    from index.stores.vectors import FaissFlat

    return isinstance(vectors, FaissFlat) and len(vectors.ids) >= CODES_FROM


def _codes_of(vectors: StoredVectors) -> "VectorCodes | None":
    """A large store that chooses candidates by itself; None for any other."""
    return vectors if len(vectors.ids) >= CODES_FROM and isinstance(vectors, VectorCodes) else None


def _usable_vectors(kind: type[StoredVectors], path: Path, snapshot: Snapshot) -> StoredVectors | None:
    """None stands for a file that has to be made, whatever the reason."""
    store = _load_vectors(kind, path)
    fits = store and store.dimension == snapshot.state.embedder.dimension and len(store.ids) == snapshot.counts().windows
    return store if fits else None


def _flat(kind: type[StoredVectors], path: Path) -> "FaissFlat | None":
    """Our own store, from which the next generation's can grow; None for that of a plug-in."""
    from index.stores.vectors import FaissFlat

    store = _load_vectors(kind, path)
    return store if isinstance(store, FaissFlat) else None


def _load_vectors(kind: type[StoredVectors], path: Path) -> StoredVectors | None:
    try:
        return kind.load(path) if path.exists() else None
    except IndexDamaged:
        return None


def _changed_vectors(home: Home, earlier: "FaissFlat | None", snapshot: Snapshot, delta: Delta) -> StoredVectors:
    """Made from those of the generation before, so that only what is new is read from the catalog.

    A window's vector never changes: with another embedder all windows are new ones.
    """
    if earlier is not None and earlier.dimension == snapshot.state.embedder.dimension:
        changed = earlier.changed(delta.removed["windows"], snapshot.vectors(delta.last["windows"]))
        if len(changed.ids) == snapshot.counts().windows:
            return changed
    return _make_vectors(home, snapshot)


def _grown_table(home: Home, before: str, snapshot: Snapshot) -> StoredVectors | None:
    """The Lance table of the generation before, to be changed by what is new; None where it has to be written whole."""
    if not (before and _store_name(home).partition(":")[0] == LANCE_STORE):
        return None
    from index.stores.lance import LanceVectors

    earlier: object = _load_vectors(vector_store_of(home), vectors_path(home, before))
    if not isinstance(earlier, LanceVectors) or earlier.dimension != snapshot.state.embedder.dimension:
        return None
    return cast("StoredVectors | None", earlier.grown(snapshot.entry_ids("windows"), snapshot.vectors))


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


def _changed_codes(before: Path, earlier: "FaissFlat | None", vectors: "FaissFlat") -> "WindowCodes":
    """Made from those of the generation before, where there are any, so that only what is new is encoded."""
    from index.stores.codes import WindowCodes

    try:
        return WindowCodes.changed(before, earlier.ids, vectors) if earlier and before.is_file() else WindowCodes.of(vectors)
    except IndexDamaged:
        return WindowCodes.of(vectors)


def _load_layout(path: Path) -> Columns | None:
    try:
        return load_layout(path) if path.is_file() else None
    except IndexDamaged:
        return None


def _changed_layout(before: Path, snapshot: Snapshot, delta: Delta) -> Columns:
    """Made from that of the generation before, so that only what is new is read.

    Raises:
        IndexDamaged: the windows that were removed are not those that were written.
    """
    if (earlier := _load_layout(before)) is None:
        return snapshot.layout()
    changed = changed_layout(earlier, delta.layout, snapshot.layout_after(delta.last["windows"]))
    if changed is None or changed.shape[1] != snapshot.counts().windows:
        raise damaged("the windows")
    return changed


def _usable_words(path: Path, snapshot: Snapshot, unit: WordUnit) -> "WordIndex | None":
    """None stands for a file that has to be made, whatever the reason."""
    store = _load_words(path)
    return store if store and store.count == getattr(snapshot.counts(), unit) else None


def _make_words(snapshot: Snapshot, unit: WordUnit) -> "WordIndex":
    from index.stores.segments import WordIndex

    return WordIndex.of(_entries(snapshot, unit, snapshot.entry_ids(unit)))


def _changed_words(before: Path, snapshot: Snapshot, unit: WordUnit, delta: Delta) -> "WordIndex":
    """Made from those of the generation before, so that only what is new is read."""
    if (earlier := _load_words(before)) is not None:
        new = _entries(snapshot, unit, snapshot.entry_ids(unit, delta.last[unit]))
        changed = earlier.changed(delta.removed[unit], new)
        if changed.count == getattr(snapshot.counts(), unit):
            return changed
    return _make_words(snapshot, unit)


def _load_words(path: Path) -> "WordIndex | None":
    from index.stores.segments import WordIndex

    try:
        return WordIndex.load(path) if path.is_file() else None
    except IndexDamaged:
        return None


def _entries(snapshot: Snapshot, unit: WordUnit, ids: Ids) -> Iterator[LexicalEntry]:
    for start in range(0, len(ids), _ENTRIES_AT_ONCE):
        yield from snapshot.lexical_entries(unit, ids[start : start + _ENTRIES_AT_ONCE])


def _is_newest(home: Home, snapshot: Snapshot) -> bool:
    connection = connect_for_reading(home)
    try:
        state = read_state(connection)
    finally:
        connection.close()
    return state is not None and state.stamp == snapshot.state.stamp
