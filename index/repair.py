"""Makes an index again where it is damaged: derived files from the catalog, the catalog from the files stored in it."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from index.backup import put_in_place
from index.build import Learn, build_index, open_whole
from index.catalog import connect_to_salvage, open_for_writing, transaction, unpack
from index.catalog.sums import is_sound_row
from index.checksums import UNFINISHED
from index.collection import Collection
from index.derived import remove_derived
from index.embedders import Embedder
from index.errors import IndexDamaged
from index.files import Scope, Source
from index.home import Home, locked, make_home

_LOCK_SECONDS = 1.0
_VECTORS_AT_ONCE = 2048


class Repair(msgspec.Struct, frozen=True):
    """What came of a repair, by names of files: ``lost`` are those whose bytes were damaged, too.

    ``kept`` is where the damaged catalog was put when something was lost, else "".
    """

    saved: tuple[str, ...]
    lost: tuple[str, ...]
    embedded: int
    kept: str = ""


class _Saved(msgspec.Struct, frozen=True):
    name: str
    origin: str
    reader: str
    data: bytes


def remake_derived(home: Path) -> None:
    """Removes all derived files and makes them again from the catalog.

    Raises:
        IndexDamaged: the catalog is damaged, too.
    """
    place = Home(home)
    with locked(place.writer_lock, _LOCK_SECONDS):
        remove_derived(place)
        with closing(Collection.open(home)) as collection:
            collection.open_searches()


def repair(home: Path, embedder: Embedder, learn: Learn | None = None) -> Repair:
    """Reads all stored files again whose bytes are what was indexed, and puts the index made of them in the place of this one.

    Vectors that are sound are not computed again. Until the last moment the index is as it was; who reads it goes on.

    Raises:
        IndexDamaged: no stored file can be read.
        IndexLocked: another process is building this index, or it cannot be written to.
    """
    place = Home(home)
    draft = Home(home / f"repair.{os.getpid()}{UNFINISHED}")
    with locked(place.writer_lock, _LOCK_SECONDS):
        try:
            with closing(connect_to_salvage(place)) as damaged:
                saved, lost = _files(damaged, place)
                _save_vectors(damaged, draft, embedder.card.fingerprint)
            embedded = _build(draft, saved, embedder, learn)
            kept = _put_in_place(draft, place, keep=bool(lost))
        finally:
            shutil.rmtree(draft.folder, ignore_errors=True)
        open_whole(place)
    return Repair(tuple(file.name for file in saved), lost, embedded, kept)


def _files(damaged: sqlite3.Connection, home: Home) -> tuple[list[_Saved], tuple[str, ...]]:
    """The stored files that are sound, and the names of the others."""
    saved: list[_Saved] = []
    lost: list[str] = []
    for key in _keys(damaged, "files", home):
        name, file = f"file number {key}", None
        with suppress(sqlite3.DatabaseError, IndexDamaged):
            [(name, origin, reader, sha256, data)] = damaged.execute(
                "SELECT name, origin, reader, sha256, data FROM files WHERE key = ?", [key]
            ).fetchall()
            content = unpack(data)
            if hashlib.sha256(content).hexdigest() == sha256 and is_sound_row(damaged, "files", key):
                file = _Saved(name, origin, reader.partition(" ")[2], content)
        saved.append(file) if file else lost.append(name)
    if not saved:
        raise IndexDamaged(
            f"none of the files stored in {home.catalog} can be read",
            rule="an index is made again from the files that are stored in it",
            remedy="put back a copy with `ibid restore FILE`, or delete the index's folder and run `ibid index` again",
        )
    return saved, tuple(lost)


def _keys(damaged: sqlite3.Connection, table: str, home: Home) -> list[int]:
    try:
        return [key for (key,) in damaged.execute(f"SELECT key FROM {table} ORDER BY key").fetchall()]  # noqa: S608 — our own names
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(
            f"the table of {table} in {home.catalog} cannot be read: {error}",
            rule="an index is made again from the files that are stored in it",
            remedy="put back a copy with `ibid restore FILE`, or delete the index's folder and run `ibid index` again",
        ) from error


def _save_vectors(damaged: sqlite3.Connection, draft: Home, embedder: str) -> None:
    """Puts sound vectors into the new catalog: what is already computed need not be computed again."""
    make_home(draft)
    with open_for_writing(draft) as connection, suppress(IndexDamaged):
        keys = _keys(damaged, "vectors", draft)
        for start in range(0, len(keys), _VECTORS_AT_ONCE):
            rows = list(_sound_vectors(damaged, keys[start : start + _VECTORS_AT_ONCE], embedder))
            with transaction(connection):
                connection.executemany("INSERT OR IGNORE INTO vectors (embedder, sha256, vector) VALUES (?, ?, ?)", rows)


def _sound_vectors(damaged: sqlite3.Connection, keys: Sequence[int], embedder: str) -> Iterator[tuple[Any, ...]]:
    for key in keys:
        with suppress(sqlite3.DatabaseError):
            if is_sound_row(damaged, "vectors", key):
                query = "SELECT embedder, sha256, vector FROM vectors WHERE key = ? AND embedder = ?"
                yield from damaged.execute(query, [key, embedder]).fetchall()


def _build(draft: Home, saved: Sequence[_Saved], embedder: Embedder, learn: Learn | None) -> int:
    """Indexes the files, each with the reader that it was indexed with, and returns how many vectors were made."""
    groups: dict[str, list[Source]] = {}
    for file in saved:
        source = Source(file.name, file.origin, lambda data=file.data: data)  # type: ignore[misc]  # binds this file's bytes
        groups.setdefault(file.reader, []).append(source)
    return sum(
        build_index(draft.folder, _scope(sources), embedder, reader=reader or None, learn=learn).embedded
        for reader, sources in groups.items()
    )


def _scope(sources: Sequence[Source]) -> Scope:
    return Scope(tuple(source.origin for source in sources), tuple(sources))


def _put_in_place(draft: Home, home: Home, *, keep: bool) -> str:
    """Gives the new catalog the name of the old one, which is kept beside it where it holds more."""
    kept = home.catalog.with_name("catalog.damaged.sqlite3")
    if keep:
        kept.unlink(missing_ok=True)
        os.link(home.catalog, kept)
    put_in_place(draft, home)
    return str(kept) if keep else ""
