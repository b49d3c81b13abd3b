"""Fakes that compute: small, exact and deterministic, in place of mocks."""

import hashlib
from collections.abc import AsyncGenerator, Sequence

import numpy as np

from index.embedders import EmbedderCard, TextKind, Vectors
from prompts import Message
from rag.errors import BackendFailed
from rag.models import ModelCard, Piece, Usage


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


class ScriptedModel:
    """A language model that writes what it was told to, in pieces, and remembers what it was asked.

    ``fails_after`` raises BackendFailed after so many pieces; ``closed_early`` says that its stream was closed before its end.
    """

    def __init__(
        self,
        *replies: str,
        piece: int = 7,
        fails_after: int | None = None,
        context_tokens: int = 8192,
        answer_tokens: int = 400,
        finish: str = "stop",
    ) -> None:
        self._replies = list(replies)
        self._piece = piece
        self._fails_after = fails_after
        self._finish = finish
        self._card = ModelCard("scripted", "script-1", context_tokens, answer_tokens)
        self.asked: list[tuple[Message, ...]] = []
        self.closed_early = False

    @property
    def card(self) -> ModelCard:
        return self._card

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Piece, None]:
        self.asked.append(tuple(messages))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        try:
            for number, start in enumerate(range(0, len(reply), self._piece)):
                if number == self._fails_after:
                    raise BackendFailed("the script ends here", rule="a script is played to its end", remedy="none")
                yield Piece(reply[start : start + self._piece])
            yield Piece("", finish=self._finish, usage=Usage(100, len(reply)))
        except GeneratorExit:
            self.closed_early = True
            raise

    async def close(self) -> None:
        self._replies = [""]
