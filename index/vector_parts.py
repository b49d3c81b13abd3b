"""Vectors made apart from the index: each machine embeds a part of the texts into files, which ``ibid index --vectors`` takes in.

A text belongs to a part by its SHA-256 alone, so that nothing is coordinated. Files are written whole or not at all.
"""

import secrets
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save

from index.catalog import encode_vector, text_sha256, transaction
from index.catalog.writer import Progress, embedded
from index.checksums import check, write_whole
from index.embedders import Embedder, EmbedderCard, Vectors
from index.errors import EmbedderMismatch, FileUnreadable, IndexDamaged
from index.files import Failure, Scope
from index.readers import read_file
from index.windows import WindowSize, search_text, windows_of

SUFFIX = ".vectors"
_ROWS = 1024
"""Vectors in a file: what is lost at most where a process is killed."""

_SUMS = 48
"""Bytes that ``write_whole`` adds."""

_UNIT = 1e-3


class Part(msgspec.Struct, frozen=True):
    """Part ``number`` of ``of``, counted from 1."""

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ValueError(f"part {self.number}/{self.of}")

    def holds(self, key: bytes) -> bool:
        """Whether the text of this SHA-256 belongs to it."""
        return int.from_bytes(key[:8], "big") % self.of == self.number - 1


def part_of(told: str) -> Part:
    """The part that a text such as "2/8" names. Raises ValueError."""
    number, _, of = told.partition("/")
    try:
        return Part(int(number), int(of))
    except ValueError:
        raise ValueError(f"{told!r} is no part such as 2/8") from None


class PartTexts(NamedTuple):
    """The texts of a part by their SHA-256, and the files that could not be read."""

    texts: dict[bytes, str]
    failures: tuple[Failure, ...]


def texts_of(scope: Scope, embedder: Embedder, part: Part, reader: str | None = None) -> PartTexts:
    """Reads all files as ``ibid index`` would, and keeps what is embedded of them and belongs to the part."""
    size = WindowSize(embedder.card.max_tokens)
    texts: dict[bytes, str] = {}
    seen: set[str] = set()
    failures = [Failure(path.name, path.error) for path in scope.left_out]
    for source in scope.sources:
        try:
            file = source.load()
            if file.sha256 in seen:
                continue
            seen.add(file.sha256)
            excerpts = [excerpt for reading in read_file(file, reader) for excerpt in reading.excerpts]
        except FileUnreadable as error:
            failures.append(Failure(source.name, error))
            continue
        for excerpt in excerpts:
            for text in map(search_text, windows_of(excerpt, embedder.count_tokens, size)):
                if part.holds(key := text_sha256(text)):
                    texts[key] = text
    return PartTexts(texts, tuple(failures))


def embed_texts(folder: Path, texts: Mapping[bytes, str], embedder: Embedder, progress: Progress) -> int:
    """Embeds the texts of which the folder has no vector, into new files there, and returns how many those were.

    Raises:
        EmbedderMismatch: the folder holds vectors of another embedder.
        IndexDamaged: a file there is not what was written.
        IndexLocked: the folder cannot be written to.
    """
    known = {key.tobytes() for keys, _ in read_vectors(folder, embedder.card) for key in keys}
    missing = {key: text for key, text in texts.items() if key not in known}
    done = len(texts) - len(missing)
    progress(done, len(texts))
    keys: list[bytes] = []
    rows: list[Vectors] = []
    try:
        for batch, vectors in embedded(missing, embedder):
            keys += batch
            rows.append(vectors)
            done += len(batch)
            progress(done, len(texts))
            if len(keys) >= _ROWS:
                write_vectors(folder, embedder.card, keys, np.concatenate(rows))
                keys, rows = [], []
    finally:
        if keys:
            write_vectors(folder, embedder.card, keys, np.concatenate(rows))
    return len(missing)


def write_vectors(folder: Path, card: EmbedderCard, keys: list[bytes], vectors: Vectors) -> None:
    """Writes a file of vectors and the SHA-256 of their texts (32 bytes each), under a name that nobody else takes.

    Raises:
        IndexLocked: the folder cannot be written to.
    """
    columns = {"sha256": np.frombuffer(b"".join(keys), np.uint8).reshape(-1, 32), "vectors": np.ascontiguousarray(vectors, "<f4")}
    data = save(columns, {"embedder": msgspec.json.encode(card).decode()})

    def write(path: Path) -> None:
        path.write_bytes(data)

    write_whole(folder / f"{secrets.token_hex(8)}{SUFFIX}", write)


def read_vectors(folder: Path, card: EmbedderCard) -> Iterator[tuple[npt.NDArray[np.uint8], Vectors]]:
    """The vectors of each file of a folder, with the SHA-256 of their texts, shape (n, 32).

    Raises:
        EmbedderMismatch: a file was made with another embedder.
        IndexDamaged: a file is not what was written, or holds no unit vectors.
    """
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        check(path)
        try:
            yield _read(path, path.read_bytes()[:-_SUMS], card)
        except (OSError, ValueError, LookupError, SafetensorError, msgspec.MsgspecError) as error:
            raise IndexDamaged(
                f"{path} holds no vectors ({error})",
                rule="files of vectors are those that `ibid embed` has written",
                remedy="delete it, and embed that part again",
            ) from error


def take_vectors(connection: sqlite3.Connection, folder: Path, texts: Collection[str], card: EmbedderCard) -> int:
    """Puts the vectors of these texts that a folder has, and the catalog has not, into the catalog; returns how many.

    Raises:
        EmbedderMismatch, IndexDamaged: as ``read_vectors``; the files before are taken in.
        FileUnreadable: there is no such folder.
    """
    if not folder.is_dir():
        raise FileUnreadable(
            f"{folder} is no folder", rule="vectors come from a folder that `ibid embed` wrote", remedy="check it"
        )
    known = {key for (key,) in connection.execute("SELECT sha256 FROM vectors WHERE embedder = ?", [card.fingerprint])}
    wanted = {text_sha256(text) for text in texts} - known
    taken = 0
    for keys, vectors in read_vectors(folder, card):
        rows = []
        for key, vector in zip((each.tobytes() for each in keys), vectors, strict=True):
            if key in wanted:
                wanted.remove(key)
                rows.append((card.fingerprint, key, encode_vector(vector)))
        with transaction(connection):
            connection.executemany("INSERT INTO vectors (embedder, sha256, vector) VALUES (?, ?, ?)", rows)
        taken += len(rows)
    return taken


def _read(path: Path, data: bytes, card: EmbedderCard) -> tuple[npt.NDArray[np.uint8], Vectors]:
    header = msgspec.json.decode(data[8 : 8 + int.from_bytes(data[:8], "little")])
    made_with = msgspec.json.decode(header["__metadata__"]["embedder"], type=EmbedderCard)
    if made_with.fingerprint != card.fingerprint:
        raise EmbedderMismatch(
            f"the vectors in {path} were made with {made_with.name} {made_with.fingerprint}, the index is embedded with "
            f"{card.name} {card.fingerprint}",
            rule="all vectors of an index are of one embedder",
            remedy="name the other model with --model, or another folder",
        )
    columns = load(data)
    keys, vectors = columns["sha256"], columns["vectors"].astype(np.float32)
    if keys.shape != (len(vectors), 32) or vectors.shape[1:] != (card.dimension,):
        raise ValueError(f"shapes {keys.shape} and {vectors.shape}")
    if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT).all():
        raise ValueError("not all of length 1")
    return keys, vectors
