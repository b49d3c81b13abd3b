"""Fakes that compute: small, exact and deterministic, in place of mocks."""

import hashlib
from collections.abc import Sequence

import numpy as np

from index.embedders import EmbedderCard, TextKind, Vectors


class HashEmbedder:
    """A bag of words hashed into unit vectors: texts that share words are near. A word is a token; two are special.

    ``calls`` counts what was embedded, so that a test can say that nothing was embedded twice.
    """

    def __init__(self, dimension: int = 16, max_tokens: int = 64, seed: str = "") -> None:
        self._seed = seed
        self.calls = 0
        weights = hashlib.sha256(f"hash embedder {seed}".encode()).hexdigest()
        self._card = EmbedderCard("hash", "", dimension, max_tokens, weights)

    @property
    def card(self) -> EmbedderCard:
        return self._card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:  # noqa: ARG002 — as the contract has it
        self.calls += len(texts)
        rows = [self._row(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self._card.dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def _row(self, text: str) -> Vectors:
        row = np.full(self._card.dimension, 1e-3)
        for word in text.lower().split():
            digest = hashlib.sha256((self._seed + word).encode("utf-8", "surrogatepass")).digest()
            row[digest[0] % self._card.dimension] += 1 if digest[1] % 2 else -1
        normalised: Vectors = (row / np.linalg.norm(row)).astype(np.float32)
        return normalised
