"""The second stage of indexing: a vector for every window that has none, saved batch by batch."""

import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence

from index.arrays import cut
from index.catalog import transaction
from index.embedders import Embedder
from index.packing import encode_vector

Progress = Callable[[int, int], None]
"""Told how many windows of how many have a vector; called at the start and after each batch saved."""

_BATCH_CHARACTERS = 48_000
"""About 12,000 word pieces: some seconds' work on two cores, which is what an interruption loses at most."""


def text_sha256(text: str) -> bytes:
    """What a vector is kept by, beside its embedder."""
    return hashlib.sha256(text.encode()).digest()


def embed_missing(connection: sqlite3.Connection, texts: Sequence[str], embedder: Embedder, progress: Progress) -> int:
    """Embeds the texts that have no vector of this embedder yet, and returns how many those were.

    Each batch is committed when it is made: a run that is stopped and started again goes on
    where it was, while the index itself stays as it is.
    """
    wanted = {text_sha256(text): text for text in texts}
    missing = {key: wanted[key] for key in wanted.keys() - _known(connection, embedder.card.fingerprint)}
    done = len(wanted) - len(missing)
    progress(done, len(wanted))
    for batch in _batches(missing):
        vectors = embedder.embed([missing[key] for key in batch], "passage")
        rows = [(embedder.card.fingerprint, key, encode_vector(vector)) for key, vector in zip(batch, vectors, strict=True)]
        with transaction(connection):
            connection.executemany("INSERT INTO vectors (embedder, sha256, vector) VALUES (?, ?, ?)", rows)
        done += len(batch)
        progress(done, len(wanted))
    return len(missing)


def _known(connection: sqlite3.Connection, fingerprint: str) -> set[bytes]:
    return {key for (key,) in connection.execute("SELECT sha256 FROM vectors WHERE embedder = ?", [fingerprint])}


def _batches(texts: dict[bytes, str]) -> Iterator[list[bytes]]:
    """Texts of like length together, so that little is padded.

    The batches come in no order of length, so that the time left can be told from the time taken.
    """
    keys = sorted(texts, key=lambda key: (-len(texts[key]), key))
    batches = [keys[run] for run in cut([len(texts[key]) for key in keys], _BATCH_CHARACTERS)]
    random.Random(0).shuffle(batches)  # noqa: S311 — an order, not a secret
    yield from batches
