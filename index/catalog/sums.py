"""Sums of the catalog's rows, kept beside them: what a disk or another program changed is found when it is read.

Triggers write the sum of a row when it is inserted and never afterwards, so that no later run takes damage for content.
Columns that are given anew with each generation (``id``, ``work``) are not part of it.
"""

# ruff: noqa: S608 — only names of our own tables and columns are put into queries; values are bound
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

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

_WINDOW = "id, excerpt, start, end, vector"
ALL_WINDOWS = f"SELECT {_WINDOW} FROM windows ORDER BY id"
SUM_OF_WINDOWS = "SELECT sum FROM sums WHERE kind = 'windows'"

_ADDED = b"+"
"""What sums begin with that can be added and subtracted."""

_SUM_BYTES = 9
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


WindowRow = tuple[int, int, int, int, int]
"""Id, excerpt, start, end and vector of a window."""


def sum_windows(connection: sqlite3.Connection, removed: Sequence[WindowRow] = (), last: int = 0) -> None:
    """Brings the sum of all windows together to what they are without some and with those after an id, or takes it anew.

    What is kept is not read: where it was damaged, the sum stays another one than that of the windows.
    """
    [(noted,)] = connection.execute(SUM_OF_WINDOWS).fetchall() or [(None,)]
    if noted is None or len(noted) != _SUM_BYTES:
        if noted is not None:
            before = windows_where(connection, "id <= ?", [last])
            check_windows(sorted([*before, *removed]), [(noted,)])
        total = windows_sum(windows_after(connection, 0))
    else:
        total = _added(noted, windows_sum(windows_after(connection, last)), windows_sum(removed))
    connection.execute("INSERT OR REPLACE INTO sums VALUES ('windows', 0, ?)", [total])


def windows_sum(rows: Sequence[WindowRow]) -> bytes:
    """The sum of windows in any order: that of a number of 64 bits for each, which depends on all of its row."""
    numbers = np.array(rows, np.int64).reshape(-1, 5).astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = np.zeros(len(numbers), np.uint64)
        for column in numbers.T:
            # The finaliser of SplitMix64 (Steele et al. 2014, "Fast Splittable Pseudorandom Number Generators").
            mixed = (mixed ^ column) + np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
        return bytes(_ADDED + int(mixed.sum(dtype=np.uint64)).to_bytes(8, "little"))


def _added(total: bytes, more: bytes, less: bytes) -> bytes:
    numbers = [int.from_bytes(each[len(_ADDED) :], "little") for each in (total, more, less)]
    return _ADDED + ((numbers[0] + numbers[1] - numbers[2]) % (1 << 64)).to_bytes(8, "little")


def windows_where(connection: sqlite3.Connection, condition: str, parameters: Sequence[object] = ()) -> list[WindowRow]:
    """The windows that a condition leaves, by ascending id."""
    return connection.execute(f"SELECT {_WINDOW} FROM windows WHERE {condition} ORDER BY id", parameters).fetchall()


def windows_after(connection: sqlite3.Connection, last: int) -> list[WindowRow]:
    """The windows after an id."""
    return windows_where(connection, "id > ?", [last])


def check_windows(rows: Sequence[WindowRow], noted: Sequence[tuple[bytes]]) -> None:
    """Raises IndexDamaged unless all windows (``ALL_WINDOWS``) are those that were written (``SUM_OF_WINDOWS``)."""
    if not _are_those(rows, noted[0][0] if noted else None):
        raise damaged("the windows")


def _are_those(rows: Sequence[WindowRow], noted: bytes | None) -> bool:
    """Whether they have this sum; earlier versions took it as that of one row."""
    return (windows_sum(rows) if noted is None or len(noted) == _SUM_BYTES else row_sum(*rows)) == noted


def unsound_rows(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Table and key of every row that is not what was written; key 0 of the windows stands for some of them."""
    for kind, (table, key, _) in KINDS.items():
        for (row,) in connection.execute(f"SELECT {key} FROM {table}").fetchall():
            if not _is_sound(connection, kind, row):
                yield kind, row
    noted = connection.execute(SUM_OF_WINDOWS).fetchall()
    if not _are_those(windows_after(connection, 0), noted[0][0] if noted else None):
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
