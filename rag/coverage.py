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


class Covered(msgspec.Struct, frozen=True):
    """Entries by coverage, best first: ids, their coverage in [0, 1], and the BM25 scores behind it."""

    ids: Ids
    shares: Scores
    bm25: Scores


class AskedWords:
    """The words of one question that tell something, each with its spellings in one lexicon and its weight (idf)."""

    def __init__(self, lexicon: Lexicon, words: Sequence[str], terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        self.ceiling = sum(lexicon.ceiling(word) for word in words)
        self._lexicon = lexicon
        self._weighed = [
            ({spelling for spelling, _ in term.spellings}, lexicon.idf(word)) for word, term in zip(words, terms, strict=True)
        ]

    def held_by(self, text: str) -> float:
        """The share of the words, by weight, that a text holds in any spelling; 0 where nothing is asked."""
        held = set(self._lexicon.terms(text))
        total = sum(weight for _, weight in self._weighed)
        return sum(weight for spellings, weight in self._weighed if spellings & held) / total if total else 0.0


class WordSearch:
    """Searches one lexical store by the words of questions; thread-safe."""

    def __init__(self, store: LexicalStore) -> None:
        self._store = store
        self._lexicon = store.lexicon
        self._speller = Speller(self._lexicon)
        self._function_terms = frozenset(term for word in FUNCTION_WORDS for term in self._lexicon.terms(word))

    def understand(self, words: str) -> AskedWords:
        """The words without function words; all of them where there are no others ("To be or not to be")."""
        terms = self._lexicon.terms(words)
        telling = [term for term in terms if term not in self._function_terms] or terms
        return AskedWords(self._lexicon, telling, [self._speller.spell(term) for term in telling])

    def search(self, asked: AskedWords, limit: int, among: Ids | None) -> Covered:
        """The entries by how much of the words they cover; those that hold none are left out."""
        ids, scores = self._store.search(LexicalQuery(asked.terms), limit, among)
        shares = np.minimum(scores / np.float32(asked.ceiling or 1), np.float32(1))
        return Covered(ids, shares, scores)
