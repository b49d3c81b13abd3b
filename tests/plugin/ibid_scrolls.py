"""A reader of scrolls, an embedder of plain words, a vector store that compares row by row, and a bare citation style."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from index.citations.styles import StyleEntry
from index.decoding import decode
from index.embedders import EmbedderCard, TextKind, Vectors
from index.errors import IndexDamaged
from index.readers.readings import Mark, Passage, make_reading
from index.records import Citation, Reading, SourceFile
from index.stores import Ids, Scores

BARE_STYLE = StyleEntry("bare", "Bare", Path(__file__).with_name("bare.csl"))


class ScrollReader:
    """Files that end with ``.scroll``: each line is "title | text"."""

    name = "scroll"

    def accepts(self, file: SourceFile) -> bool:
        return file.name.endswith(".scroll")

    def read(self, file: SourceFile) -> list[Reading]:
        text, encoding = decode(file)
        lines = list(re.finditer(r"(?P<title>[^|\n]+)\| (?P<text>.+)", text))
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=file.name,
                text=text,
                passages=[Passage(*line.span("text"), (), _cited(line["title"].strip())) for line in lines],
                marks=[Mark("citation", line.start(), line.start("text")) for line in lines],
            )
        ]


def _cited(title: str) -> Citation:
    return Citation(title, csl={"type": "book", "title": title})


SCROLL_READER = ScrollReader()


class WordEmbedder:
    """A bag of words, each hashed into one of so many numbers."""

    def __init__(self, width: int) -> None:
        self.card = EmbedderCard(f"words:{width}", "", width, 256, hashlib.sha256(b"words").hexdigest())

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:  # noqa: ARG002 — as the contract has it
        rows = np.full((len(texts), self.card.dimension), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % len(row)] += 1
        units: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return units

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]


def word_embedder(argument: str, _threads: int | None) -> WordEmbedder:
    """What "words:64" means."""
    return WordEmbedder(int(argument))


class RowStore:
    """Rows in an array, ids ascending; saved as one ``.npz`` file."""

    def __init__(self, ids: Ids, rows: Vectors) -> None:
        self.ids = ids
        self._rows = rows

    @property
    def dimension(self) -> int:
        return int(self._rows.shape[1])

    @classmethod
    def of(cls, dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> Self:
        store = cls(np.empty(0, np.int64), np.empty((0, dimension), np.float32))
        for ids, vectors in rows:
            store.update(np.empty(0, np.int64), ids, vectors)
        return store

    @classmethod
    def load(cls, path: Path) -> Self:
        try:
            with path.open("rb") as file, np.load(file) as saved:
                return cls(saved["ids"], saved["rows"])
        except (OSError, ValueError, KeyError) as error:
            raise IndexDamaged(f"{path} cannot be read", rule="it is what was saved", remedy="delete it") from error

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez(file, ids=self.ids, rows=self._rows)

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        kept = ~np.isin(self.ids, np.concatenate([removed, added]))
        ids = np.concatenate([self.ids[kept], added])
        order = np.argsort(ids)
        self.ids, self._rows = ids[order], np.concatenate([self._rows[kept], vectors])[order]

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        allowed = np.ones(len(self.ids), bool) if among is None else np.isin(self.ids, among)
        found = []
        for scores in self.scores(queries):
            order = np.lexsort((self.ids[allowed], -scores[allowed]))[: max(limit, 0)]
            found.append((self.ids[allowed][order], scores[allowed][order]))
        return found

    def scores(self, queries: Vectors) -> Scores:
        # Each product by itself, so that equal rows score equal.
        products: Scores = np.array([[np.dot(row, query) for row in self._rows] for query in queries], np.float32)
        return products.reshape(len(queries), len(self.ids))

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        return self.scores(queries)[:, rows]

    def vectors(self, ids: Ids) -> Vectors:
        if not np.isin(ids, self.ids).all():
            raise IndexDamaged("a window has no vector", rule="the store holds every window", remedy="delete its file")
        rows: Vectors = self._rows[np.searchsorted(self.ids, ids)]
        return rows
