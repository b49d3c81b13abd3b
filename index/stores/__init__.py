"""Stores find windows and excerpts by number; this module names the contracts: of vectors, of words and of phrases.

Ids are the catalog's numbers (int64, never reused). Everywhere higher scores are nearer; what is asked for by number of
results comes best first, ties by ascending id, and never more than there are.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from index.embedders import Vectors
from index.lexicon import Lexicon

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]


class VectorStore(Protocol):
    """Nearest neighbours by inner product."""

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Forgets ``removed`` (unknown ids are ignored), then stores ``vectors[i]`` under ``added[i]``."""
        ...

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products, only from ``among`` where given."""
        ...

    def scores(self, queries: Vectors) -> Scores:
        """Inner products, shape (queries, rows): of each query with every row, by ascending id; equal rows score equal."""
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


class WordStore(Protocol):
    """BM25 over all entries; made once, never changed."""

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        ...

    def scores(self, questions: Sequence[Sequence[Term]]) -> Scores:
        """BM25 scores, shape (questions, entries): of each question's terms in every entry, by ascending id.

        0 where an entry holds none of the terms. A question's scores do not depend on the others.
        """
        ...

    def places(self, terms: Sequence[str]) -> tuple[Numbers, Ids]:
        """Where some terms stand among the words of all entries, one entry after the other; and which of the terms it is.

        The places of one term ascend, and come after those of the terms before it. An unknown term stands nowhere.
        """
        ...

    @property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all entries, by ascending id."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The terms that entries were cut into, with how many entries hold each."""
        ...


class PhraseStore(Protocol):
    """Entries by the words of their own text, in their order."""

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed`` (unknown ids are ignored), then stores ``added``; durable when it returns."""
        ...

    def holding(self, phrases: Sequence[str], among: Ids | None = None) -> Ids:
        """The ids, ascending, of the entries that hold every phrase (compared folded, word by word); all for no phrase."""
        ...

    @property
    def words(self) -> Mapping[str, int]:
        """The folded words of the entries' own texts, not stemmed, by how many entries hold them."""
        ...
