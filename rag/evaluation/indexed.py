"""Indexes what a question set brings along, once: the index is kept by what went into it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from index.build import build_index
from index.collection import Collection
from index.embedders import Embedder
from index.embedding import Progress
from index.home import Home
from index.records import SourceFile
from index.windows import WindowSize
from rag.evaluation.questions import questions_invalid
from rag.learning import learn


def indexed(
    folder: Path,
    files: Sequence[SourceFile],
    reader: str | None,
    embedder: Embedder,
    progress: Progress | None = None,
    size: WindowSize | None = None,
) -> Collection:
    """The collection of these files, below ``folder``; built now if it has not been, with this embedder, or stopped half-way.

    Args:
        folder: where such indexes are kept, one a folder.
        files: what to index.
        reader: the reader of all of them; None lets each decide.
        embedder: what embeds them.
        progress: told how many windows have a vector.
        size: how large windows are; None for the default.

    Raises:
        QuestionsInvalid: a file cannot be read, so that its answers could not be found.
    """
    size = size or WindowSize(embedder.card.max_tokens)
    home = folder / _key(files, reader, embedder, size)
    summary = build_index(home, files, embedder, reader=reader, size=size, progress=progress)
    if summary.failures:
        failure = summary.failures[0]
        raise questions_invalid(
            f"{failure.name} cannot be indexed: {failure.error.found}", failure.error.rule, failure.error.remedy
        ) from failure.error
    collection = Collection.open(home)
    learn(collection, embedder)
    return collection


def is_index(path: Path) -> bool:
    """Whether a folder is the home of an index."""
    return Home(path).catalog.exists()


def _key(files: Sequence[SourceFile], reader: str | None, embedder: Embedder, size: WindowSize) -> str:
    told = hashlib.sha256(f"{embedder.card.fingerprint} {reader} {size.told}".encode())
    for file in sorted(files, key=lambda file: file.name):
        told.update(f" {file.name} {file.sha256}".encode())
    return told.hexdigest()[:16]
