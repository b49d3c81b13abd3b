"""The catalog: one SQLite file, the only source of truth; this module opens it and says what state it is in.

What is read from it stands in snapshot.py, what is written to it in writing.py.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from index.embedders import EmbedderCard
from index.errors import IndexDamaged, IndexMissing
from index.home import Home
from index.lock import not_writable
from index.schema import FORMAT, MIGRATIONS, SCHEMA

_WAIT_SECONDS = 30.0
_MAPPED_BYTES = 1 << 30
_CANNOT_WRITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


class State(msgspec.Struct, frozen=True):
    """What the catalog holds right now.

    ``generation`` counts from 1; ``stamp`` is random and names this very generation, also when an
    index is deleted and made again; ``windows`` tells how they were cut.
    """

    generation: int
    stamp: str
    embedder: EmbedderCard
    windows: str


def connect_for_reading(home: Home) -> sqlite3.Connection:
    """A connection that changes nothing and may be used from any thread, one at a time.

    A catalog of an older layout is brought to this one first, where this process may write.

    Raises:
        IndexMissing: there is no catalog.
        IndexDamaged: the file is no catalog, or one of another version.
    """
    if not home.catalog.is_file():
        raise missing(home)
    # Without write access SQLite cannot make its shared-memory file; but then nobody writes, and all is in the one file.
    mode = "ro" if home.writable or _has_log(home.catalog) else "ro&immutable=1"
    connection = _connect(f"{home.catalog.absolute().as_uri()}?mode={mode}")
    with failures_told(home.catalog):
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    if found == 0:
        connection.close()
        raise missing(home)
    if found in MIGRATIONS and home.writable:
        connection.close()
        with open_for_writing(home):
            return connect_for_reading(home)
    _check_format(home.catalog, found)
    return connection


@contextmanager
def open_for_writing(home: Home) -> Iterator[sqlite3.Connection]:
    """A connection that may change the catalog, which is made if missing, and brought to this layout if older.

    Every commit survives a kill.

    Raises:
        IndexDamaged: the file is no catalog, or one of another version.
        IndexLocked: the disk is full, or nobody may write there.
    """
    with failures_told(home.catalog):
        connection = _connect(home.catalog.absolute().as_uri())
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            with transaction(connection):
                _make_tables(connection)
            _check_format(home.catalog, connection.execute("PRAGMA user_version").fetchone()[0])
            yield connection
        finally:
            connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the statements inside, or, when they fail or the process dies, none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself where the disk was full
            connection.execute("ROLLBACK")
        raise


@contextmanager
def failures_told(catalog: Path) -> Iterator[None]:
    """Turns SQLite's words for a file it cannot read, or not write, into ours."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a bug of ours, not of the file
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _CANNOT_WRITE:
            raise not_writable(catalog.parent, str(error)) from error
        raise IndexDamaged(
            f"{catalog} cannot be read: {error}",
            rule="the catalog is a SQLite file that only Ibid writes",
            remedy="put back a copy of the file, or delete the index's folder and run `ibid index` again",
        ) from error


def read_state(connection: sqlite3.Connection) -> State | None:
    """The state as this connection sees it; None before the first generation."""
    row = connection.execute("SELECT generation, stamp, embedder, windows FROM state").fetchone()
    if row is None:
        return None
    generation, stamp, embedder, windows = row
    return State(generation, stamp, msgspec.json.decode(embedder, type=EmbedderCard), windows)


def missing(home: Home) -> IndexMissing:
    """There is nothing to open here."""
    return IndexMissing(
        f"there is no index in {home.folder}",
        rule="a collection is indexed before it is asked",
        remedy="run `ibid index PATH…`, or name the folder of another index with --home",
    )


def _make_tables(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    steps = [SCHEMA] if found == 0 else [MIGRATIONS[layout] for layout in range(found, FORMAT) if layout in MIGRATIONS]
    for statement in ";".join(steps).split(";"):
        connection.execute(statement)
    if steps:
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _connect(address: str) -> sqlite3.Connection:
    # Autocommit: transactions begin where the code says so, not where the driver thinks they should.
    return sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)


def _has_log(catalog: Path) -> bool:
    """Whether commits are waiting beside the catalog: a process was killed, or is at work."""
    log = catalog.with_name(f"{catalog.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def _check_format(catalog: Path, found: int) -> None:
    if found in MIGRATIONS:
        raise IndexDamaged(
            f"{catalog} has layout {found}",
            rule=f"this version of Ibid reads layout {FORMAT}",
            remedy="open it once where it may be written to: that brings it to the new layout and embeds nothing again",
        )
    if found != FORMAT:
        raise IndexDamaged(
            f"{catalog} has layout {found}",
            rule=f"this version of Ibid reads layout {FORMAT}",
            remedy="delete the index's folder and run `ibid index` again, or use the version of Ibid that made it",
        )
