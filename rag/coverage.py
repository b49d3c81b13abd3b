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
    """One term of a question, the spellings it is searched in, and how much it counts."""

    term: str
    spellings: Term
    weight: float = 1.0


class AskedWords:
    """The words of one question, as they are searched in any word index of one collection."""

    def __init__(self, words: Sequence[AskedWord]) -> None:
        self.terms = tuple(word.spellings for word in words)
        self.telling_words = tuple({word.term: word for word in words if word.weight == 1}.values())
        self._words = words

    def ceiling(self, lexicon: Lexicon) -> float:
        """The BM25 score that no entry of a lexicon could exceed."""
        return sum(word.weight * lexicon.ceiling(word.term) for word in self._words)

    def telling(self, lexicon: Lexicon) -> list[tuple[frozenset[str], float]]:
        """For each word its spellings, and its share of what all words tell (idf); the shares add up to 1."""
        weights = [word.weight * lexicon.idf(word.term) for word in self._words]
        total = sum(weights)
        return [
            (frozenset(spelling for spelling, _ in word.spellings.spellings), weight / total)
            for word, weight in zip(self._words, weights, strict=True)
            if total
        ]


class QuestionReader:
    """Finds the words of questions in one lexicon; thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._speller = Speller(lexicon)
        self._function_terms = frozenset(term for word in FUNCTION_WORDS for term in lexicon.terms(word))
        self._asked = lru_cache(_REMEMBERED)(self._ask)

    def understand(self, words: str) -> AskedWords:
        """The words of a question; function words count less beside others, and fully where there are no others."""
        terms = self._lexicon.terms(words)
        others = any(term not in self._function_terms for term in terms)
        return AskedWords([self._asked(term, others) for term in terms])

    def _ask(self, term: str, others: bool) -> AskedWord:
        if others and term in self._function_terms:
            return AskedWord(term, Term(((term, FUNCTION_WEIGHT),)), FUNCTION_WEIGHT)
        return AskedWord(term, self._speller.spell(term))


def covered(scores: Scores, asked: Sequence[AskedWords], lexicon: Lexicon) -> Scores:
    """BM25 scores, shape (questions, entries), as the share of each question's words that entries cover, in [0, 1]."""
    ceilings = np.array([each.ceiling(lexicon) or 1 for each in asked], np.float32)
    shares: Scores = np.minimum(scores / ceilings[:, np.newaxis], np.float32(1))
    return shares
