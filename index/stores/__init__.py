"""Stores find windows by number; this module names the two contracts, dense and lexical.

Ids are the catalog's window numbers (int64, never reused). Everywhere higher scores are nearer,
results come best first, ties by ascending id, and never more than there are.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from index.embedders import Vectors

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]


class VectorStore(Protocol):
    """Nearest neighbours by inner product."""

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forgets ``removed`` (unknown ids are ignored), then stores ``vectors[i]`` under ``added[i]``."""
        ...

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products, only from ``among`` where given."""
        ...

    def vectors(self, ids: Ids) -> Vectors:
        """The stored rows of these ids, in the order given. Raises IndexDamaged for an id not stored."""
        ...


class LexicalEntry(msgspec.Struct, frozen=True):
    """What is searched by words for one window: its own text, its whole excerpt's headings, and who wrote it where."""

    id: int
    text: str
    headings: str = ""
    author: str = ""
    title: str = ""
    year: str = ""


class LexicalQuery(msgspec.Struct, frozen=True):
    """Words to score by, and phrases that must occur in the window's text (compared after folding).

    ``boosts`` weighs the fields of LexicalEntry; a field not named counts 0. ``expansions`` are further words
    with weights (spelling variants), scored only.
    """

    words: str
    phrases: tuple[str, ...] = ()
    boosts: tuple[tuple[str, float], ...] = (("text", 1.0), ("headings", 1.0), ("author", 1.0), ("title", 1.0), ("year", 1.0))
    expansions: tuple[tuple[str, float], ...] = ()


class LexicalStore(Protocol):
    """BM25 over windows."""

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed`` (unknown ids are ignored), then stores ``added``; durable when it returns."""
        ...

    def search(self, query: LexicalQuery, limit: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """The best ``limit`` ids and BM25 scores; any text is a valid query (it is analysed, never parsed)."""
        ...

    def document_frequencies(self, words: str) -> dict[str, int]:
        """For each term that ``words`` is analysed into: how many windows hold it in text or headings."""
        ...
