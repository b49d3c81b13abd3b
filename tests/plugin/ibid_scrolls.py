"""A reader of scrolls, an embedder of plain words and a bare citation style."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.citations.styles import StyleEntry
from index.decoding import decode
from index.embedders import EmbedderCard, TextKind, Vectors
from index.readers.readings import Mark, Passage, make_reading
from index.records import Citation, Reading, SourceFile

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
