"""Backups of an index: one file, taken while questions are answered and files are indexed, and put back the same way.

The file is the catalog itself (SQLite's online backup API), compressed by nothing and complete: all else is made from it.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from index.build import open_whole
from index.catalog import State, connect_for_reading, failures_told, read_state
from index.checksums import UNFINISHED, failed_writes_told
from index.errors import BackupInvalid, IndexDamaged, IndexMissing
from index.home import Home, locked, make_home

_LOCK_SECONDS = 1.0
_PAGES_AT_ONCE = 4096
_FIRST_BYTES = b"SQLite format 3\x00"


class Backup(msgspec.Struct, frozen=True):
    """What a backup holds."""

    generation: int
    documents: int
    excerpts: int
    bytes: int


def back_up(home: Path, file: Path) -> Backup:
    """Writes the newest generation of an index to a file, whole or not at all.

    Raises:
        IndexMissing: there is no index.
        IndexDamaged: it is damaged: a backup would be, too.
        IndexLocked: the file cannot be written.
    """
    place = Home(home)
    draft = file.with_name(f"{file.name}.{os.getpid()}{UNFINISHED}")
    with closing(connect_for_reading(place)) as source, failed_writes_told(file.parent), failures_told(place.catalog):
        try:
            draft.touch(0o600)
            source.execute("BEGIN")  # one generation, whatever is committed meanwhile
            read_state(source)
            with closing(sqlite3.connect(draft)) as copy:
                source.backup(copy, pages=_PAGES_AT_ONCE)
                copy.execute("PRAGMA journal_mode = DELETE")
            told = check_backup(draft)
            _sync(draft)
            draft.replace(file)
        finally:
            _remove(draft)
    return told


def restore(home: Path, file: Path) -> Backup:
    """Puts a backup in the place of the index in ``home``; whoever reads the old one goes on, and finds the other when it looks.

    Raises:
        BackupInvalid: the file is no backup, or a damaged one; the index is as it was.
        IndexLocked: another process is building this index, or it cannot be written to.
    """
    place = Home(home)
    check_backup(file)
    make_home(place)
    draft = Home(home / f"restore.{os.getpid()}{UNFINISHED}")
    with locked(place.writer_lock, _LOCK_SECONDS), failed_writes_told(home):
        try:
            make_home(draft)
            with draft.catalog.open("xb") as copy, file.open("rb") as source:
                draft.catalog.chmod(0o600)
                while block := source.read(1 << 22):
                    copy.write(block)
            _sync(draft.catalog)
            told = check_backup(draft.catalog)
            with closing(sqlite3.connect(draft.catalog)) as copied:
                copied.execute("PRAGMA journal_mode = WAL")  # who reads it would else keep the next writer from it
            put_in_place(draft, place)
        finally:
            _remove(draft.catalog)
            with suppress(OSError):
                draft.folder.rmdir()
        open_whole(place)
    return told


def check_backup(file: Path) -> Backup:
    """What a backup holds.

    Raises:
        BackupInvalid: it is none, or damaged.
    """
    try:
        with file.open("rb") as opened:
            if opened.read(len(_FIRST_BYTES)) != _FIRST_BYTES:
                raise _invalid(file, "it is no SQLite file")
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return _told(file, connection)
    except (OSError, sqlite3.DatabaseError) as error:
        raise _invalid(file, str(error)) from error


def put_in_place(draft: Home, home: Home) -> None:
    """Gives a catalog that is whole and closed the name of the index's; whoever has the old one open keeps it."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(home.catalog)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # killed from here on, the old one is still whole
    for log in ("-wal", "-shm"):
        home.catalog.with_name(f"{home.catalog.name}{log}").unlink(missing_ok=True)
    draft.catalog.replace(home.catalog)


def _told(file: Path, connection: sqlite3.Connection) -> Backup:
    findings = connection.execute("PRAGMA quick_check").fetchall()
    if findings != [("ok",)]:
        raise _invalid(file, str(findings[0][0]))
    state = _state(file, connection)
    (documents,) = connection.execute("SELECT count(*) FROM documents").fetchone()
    (excerpts,) = connection.execute("SELECT count(*) FROM excerpts").fetchone()
    return Backup(state.generation, documents, excerpts, file.stat().st_size)


def _state(file: Path, connection: sqlite3.Connection) -> State:
    from index.catalog.sums import register, unsound_rows

    register(connection)
    try:
        state = read_state(connection)
    except IndexDamaged as damage:
        raise _invalid(file, damage.found) from damage
    if state is None:
        raise IndexMissing(f"{file} holds no index", rule="a backup holds a generation", remedy="name another file")
    if unsound := next(unsound_rows(connection), None):
        raise _invalid(file, f"row {unsound[1]} of {unsound[0]} is not what was written")
    return state


def _invalid(file: Path, found: str) -> BackupInvalid:
    return BackupInvalid(
        f"{file} is not a sound backup: {found}",
        rule="a backup is a file that `ibid backup` has written, and all of its checksums hold",
        remedy="take another one; where the index itself is damaged, run `ibid verify --repair` first",
    )


def _sync(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _remove(draft: Path) -> None:
    for name in (draft.name, f"{draft.name}-journal", f"{draft.name}-wal", f"{draft.name}-shm"):
        with suppress(OSError):
            draft.with_name(name).unlink(missing_ok=True)
