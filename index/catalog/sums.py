"""Sums of the catalog's rows, kept beside them: what a disk or another program changed is found when it is read.

Triggers write the sum of a row when it is inserted and never afterwards, so that no later run takes damage for content.
Columns that are given anew with each generation (``id``, ``work``) are not part of it.
"""

# ruff: noqa: S608 — only names of our own tables and columns are put into queries; values are bound
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from index.errors import IndexDamaged
from index.records import Citation, excerpt_id


class _Kind(NamedTuple):
    table: str
    key: str
    columns: tuple[str, ...]


KINDS = {
    "state": _Kind("state", "one", ("generation", "stamp", "embedder", "windows")),
    "files": _Kind("files", "key", ("origin", "name", "sha256", "reader")),
    "documents": _Kind(
        "documents",
        "key",
        (
            *"file title name sha256 file_sha256 reader encoding complete characters blocks layout compilation".split(),
            *("rendition", "places", "cited_as", "language"),
        ),
    ),
    "texts": _Kind("documents", "key", ("text",)),
    "excerpts": _Kind(
        "excerpts",
        "key",
        tuple(
            "document own_id start end text headings citation author_words title_words heading_words first_year last_year".split()
        ),
    ),
    "vectors": _Kind("vectors", "key", ("embedder", "sha256", "vector")),
    "works": _Kind("works", "place", ("id", "csl", "spellings", "likely")),
    "notes": _Kind("notes", "rowid", ("name", "generation", "value")),
}
"""What each sum is taken over; a column that is added to a table has to be added here, or changes of it are not found."""

_WINDOWS = "SELECT id, excerpt, start, end, vector FROM windows ORDER BY id"
_CITATION = msgspec.json.Decoder(Citation | None)


def register(connection: sqlite3.Connection) -> None:
    """Lets SQL compute sums on this connection."""
    connection.create_function("ibid_sum", -1, row_sum, deterministic=True)


def row_sum(*values: object) -> bytes:
    """The first eight bytes of SHA-256 over the values, each with its type."""
    return hashlib.sha256(msgspec.msgpack.encode(values)).digest()[:8]


def sound(kind: str, alias: str) -> str:
    """SQL that is 1 where a row is what was written."""
    _, key, columns = KINDS[kind]
    values = ", ".join(f"{alias}.{column}" for column in columns)
    return f"((SELECT sum FROM sums WHERE kind = '{kind}' AND sums.key = {alias}.{key}) IS ibid_sum({values}))"


def make_sums(connection: sqlite3.Connection) -> None:
    """Makes the table of sums and the triggers that fill it, and takes the sums of rows that are there already."""
    connection.execute("CREATE TABLE sums (kind TEXT NOT NULL, key INTEGER NOT NULL, sum BLOB NOT NULL, PRIMARY KEY (kind, key))")
    for kind, (table, key, columns) in KINDS.items():
        new = f"'{kind}', NEW.{key}, ibid_sum({', '.join(f'NEW.{column}' for column in columns)})"
        connection.execute(
            f"CREATE TRIGGER {kind}_summed AFTER INSERT ON {table} BEGIN INSERT OR REPLACE INTO sums VALUES ({new}); END"
        )
        connection.execute(
            f"CREATE TRIGGER {kind}_gone AFTER DELETE ON {table} "
            f"BEGIN DELETE FROM sums WHERE kind = '{kind}' AND key = OLD.{key}; END"
        )
        where = f"WHERE {key} NOT IN ({', '.join(map(str, _changed(connection)))})" if kind == "excerpts" else ""
        connection.execute(f"INSERT INTO sums SELECT '{kind}', {key}, ibid_sum({', '.join(columns)}) FROM {table} {where}")
    sum_windows(connection)


def sum_windows(connection: sqlite3.Connection) -> None:
    """Takes the sum of all windows together: they are always read together."""
    rows = connection.execute(_WINDOWS).fetchall()
    connection.execute("INSERT OR REPLACE INTO sums VALUES ('windows', 0, ?)", [windows_sum(rows)])


def windows_sum(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """The sum of windows, by rows of id, excerpt, start, end and vector in order of id."""
    return row_sum(*rows)


def check_windows(rows: Sequence[tuple[Any, ...]], noted: bytes | None) -> None:
    """Raises IndexDamaged unless these are the windows that were written."""
    if windows_sum(rows) != noted:
        raise damaged("the windows")


def unsound_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Table and key of every row that is not what was written; key 0 of the windows stands for some of them."""
    for kind, (table, key, _) in KINDS.items():
        for (row,) in connection.execute(f"SELECT {key} FROM {table}").fetchall():
            if not _is_sound(connection, kind, row):
                yield kind, row
    rows, noted = windows_of(connection)
    if windows_sum(rows) != noted:
        yield "windows", 0


def is_sound_row(connection: sqlite3.Connection, kind: str, key: int) -> bool:
    """Whether a row is what was written; in a catalog of the first layout nobody can tell, and it is taken to be."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sums'").fetchall():
        return True
    return _is_sound(connection, kind, key)


def _is_sound(connection: sqlite3.Connection, kind: str, key: int) -> bool:
    table, name, _ = KINDS[kind]
    try:
        rows = connection.execute(f"SELECT {sound(kind, 't')} FROM {table} t WHERE {name} = ?", [key]).fetchall()
    except sqlite3.OperationalError:  # a text that is no Unicode any more
        return False
    return rows == [(1,)]


def windows_of(connection: sqlite3.Connection) -> tuple[list[tuple[Any, ...]], bytes | None]:
    """All windows, and the sum that was taken of them."""
    noted = connection.execute("SELECT sum FROM sums WHERE kind = 'windows'").fetchone()
    return connection.execute(_WINDOWS).fetchall(), noted[0] if noted else None


def damaged(what: str) -> IndexDamaged:
    """A row is not what was written."""
    return IndexDamaged(
        f"in the catalog {what} is not what was written",
        rule="what is stored is shown only where its checksum holds",
        remedy="run `ibid verify --repair`: it makes the index again from the files that are stored in it",
    )


def _changed(connection: sqlite3.Connection) -> list[int]:
    """Excerpts of a catalog without sums that are not what their ids say."""
    rows = connection.execute("SELECT key, text, citation, own_id FROM excerpts")
    return [key for key, text, citation, own_id in rows if not is_own(own_id, text, _CITATION.decode(citation))]


def is_own(own_id: str, text: str, citation: Citation | None) -> bool:
    """Whether an id is that of a text and its citation."""
    return own_id == excerpt_id(text, citation.raw if citation else "")
