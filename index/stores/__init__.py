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
from index.lexicon import Lexicon

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
    """What is searched by words under one number: a text of its own, and the context that is searched with it."""

    id: int
    text: str
    context: str = ""


class Term(msgspec.Struct, frozen=True):
    """One word of a question: the spellings that stand for it, each with the weight of its score.

    Spellings are terms of the store's lexicon. An entry scores by the best of them, once.
    """

    spellings: tuple[tuple[str, float], ...]


class LexicalQuery(msgspec.Struct, frozen=True):
    """Terms to score by, and phrases that must occur in the entry's own text (compared folded, word by word)."""

    terms: tuple[Term, ...]
    phrases: tuple[str, ...] = ()


class LexicalStore(Protocol):
    """BM25 over entries."""

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed`` (unknown ids are ignored), then stores ``added``; durable when it returns."""
        ...

    def search(self, query: LexicalQuery, limit: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """The best ``limit`` ids and BM25 scores of the entries that hold all phrases and, where there are terms, one of them."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The terms that entries were cut into, with how many entries hold each."""
        ...
