"""The catalog: one SQLite file, the only source of truth; this module opens it and says what state it is in.

What is read from it stands in reader.py, what is written to it in writer.py, and how damage is found in sums.py.
"""

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from index.catalog.sums import damaged, make_sums, register, sound
from index.embedders import EmbedderCard
from index.errors import IndexDamaged, IndexMissing
from index.home import Home, make_home, not_writable

# The catalog's tables. docs/index.md draws them.

FORMAT = 2
"""``PRAGMA user_version`` of a catalog; another number is another layout of the tables."""

MIGRATIONS = {
    1: (
        ("works", "likely", "BLOB NOT NULL DEFAULT '[]'"),
        ("documents", "layout", "BLOB NOT NULL DEFAULT 'null'"),
        ("documents", "compilation", "BLOB NOT NULL DEFAULT 'null'"),
        ("documents", "rendition", "BLOB NOT NULL DEFAULT 'null'"),
        ("documents", "places", "BLOB NOT NULL DEFAULT '[]'"),
        ("documents", "cited_as", "BLOB NOT NULL DEFAULT 'null'"),
        ("documents", "language", "TEXT NOT NULL DEFAULT '?'"),
    ),
}
"""Table, column and kind of what each older layout lacks; layout 2 also brought the sums (index/catalog/sums.py)."""

SCHEMA = """
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL,
    stamp TEXT NOT NULL,          -- random, new with each generation: what derived files carry
    embedder BLOB NOT NULL,       -- EmbedderCard, JSON
    windows TEXT NOT NULL         -- how windows were cut
);
CREATE TABLE files (
    key INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,  -- where the file was found: what running again compares
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,         -- name and version of what read it
    data BLOB NOT NULL            -- the file's bytes, packed
);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files(key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,
    encoding TEXT NOT NULL,
    complete INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    text BLOB NOT NULL,           -- the decoded text, packed
    blocks BLOB NOT NULL,         -- characters by kind of block, JSON
    layout BLOB NOT NULL DEFAULT 'null',     -- how citations go with texts, JSON
    compilation BLOB NOT NULL DEFAULT 'null', -- what its folder's collection.toml says of the collection and of works, JSON
    rendition BLOB NOT NULL DEFAULT 'null',  -- how the text was made where it is not the decoded bytes, JSON
    places BLOB NOT NULL DEFAULT '[]',       -- where pages, chapters and anchors begin, JSON
    cited_as BLOB NOT NULL DEFAULT 'null',   -- the document's own citation and who gives it, JSON
    language TEXT NOT NULL DEFAULT '?'       -- its ISO 639-1 code, '' for one that cannot be told, '?' for not looked at
);
CREATE INDEX documents_by_file ON documents(file);
CREATE INDEX documents_by_id ON documents(id);
CREATE TABLE excerpts (
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: derived files know excerpts by it
    document INTEGER NOT NULL REFERENCES documents(key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    own_id TEXT NOT NULL,         -- before "-2", "-3" …
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    headings BLOB NOT NULL,       -- JSON
    citation BLOB NOT NULL,       -- JSON, null where there is none
    work TEXT NOT NULL,
    author_words TEXT NOT NULL,   -- folded, with a space around each word
    title_words TEXT NOT NULL,
    heading_words TEXT NOT NULL,
    first_year INTEGER,
    last_year INTEGER
);
CREATE INDEX excerpts_by_place ON excerpts(document, start);
CREATE INDEX excerpts_by_id ON excerpts(id);
CREATE INDEX excerpts_by_headings ON excerpts(headings);
CREATE INDEX excerpts_by_work ON excerpts(work);
CREATE TABLE windows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: derived files know windows by it
    excerpt INTEGER NOT NULL REFERENCES excerpts(key) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    context TEXT NOT NULL,
    vector INTEGER NOT NULL REFERENCES vectors(key)
);
CREATE INDEX windows_by_excerpt ON windows(excerpt);
CREATE INDEX windows_by_vector ON windows(vector);
CREATE TABLE vectors (
    key INTEGER PRIMARY KEY,
    embedder TEXT NOT NULL,       -- fingerprint
    sha256 BLOB NOT NULL,         -- of the window's search text
    vector BLOB NOT NULL,         -- float32, little endian
    UNIQUE (embedder, sha256)
);
CREATE TABLE works (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    csl BLOB NOT NULL,
    spellings BLOB NOT NULL,
    likely BLOB NOT NULL          -- names of fields of csl that are not certain
);
CREATE TABLE notes (
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (name, generation)
);
"""

SURNAMES = (
    "CREATE TABLE IF NOT EXISTS surnames (work TEXT PRIMARY KEY, surname TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS surnames_by_surname ON surnames(surname)",
    "CREATE TRIGGER IF NOT EXISTS surname_gone AFTER DELETE ON works BEGIN DELETE FROM surnames WHERE work = OLD.id; END",
)
"""By whom each work is, for whoever writes: works are merged among those by one surname. Where any is missing, as in catalogs
of earlier versions, all are made again from the works."""

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
    with failures_told(home.catalog):
        connection, found = _open_for_reading(home)
        connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    if found == 0:
        connection.close()
        raise missing(home)
    if found in MIGRATIONS and home.writable:
        connection.close()
        with open_for_writing(home):
            return connect_for_reading(home)
    try:
        _check_format(home.catalog, found)
    except IndexDamaged:
        connection.close()
        raise
    return connection


def _open_for_reading(home: Home) -> tuple[sqlite3.Connection, int]:
    """A connection, and the layout of the catalog.

    Without write access, or room, SQLite cannot make its shared-memory file; but then nobody writes, and all is in the one file.
    """
    address = f"{home.catalog.absolute().as_uri()}?mode=ro"
    immutable = f"{address}&immutable=1"
    logged = _has_log(home.catalog)
    connection = _connect(address if home.writable or logged else immutable)
    try:
        return connection, connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.OperationalError as error:
        connection.close()
        if logged or error.sqlite_errorcode & 0xFF not in _CANNOT_WRITE:
            raise
    connection = _connect(immutable)
    return connection, connection.execute("PRAGMA user_version").fetchone()[0]


@contextmanager
def open_for_writing(home: Home) -> Iterator[sqlite3.Connection]:
    """A connection that may change the catalog, which is made if missing, and brought to this layout if older.

    Every commit survives a kill.

    Raises:
        IndexDamaged: the file is no catalog, or one of another version.
        IndexLocked: the disk is full, or nobody may write there.
    """
    make_home(home)
    with failures_told(home.catalog):
        # SQLite gives the files beside it the mode of the catalog.
        with suppress(FileExistsError, FileNotFoundError):
            os.close(os.open(home.catalog, os.O_CREAT | os.O_EXCL, 0o600))
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


def connect_to_salvage(home: Home) -> sqlite3.Connection:
    """A connection that reads what can be read, whatever the layout.

    Raises:
        IndexMissing: there is no catalog.
        IndexDamaged: it cannot be opened at all.
    """
    if not home.catalog.is_file():
        raise missing(home)
    with failures_told(home.catalog):
        return _open_for_reading(home)[0]


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
    """Translates errors of sqlite3 to IbidError."""
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
            remedy="run `ibid verify --repair`, or put back a copy with `ibid restore FILE`",
        ) from error


def read_state(connection: sqlite3.Connection) -> State | None:
    """The state as this connection sees it; None before the first generation."""
    row = connection.execute(f"SELECT generation, stamp, embedder, windows, {sound('state', 'state')} FROM state").fetchone()  # noqa: S608
    if row is None:
        return None
    generation, stamp, embedder, windows, is_sound = row
    if not is_sound:
        raise damaged("its state")
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
    if found not in (0, FORMAT, *MIGRATIONS):
        return
    if found != FORMAT:
        _bring_to_format(connection, found)
    for statement in SURNAMES:
        connection.execute(statement)


def _bring_to_format(connection: sqlite3.Connection, found: int) -> None:
    for statement in SCHEMA.split(";") if found == 0 else ():
        connection.execute(statement)
    for table, column, kind in (column for layout in range(found or FORMAT, FORMAT) for column in MIGRATIONS[layout]):
        if column not in {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    make_sums(connection)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _connect(address: str) -> sqlite3.Connection:
    # Autocommit: transactions begin where the code says so, not where the driver thinks they should.
    connection = sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    register(connection)
    return connection


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


# How texts, bytes and vectors are written into the catalog and read back, byte for byte.

_PLAIN, _ZLIB = b"\x00", b"\x01"


def pack(data: bytes) -> bytes:
    """The bytes, compressed where that makes them smaller; the first byte says which."""
    packed = zlib.compress(data)
    return _ZLIB + packed if len(packed) < len(data) else _PLAIN + data


def unpack(data: bytes) -> bytes:
    """The bytes that ``pack`` was given.

    Raises:
        IndexDamaged: these are not bytes that ``pack`` returned.
    """
    try:
        return zlib.decompress(data[1:]) if data[:1] == _ZLIB else data[1:]
    except zlib.error as error:
        raise IndexDamaged(
            f"a stored file cannot be unpacked ({error})",
            rule="the catalog keeps every file byte for byte",
            remedy="run `ibid verify --repair`, or delete the index's folder and run `ibid index`",
        ) from error


def text_sha256(text: str) -> bytes:
    """What a vector is kept by, beside its embedder."""
    return hashlib.sha256(text.encode()).digest()


def encode_vector(vector: npt.NDArray[np.float32]) -> bytes:
    """Little-endian float32."""
    return vector.astype("<f4").tobytes()


def decode_vectors(data: list[bytes], dimension: int) -> npt.NDArray[np.float32]:
    """Rows of little-endian float32, shape (n, dimension).

    Raises:
        IndexDamaged: a row is not ``dimension`` wide.
    """
    if any(len(row) != 4 * dimension for row in data):
        raise IndexDamaged(
            "a stored vector has another width than the index",
            rule=f"vectors are {dimension} wide",
            remedy="run `ibid verify --repair`, or delete the index's folder and run `ibid index`",
        )
    return np.frombuffer(b"".join(data), "<f4").reshape(len(data), dimension).astype(np.float32, copy=False)
