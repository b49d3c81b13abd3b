"""What depends on more than one row, kept true where a run touches it: ids, works, and which vectors are still used."""

# ruff: noqa: S608 — only names of our own tables and columns are put into queries; values are bound
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from index.catalog.rows import RULES
from index.catalog.sums import WindowRow, damaged, sound, windows_where
from index.records import Citation, Work, WorkRules

MergeWorks = Callable[[Sequence[Citation], Sequence[WorkRules]], tuple[list[Work], list[int]]]
"""From citations and what somebody says of works: the works, and for each citation the place of its work, -1 for none."""

_CITATION = msgspec.json.Decoder(Citation)
_OF_FILES = "JOIN documents d ON d.key = e.document WHERE d.file IN (SELECT value FROM json_each(?))"
_CITED = f"SELECT e.key, e.citation, e.work, {sound('excerpts', 'e')} FROM excerpts e"


class Before(NamedTuple):
    """What a generation held that the next one takes away, and where its numbers ended.

    ``windows`` are rows as they are summed up; ``excerpts`` are keys; ``own_ids`` are those of excerpts, ``documents`` those of
    documents; ``citations`` are those of the excerpts.
    """

    windows: list[WindowRow]
    excerpts: list[int]
    own_ids: list[str]
    documents: list[str]
    citations: list[Citation]
    last_window: int
    last_excerpt: int
    last_document: int
    last_vector: int


def before_change(connection: sqlite3.Connection, files: Iterable[int], rewindowed: Iterable[int]) -> Before:
    """What goes with these files, and with the windows of these excerpts.

    Raises:
        IndexDamaged: a citation that goes is not what was written.
    """
    told, again = _json([*files]), _json([*rewindowed])
    excerpts = connection.execute(f"SELECT e.key, e.own_id FROM excerpts e {_OF_FILES}", [told]).fetchall()
    cited = connection.execute(f"{_CITED} {_OF_FILES} AND CAST(e.citation AS TEXT) != 'null'", [told]).fetchall()
    documents = connection.execute(
        "SELECT substr(sha256, 1, 16) FROM documents WHERE file IN (SELECT value FROM json_each(?))", [told]
    ).fetchall()
    windows = windows_where(connection, f"excerpt IN (SELECT e.key FROM excerpts e {_OF_FILES})", [told])
    windows = sorted([*windows, *windows_where(connection, "excerpt IN (SELECT value FROM json_each(?))", [again])])
    lasts = ("max(id) FROM windows", "max(key) FROM excerpts", "max(key) FROM documents", "max(vector) FROM windows")
    return Before(
        windows,
        [key for key, _ in excerpts],
        [own for _, own in excerpts],
        [own for (own,) in documents],
        [citation for _, citation, _ in _sound(cited)],
        *(connection.execute(f"SELECT {last}").fetchone()[0] or 0 for last in lasts),
    )


def number_apart(connection: sqlite3.Connection, before: Before) -> None:
    """Makes ids unique: of rows with the same own id, all but the first get "-2", "-3" …, whatever was indexed when.

    Only own ids of rows that came or went are looked at, and those in documents that have another id now.
    """
    new = connection.execute("SELECT substr(sha256, 1, 16) FROM documents WHERE key > ?", [before.last_document])
    own = {*before.documents, *(each for (each,) in new)}
    moved = _number_apart(connection, "documents", own, "substr(sha256, 1, 16)", "complete DESC, name, key")
    inside = connection.execute(
        "SELECT own_id FROM excerpts WHERE key > ? OR document IN (SELECT value FROM json_each(?))",
        [before.last_excerpt, _json(moved)],
    )
    own = {*before.own_ids, *(each for (each,) in inside)}
    order = "(SELECT d.name || char(0) || d.id FROM documents d WHERE d.key = document), start"
    _number_apart(connection, "excerpts", own, "own_id", order)


def _number_apart(connection: sqlite3.Connection, table: str, own: Iterable[str], own_id: str, order: str) -> list[int]:
    """The keys of the rows that have another id now. An id is the own id, or that and a number after a hyphen."""
    changed = connection.execute(
        f"""
        WITH touched AS (
            SELECT t.key AS one FROM json_each(:own) o JOIN {table} t ON t.id = o.value UNION
            SELECT t.key FROM json_each(:own) o JOIN {table} t ON t.id > o.value || '-' AND t.id < o.value || '.'
        )
        UPDATE {table} SET id = numbered.own || CASE WHEN place = 1 THEN '' ELSE '-' || place END FROM (
            SELECT key AS one, {own_id} AS own, row_number() OVER (PARTITION BY {own_id} ORDER BY {order}) AS place
            FROM {table} WHERE key IN (SELECT one FROM touched)
        ) AS numbered
        WHERE key = one AND id IS NOT numbered.own || CASE WHEN place = 1 THEN '' ELSE '-' || place END
        RETURNING key
        """,
        {"own": _json([*own])},
    )
    return [key for (key,) in changed.fetchall()]


def drop_vectors(connection: sqlite3.Connection, before: Before) -> None:
    """Removes the vectors that no window has any more: those of windows that went, and what an earlier run left unused."""
    unused = "NOT EXISTS (SELECT 1 FROM windows w WHERE w.vector = vectors.key)"
    connection.execute(f"DELETE FROM vectors WHERE key > ? AND {unused}", [before.last_vector])
    lost = _json([*{row[4] for row in before.windows}])
    connection.execute(f"DELETE FROM vectors WHERE key IN (SELECT value FROM json_each(?)) AND {unused}", [lost])


def write_works(connection: sqlite3.Connection, before: Before, merge_works: MergeWorks) -> None:
    """Merges the citations of works by the surnames that came or went; of all works where somebody says which are the same.

    Works of two surnames are never one, nor have they one id, unless that is said.
    """
    rules = _rules(connection)
    new = _sound(connection.execute(f"{_CITED} WHERE e.key > ? AND CAST(e.citation AS TEXT) != 'null'", [before.last_excerpt]))
    if rules or not _surnames_known(connection):
        rows = _sound(connection.execute(f"{_CITED} WHERE CAST(e.citation AS TEXT) != 'null'"))
        connection.execute("DELETE FROM works")
    else:
        surnames = {_surname(citation.csl) for citation in (*before.citations, *(row[1] for row in new)) if citation.csl}
        by_these = "SELECT work FROM surnames WHERE surname IN (SELECT value FROM json_each(?))"
        touched = _json([work for (work,) in connection.execute(by_these, [_json([*surnames])])])
        rows = _sound(connection.execute(f"{_CITED} WHERE e.work IN (SELECT value FROM json_each(?))", [touched])) + new
        connection.execute("DELETE FROM works WHERE id IN (SELECT value FROM json_each(?))", [touched])
    works, places = merge_works([citation for _, citation, _ in rows], rules)
    _insert_works(connection, works)
    if not rules:
        connection.executemany("INSERT INTO surnames VALUES (?, ?)", [(work.id, _surname(work.csl)) for work in works])
    ids = [works[place].id if place >= 0 else "" for place in places]
    changed = [(work, key) for (key, _, earlier), work in zip(rows, ids, strict=True) if work != earlier]
    connection.executemany("UPDATE excerpts SET work = ? WHERE key = ?", changed)


def _insert_works(connection: sqlite3.Connection, works: Iterable[Work]) -> None:
    """A work's place is its id as a number, so that works ascend by id and none has to make room for another."""
    connection.executemany(
        "INSERT INTO works (place, id, csl, spellings, likely) VALUES (?, ?, ?, ?, ?)",
        [
            (int(work.id, 16) - (1 << 63), work.id, *map(msgspec.json.encode, (work.csl, work.spellings, work.likely)))
            for work in works
        ],
    )


def _rules(connection: sqlite3.Connection) -> list[WorkRules]:
    """What ``collection.toml`` says of works, in all folders, each once."""
    told = connection.execute("SELECT DISTINCT compilation FROM documents WHERE CAST(compilation AS TEXT) != 'null' ORDER BY 1")
    named = {rule: None for (found,) in told if (rule := msgspec.json.decode(found).get(RULES))}
    return [msgspec.json.decode(rule, type=WorkRules) for rule in named]


def _surnames_known(connection: sqlite3.Connection) -> bool:
    [(known, works)] = connection.execute("SELECT (SELECT count(*) FROM surnames), (SELECT count(*) FROM works)").fetchall()
    return bool(known == works)


def _surname(csl: object) -> str:
    from index.citations.works import surname_of

    return surname_of(csl)  # type: ignore[arg-type]  # read from JSON


def _sound(rows: Iterable[tuple[int, bytes, str, int]]) -> list[tuple[int, Citation, str]]:
    """Key, citation and work of excerpts. Raises IndexDamaged for one that is not what was written."""
    found = list(rows)
    if unsound := [key for key, *_, is_sound in found if not is_sound]:
        raise damaged(f"excerpt number {unsound[0]}")
    return [(key, _CITATION.decode(citation), work) for key, citation, work, _ in found]


def _json(values: Sequence[object]) -> str:
    return msgspec.json.encode(values).decode()
