"""Late interaction: for each word of a question the token of a window that is nearest, and the sum over the question's words.

A window's one vector says what it is about; its tokens say whether each thing asked for is there. Words count by how much they
tell of this collection (idf). (Khattab and Zaharia 2020, "ColBERT: Efficient and Effective Passage Search via Contextualized
Late Interaction over BERT"; here with the token vectors of the embedder that the index was built with, untrained for it.)
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from index.collection import BatchCache
from index.embedders import TokenEmbedder, TokenVectors, Vectors
from index.stores import Scores

FIRST = 5
"""How many excerpts, by their best windows, are looked at: four times as many cost four times as much and bring no more right
ones to the top."""

WEIGHT = 1.0
"""What MaxSim counts beside the fused score: on 1,985 questions of four sets hit@1 rises from .859 to .867 (p .006), and
falls on none of them. Half the weight gains less, twice the weight loses on one (docs/retrieval.md)."""

KEPT = 1024
"""Windows whose token vectors are kept from one question to the next, about 35 kB each."""

_WORD = re.compile(r"\w+")
_LARGEST = np.float32(127)

Tell = Callable[[str], float]
"""How much a word tells (idf), at least 0."""


class _Kept:
    """Token vectors of one window as int8, with a scale for each token."""

    def __init__(self, vectors: Vectors) -> None:
        self._scales = np.maximum(np.abs(vectors).max(axis=1, initial=0, keepdims=True), np.float32(1e-9)) / _LARGEST
        self._numbers: npt.NDArray[np.int8] = np.rint(vectors / self._scales).astype(np.int8)

    def similarities(self, question: Vectors) -> Vectors:
        """The cosine of each of the question's tokens and each of the window's, shape (question's, window's)."""
        similarities: Vectors = (question @ self._numbers.T.astype(np.float32)) * self._scales.T
        return similarities


class LateInteraction:
    """Scores windows for a question; thread-safe. Keeps the token vectors of the ``kept`` windows that were looked at last."""

    def __init__(self, embedder: TokenEmbedder, kept: int = KEPT) -> None:
        self._embedder = embedder
        self._vectors = BatchCache(self._look_up, kept)

    def score(self, question: str, tell: Tell, windows: Sequence[str]) -> Scores:
        """MaxSim of each window, in [-1, 1]: the mean over the question's tokens, weighted by what their words tell.

        Args:
            question: the words asked.
            tell: how much a word tells.
            windows: what is searched of each (its context line and its text).

        Returns:
            One score a window; 0 for all where no word of the question tells anything.
        """
        (asked,) = self._embedder.embed_tokens([question], "query")
        weights = _weights(question, asked, tell)
        if not windows or not weights.any():
            return np.zeros(len(windows), np.float32)
        shares = weights / weights.sum()
        best = [_best(each.similarities(asked.vectors)) for each in self._vectors(windows)]
        scores: Scores = np.array(best, np.float32) @ shares
        return scores

    def _look_up(self, windows: Sequence[str]) -> list[_Kept]:
        return [_Kept(tokens.vectors) for tokens in self._embedder.embed_tokens(windows, "passage")]


def _best(similarities: Vectors) -> Scores:
    """For each token of the question the highest; 0 where the window has no tokens."""
    best: Scores = similarities.max(axis=1) if similarities.shape[1] else np.zeros(len(similarities), np.float32)
    return best


def _weights(question: str, asked: TokenVectors, tell: Tell) -> Scores:
    """What each token of the question counts: what its word tells, divided among the word's tokens; nothing for punctuation."""
    weights = np.zeros(len(asked.spans), np.float32)
    for word in _WORD.finditer(question):
        tokens = np.flatnonzero((asked.spans[:, 0] < word.end()) & (asked.spans[:, 1] > word.start()))
        if len(tokens):
            weights[tokens] = max(tell(word.group()), 0.0) / len(tokens)
    return weights
