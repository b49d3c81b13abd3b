"""How much of a question's words an entry covers: BM25 as a share of what no entry could exceed.

A share is comparable between questions and between collections, which BM25 is not: the words of one question are
rarer than those of another, and one question has more of them.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from index.lexicon import Lexicon
from index.stores import Ids, LexicalQuery, LexicalStore, Scores, Term
from rag.function_words import FUNCTION_WORDS
from rag.spelling import Speller

FUNCTION_WEIGHT = 0.5
"""What a function word counts beside others. Left out, they are missed on XQuAD and COVID-QA; counted fully, they
mislead on questions typed the way people type."""


class Covered(msgspec.Struct, frozen=True):
    """Entries by coverage, best first: ids, their coverage in [0, 1], and the BM25 scores behind it."""

    ids: Ids
    shares: Scores
    bm25: Scores


class AskedWord(msgspec.Struct, frozen=True):
    """One term of a question, the spellings it is searched in, and how much it counts."""

    term: str
    spellings: Term
    weight: float = 1.0


class AskedWords:
    """The words of one question, weighed by how much they tell (idf) in one lexicon."""

    def __init__(self, lexicon: Lexicon, words: Sequence[AskedWord]) -> None:
        self.terms = tuple(_weighed(word) for word in words)
        self.ceiling = sum(word.weight * lexicon.ceiling(word.term) for word in words)
        self._lexicon = lexicon
        self._telling = [
            ({spelling for spelling, _ in word.spellings.spellings}, word.weight * lexicon.idf(word.term)) for word in words
        ]

    def held_by(self, text: str) -> float:
        """The share of the words, by weight, that a text holds in any spelling; 0 where nothing is asked."""
        held = set(self._lexicon.terms(text))
        total = sum(weight for _, weight in self._telling)
        return sum(weight for spellings, weight in self._telling if spellings & held) / total if total else 0.0


class WordSearch:
    """Searches one lexical store by the words of questions; thread-safe."""

    def __init__(self, store: LexicalStore, speller: Speller) -> None:
        self._store = store
        self._lexicon = store.lexicon
        self._speller = speller
        self._function_terms = frozenset(term for word in FUNCTION_WORDS for term in self._lexicon.terms(word))

    def understand(self, words: str) -> AskedWords:
        """The words of a question; function words count less beside others, and fully where there are no others."""
        terms = self._lexicon.terms(words)
        others = any(term not in self._function_terms for term in terms)
        return AskedWords(self._lexicon, [self._ask(term, others) for term in terms])

    def _ask(self, term: str, others: bool) -> AskedWord:
        if others and term in self._function_terms:
            return AskedWord(term, Term(((term, 1.0),)), FUNCTION_WEIGHT)
        return AskedWord(term, self._speller.spell(term))

    def search(self, asked: AskedWords, limit: int, among: Ids | None) -> Covered:
        """The entries by how much of the words they cover; those that hold none are left out."""
        ids, scores = self._store.search(LexicalQuery(asked.terms), limit, among)
        shares = np.minimum(scores / np.float32(asked.ceiling or 1), np.float32(1))
        return Covered(ids, shares, scores)


def _weighed(word: AskedWord) -> Term:
    return Term(tuple((spelling, word.weight * weight) for spelling, weight in word.spellings.spellings))
