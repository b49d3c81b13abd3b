"""Stores find windows and excerpts by number; this module names the contracts: of vectors, of words and of phrases.

Ids are the catalog's numbers (int64, never reused). Everywhere higher scores are nearer; what is asked for by number of
results comes best first, ties by ascending id, and never more than there are.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

import msgspec
import numpy as np
import numpy.typing as npt

from index.embedders import Vectors

if TYPE_CHECKING:
    from index.stores.spellings import Spellings

# The lexicon of a word index: the terms its entries were cut into, and how much each of them tells.

K1 = 0.82
B = 0.68
"""BM25's parameters as Anserini and Pyserini tune them to the passages of MS MARCO (Lin et al. 2021, "Pyserini"), about as
long as our windows: in texts this short a word that stands there again tells little."""


_REMEMBERED = 4096


class Lexicon:
    """Terms by how many entries hold them.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance
    Framework", section 3.3): idf = ln(1 + (N - n + .5) / (n + .5)).

    Args:
        entries: how many entries there are (N).
        frequencies: for each term how many entries hold it (n).
        analyse: cuts any text into terms, as the entries were.
        languages: those of the entries, the commonest first ("" for an unknown one).
        spellings: the terms by how they are spelled; listed from ``frequencies`` where they are not given.
    """

    def __init__(
        self,
        entries: int,
        frequencies: Mapping[str, int],
        analyse: Callable[[str], list[str]],
        languages: Sequence[str] = ("",),
        spellings: "Spellings | None" = None,
    ) -> None:
        self._spellings = spellings
        self.entries = entries
        self.languages = tuple(languages) or ("",)
        self.frequencies = frequencies
        self._analyse = analyse
        self._idf_of = lru_cache(_REMEMBERED)(self._compute_idf)

    @cached_property
    def spellings(self) -> "Spellings":
        """The terms by how they are spelled."""
        from index.stores.spellings import ListedSpellings

        return ListedSpellings(self.frequencies) if self._spellings is None else self._spellings

    def terms(self, text: str) -> list[str]:
        """The terms of a text in order, whether entries hold them or not; in one language of the entries after the other."""
        return self._analyse(text)

    def idf(self, term: str) -> float:
        """How much it tells that an entry holds this term; most for one that none holds."""
        return self._idf_of(self.frequencies.get(term, 0))

    def _compute_idf(self, holding: int) -> float:
        return math.log(1 + (self.entries - holding + 0.5) / (holding + 0.5))

    def ceiling(self, term: str) -> float:
        """What BM25 approaches, and never reaches, for an entry that consists of this term only."""
        return self.ceiling_of(self.frequencies.get(term, 0))

    def ceiling_of(self, holding: int) -> float:
        """The same of a term that so many entries hold."""
        return self._idf_of(holding) * (K1 + 1)


Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
"""What is chosen of all rows, true or false for each."""


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

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        """The same of some rows, by number: shape (queries, rows), each what ``scores`` has for that row."""
        ...

    def vectors(self, ids: Ids) -> Vectors:
        """The stored rows of these ids, in the order given. Raises IndexDamaged for an id not stored."""
        ...


class StoredVectors(VectorStore, Protocol):
    """A vector store that can be made from rows, saved and loaded; an entry point of ``ibid.stores`` loads such a class."""

    @classmethod
    def of(cls, dimension: int, rows: Iterable[tuple[Ids, Vectors]]) -> Self:
        """A store in memory of rows that come in ascending order of id."""
        ...

    @classmethod
    def load(cls, path: Path) -> Self:
        """A saved store. Raises IndexDamaged where it is not what was saved; it is made again then."""
        ...

    def save(self, path: Path) -> None:
        """Writes the store to a new file or folder. Raises IndexLocked where that cannot be."""
        ...

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        ...

    @property
    def dimension(self) -> int:
        """Width of the vectors."""
        ...


@runtime_checkable
class VectorCodes(Protocol):
    """Chooses rows of a vector store without comparing all of them exactly."""

    def nearest(self, query: Vectors, limit: int, among: Mask | None = None) -> Ids:
        """About the nearest ``limit`` rows of one query, shape (dimension,), by number; only of ``among`` where given."""
        ...


class LexicalEntry(msgspec.Struct, frozen=True):
    """What is searched by words under one number: a text of its own, the context that is searched with it, and their language."""

    id: int
    text: str
    context: str = ""
    language: str = ""


class Term(msgspec.Struct, frozen=True):
    """One word of a question: the spellings that stand for it, each with the weight of its score.

    Spellings are terms of the store's lexicon. An entry scores by the best of them, once.
    """

    spellings: tuple[tuple[str, float], ...]


class WordStore(Protocol):
    """BM25 over all entries; made once, never changed. Rows are entries by number, in the order of ids."""

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

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """About the best ``limit`` rows of a question, ascending, few postings looked at; only of ``among`` where given."""
        ...

    def some(self, rows: Ids) -> "WordStore":
        """The store of these rows alone, ascending, each with the very scores that it has here."""
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


class WrittenWords(Mapping[str, int]):
    """Words by how many entries hold them, which are looked up where they are stored."""

    def starting_with(self, letters: str) -> Mapping[str, int]:
        """Those that begin with some letters."""
        raise NotImplementedError


def starting_with(words: Mapping[str, int], letters: str) -> Iterable[str]:
    """The words that begin with some letters."""
    if isinstance(words, WrittenWords):
        return words.starting_with(letters)
    return (word for word in words if word.startswith(letters))
