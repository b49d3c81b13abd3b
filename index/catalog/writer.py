"""The last stage of indexing: one transaction from the generation before to the next."""

import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from index.arrays import cut
from index.catalog import State, encode_vector, pack, read_state, text_sha256, transaction
from index.catalog.rows import RULES
from index.catalog.sums import sum_windows
from index.catalog.upkeep import MergeWorks, before_change, drop_vectors, number_apart, write_works
from index.embedders import Embedder, EmbedderCard, PortionEmbedder, Vectors
from index.files import FileReading, IndexedFile
from index.home import WordUnit
from index.records import Excerpt, Reading, Window, issued_years
from index.stores import Ids
from index.stores.layout import Columns, columns_of
from index.text import name_words, words
from index.windows import full_names, search_text

# The second stage of indexing: a vector for every window that has none, saved batch by batch.

Progress = Callable[[int, int], None]
"""Told how many windows of how many have a vector; called at the start and after each batch saved."""

_BATCH_CHARACTERS = 48_000
"""About 12,000 word pieces: some seconds' work on two cores, which is what an interruption loses at most."""

_KEYS_AT_ONCE = 500


def embed_missing(connection: sqlite3.Connection, texts: Sequence[str], embedder: Embedder, progress: Progress) -> int:
    """Embeds the texts that have no vector of this embedder yet, and returns how many those were.

    Each batch is committed when it is made: a run that is stopped and started again goes on
    where it was, while the index itself stays as it is.
    """
    wanted = {text_sha256(text): text for text in texts}
    missing = {key: wanted[key] for key in wanted.keys() - _vector_keys(connection, embedder.card.fingerprint, wanted).keys()}
    done = len(wanted) - len(missing)
    progress(done, len(wanted))
    for batch, vectors in embedded(missing, embedder):
        rows = [(embedder.card.fingerprint, key, encode_vector(vector)) for key, vector in zip(batch, vectors, strict=True)]
        with transaction(connection):
            connection.executemany("INSERT INTO vectors (embedder, sha256, vector) VALUES (?, ?, ?)", rows)
        done += len(batch)
        progress(done, len(wanted))
    return len(missing)


def embedded(texts: dict[bytes, str], embedder: Embedder) -> Iterator[tuple[list[bytes], Vectors]]:
    """The vectors of all texts, batch by batch, each to be saved before the next is asked for."""
    if isinstance(embedder, PortionEmbedder):
        keys = [key for batch in _batches(texts) for key in batch]
        for places, vectors in embedder.embed_each([texts[key] for key in keys], "passage"):
            yield [keys[place] for place in places], vectors
        return
    for batch in _batches(texts):
        yield batch, embedder.embed([texts[key] for key in batch], "passage")


def _batches(texts: dict[bytes, str]) -> Iterator[list[bytes]]:
    """Texts of like length together, so that little is padded.

    The batches come in no order of length, so that the time left can be told from the time taken.
    """
    keys = sorted(texts, key=lambda key: (-len(texts[key]), key))
    batches = [keys[run] for run in cut([len(texts[key]) for key in keys], _BATCH_CHARACTERS)]
    random.Random(0).shuffle(batches)  # noqa: S311 — an order, not a secret
    yield from batches


class Rewindowed(msgspec.Struct, frozen=True):
    """An excerpt already in the catalog, whose windows are cut anew."""

    key: int
    windows: tuple[Window, ...]


class Change(msgspec.Struct, frozen=True):
    """From one generation to the next.

    ``windows`` holds the windows of each new excerpt, in the order of ``read``; ``rewindowed`` those of all excerpts
    that stay, when the embedder or the size of windows is another one, else nothing.
    """

    removed: tuple[IndexedFile, ...]
    read: tuple[FileReading, ...]
    windows: tuple[tuple[Window, ...], ...]
    rewindowed: tuple[Rewindowed, ...]
    embedder: EmbedderCard
    window_size: str


def indexed_files(connection: sqlite3.Connection) -> list[IndexedFile]:
    """All files of the catalog by name."""
    rows = connection.execute("SELECT key, origin, name, sha256, reader FROM files ORDER BY name, origin")
    return [IndexedFile(*row) for row in rows]


class Delta(NamedTuple):
    """What a generation has beside the one before: windows and excerpts by number, as word indexes and vectors know them.

    What was added has higher numbers than the last of the generation before. ``layout`` says where the removed windows stood.
    """

    removed: Mapping[WordUnit, Ids]
    last: Mapping[WordUnit, int]
    layout: Columns


def write_generation(connection: sqlite3.Connection, change: Change, merge_works: MergeWorks) -> tuple[State, Delta]:
    """Applies the change within the caller's transaction; every window's vector is in the catalog already.

    What the change does not touch is not looked at.
    """
    before = before_change(connection, [file.key for file in change.removed], [excerpt.key for excerpt in change.rewindowed])
    _remove(connection, change)
    fresh = [*change.windows, *(excerpt.windows for excerpt in change.rewindowed)]
    texts = {text_sha256(search_text(window)) for group in fresh for window in group}
    vectors = _vector_keys(connection, change.embedder.fingerprint, texts)
    _add_files(connection, change, vectors)
    for excerpt in change.rewindowed:
        _add_windows(connection, excerpt.key, excerpt.windows, vectors)
    number_apart(connection, before)
    write_works(connection, before, merge_works)
    drop_vectors(connection, before)
    sum_windows(connection, before.windows, before.last_window)
    layout = columns_of(before.windows)
    removed: dict[WordUnit, Ids] = {"windows": layout[0], "excerpts": np.array(before.excerpts, np.int64)}
    last: dict[WordUnit, int] = {"windows": before.last_window, "excerpts": before.last_excerpt}
    return _write_state(connection, change), Delta(removed, last, layout)


def write_note(connection: sqlite3.Connection, generation: int, name: str, value: object) -> None:
    """Keeps a JSON value about a generation, in place of an earlier one of this name."""
    connection.execute("DELETE FROM notes WHERE name = ? AND generation = ?", [name, generation])
    connection.execute(
        "INSERT INTO notes (name, generation, value) VALUES (?, ?, ?)", [name, generation, msgspec.json.encode(value)]
    )


def _remove(connection: sqlite3.Connection, change: Change) -> None:
    connection.executemany("DELETE FROM files WHERE key = ?", [(file.key,) for file in change.removed])
    connection.executemany("DELETE FROM windows WHERE excerpt = ?", [(excerpt.key,) for excerpt in change.rewindowed])


def _vector_keys(connection: sqlite3.Connection, fingerprint: str, texts: Iterable[bytes]) -> dict[bytes, int]:
    """The keys of the vectors of these texts, by their SHA-256, as far as there are any."""
    wanted = list(texts)
    found: dict[bytes, int] = {}
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        some = wanted[start : start + _KEYS_AT_ONCE]
        query = f"SELECT sha256, key FROM vectors WHERE embedder = ? AND sha256 IN ({', '.join('?' for _ in some)})"  # noqa: S608
        found |= connection.execute(query, [fingerprint, *some]).fetchall()
    return found


def _add_files(connection: sqlite3.Connection, change: Change, vectors: Mapping[bytes, int]) -> None:
    windows = iter(change.windows)
    for found in change.read:
        file = _insert(
            connection,
            "files",
            origin=found.origin,
            name=found.file.name,
            sha256=found.file.sha256,
            reader=found.reader,
            data=pack(found.file.data),
        )
        for reading in found.readings:
            document = _add_document(connection, file, reading)
            for excerpt in reading.excerpts:
                _add_windows(connection, _add_excerpt(connection, document, excerpt), next(windows), vectors)


def _add_document(connection: sqlite3.Connection, file: int, reading: Reading) -> int:
    document = reading.document
    blocks: Counter[str] = Counter()
    for block in reading.blocks:
        blocks[block.kind] += block.end - block.start
    return _insert(
        connection,
        "documents",
        file=file,
        id=document.id,
        name=document.name,
        title=document.title,
        sha256=document.sha256,
        file_sha256=document.file_sha256,
        reader=document.reader,
        encoding=document.encoding,
        complete=document.complete,
        characters=len(document.text),
        text=pack(document.text.encode()),
        blocks=msgspec.json.encode(blocks),
        layout=msgspec.json.encode(reading.layout),
        compilation=msgspec.json.encode(_told(reading)),
        rendition=msgspec.json.encode(document.rendition),
        places=msgspec.json.encode(document.places),
        cited_as=msgspec.json.encode(document.cited_as),
        language=reading.language,
    )


def _told(reading: Reading) -> dict[str, str] | None:
    """What ``collection.toml`` tells of the collection, and of works, as the text of its JSON under a key of its own."""
    if not reading.work_rules:
        return reading.compilation
    return {**(reading.compilation or {}), RULES: msgspec.json.encode(reading.work_rules).decode()}


def _add_excerpt(connection: sqlite3.Connection, document: int, excerpt: Excerpt) -> int:
    return _insert(
        connection,
        "excerpts",
        document=document,
        id=excerpt.id,
        own_id=excerpt.id,
        start=excerpt.start,
        end=excerpt.end,
        text=excerpt.text,
        headings=msgspec.json.encode(excerpt.headings),
        citation=msgspec.json.encode(excerpt.citation),
        work="",
        **_filter_columns(excerpt),
    )


def _filter_columns(excerpt: Excerpt) -> dict[str, object]:
    """What filters are compared with (index/filters.py); what the citation does not give matches no filter."""
    csl = excerpt.citation.csl or {} if excerpt.citation else {}
    first, last = issued_years(csl) or (None, None)
    return {
        "author_words": _spaced(name_words(name) for name in full_names(csl)),
        "title_words": _spaced([words(str(csl.get("title", "")))]),
        "heading_words": _spaced(map(words, excerpt.headings)),
        "first_year": first,
        "last_year": last,
    }


def _spaced(texts: Iterable[Iterable[str]]) -> str:
    return "".join(f" {word} " for text in texts for word in text)


def _add_windows(connection: sqlite3.Connection, excerpt: int, windows: Iterable[Window], vectors: Mapping[bytes, int]) -> None:
    rows = [(excerpt, window.start, window.end, window.context, vectors[text_sha256(search_text(window))]) for window in windows]
    connection.executemany("INSERT INTO windows (excerpt, start, end, context, vector) VALUES (?, ?, ?, ?, ?)", rows)


def _write_state(connection: sqlite3.Connection, change: Change) -> State:
    before = read_state(connection)
    state = State(before.generation + 1 if before else 1, secrets.token_hex(8), change.embedder, change.window_size)
    connection.execute(
        "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?)",
        [state.generation, state.stamp, msgspec.json.encode(state.embedder), state.windows],
    )
    # Who still reads the generation before may still want what was noted about it.
    connection.execute("DELETE FROM notes WHERE generation < ?", [state.generation - 1])
    return state


def _insert(connection: sqlite3.Connection, table: str, **values: object) -> int:
    columns, marks = ", ".join(values), ", ".join("?" for _ in values)
    cursor = connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values.values()))  # noqa: S608 — our own names
    return int(cursor.lastrowid or 0)
