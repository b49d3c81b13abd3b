"""How much of a question's words an entry covers: BM25 as a share of what no entry could exceed.

A share is comparable between questions and between collections, which BM25 is not: the words of one question are
rarer than those of another, and one question has more of them.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np

from index.lexicon import Lexicon
from index.stores import Scores, Term
from rag.function_words import FUNCTION_WORDS
from rag.spelling import Speller

FUNCTION_WEIGHT = 0.5
"""What a function word counts beside others. Left out, they are missed on XQuAD and COVID-QA; counted fully, they
mislead on questions typed the way people type."""

_REMEMBERED = 4096
"""Words that are kept as they are searched: people ask about the same things."""


class AskedWord(msgspec.Struct, frozen=True):
    """One term of a question, as it is searched in one collection.

    Args:
        term: the word's stem.
        spellings: what is searched for it.
        idf: how much it tells (index.lexicon).
        weight: how much it counts.
        near: the BM25 score that no window could exceed for it, and
        whole: the one that no excerpt could.
        windows: how many windows hold it, in any spelling.
    """

    term: str
    spellings: Term
    idf: float
    weight: float
    near: float
    whole: float
    windows: int


class AskedWords:
    """The words of one question; ``near`` and ``whole`` are the BM25 scores that no window and no excerpt could exceed."""

    def __init__(self, words: Sequence[AskedWord]) -> None:
        self.terms = tuple(word.spellings for word in words)
        self.telling_words = tuple({word.term: word for word in words if word.weight == 1}.values())
        self.near = sum(word.near for word in words)
        self.whole = sum(word.whole for word in words)
        self._words = words

    def telling(self) -> list[tuple[frozenset[str], float]]:
        """For each word its spellings, and its share of what all words tell (idf); the shares add up to 1."""
        weights = [word.weight * word.idf for word in self._words]
        total = sum(weights)
        return [
            (frozenset(spelling for spelling, _ in word.spellings.spellings), weight / total)
            for word, weight in zip(self._words, weights, strict=True)
            if total
        ]


class QuestionReader:
    """Finds the words of questions in the lexicon of a collection's windows, and of its excerpts; thread-safe.

    Windows and excerpts are made of the same words.
    """

    def __init__(self, windows: Lexicon, excerpts: Lexicon) -> None:
        self._windows = windows
        self._excerpts = excerpts
        self._speller = Speller(windows)
        self._function_terms = frozenset(term for word in FUNCTION_WORDS for term in windows.terms(word))
        self._asked = lru_cache(_REMEMBERED)(self._ask)

    def understand(self, words: str) -> AskedWords:
        """The words of a question; function words count less beside others, and fully where there are no others."""
        terms = self._windows.terms(words)
        others = any(term not in self._function_terms for term in terms)
        return AskedWords([self._asked(term, others) for term in terms])

    def _ask(self, term: str, others: bool) -> AskedWord:
        less = others and term in self._function_terms
        weight = FUNCTION_WEIGHT if less else 1.0
        spellings = Term(((term, weight),)) if less else self._speller.spell(term)
        return AskedWord(
            term,
            spellings,
            self._windows.idf(term),
            weight,
            near=weight * self._windows.ceiling(term),
            whole=weight * self._excerpts.ceiling(term),
            windows=sum(self._windows.frequencies.get(spelling, 0) for spelling, _ in spellings.spellings),
        )


def covered(scores: Scores, ceilings: Sequence[float]) -> Scores:
    """BM25 scores, shape (questions, entries), as shares of what no entry could exceed, in [0, 1]: one ceiling a question."""
    most = np.array([ceiling or 1 for ceiling in ceilings], np.float32)
    shares: Scores = scores / most[:, np.newaxis]
    return np.minimum(shares, np.float32(1), out=shares)
