"""Embedders turn texts into unit vectors; this module names the contract they all keep."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec
import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""float32, shape (n, dimension), each row of Euclidean length 1, so that an inner product is a cosine."""

TextKind = Literal["query", "passage"]

SERVED = "served"
"""The precision of an embedder whose weights nobody here has seen: a server's."""


class EmbedderCard(msgspec.Struct, frozen=True):
    """What identifies an embedder: two with the same fingerprint give the same vectors (cosine ≥ .99999)."""

    name: str
    revision: str
    dimension: int
    max_tokens: int
    weights_sha256: str
    precision: str = "fp32"

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over everything that changes the vectors (not the name)."""
        told = f"{self.weights_sha256} {self.dimension} {self.max_tokens} {self.precision}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


class TokenVectors(NamedTuple):
    """The vectors of a text's tokens, special ones left out, shape (tokens, dimension), each row of length 1.

    ``spans`` say where each token stands in the text: [start, end) in code points, shape (tokens, 2).
    """

    vectors: Vectors
    spans: npt.NDArray[np.int64]


@runtime_checkable
class TokenEmbedder(Protocol):
    """Turns texts into a vector a token, each in the light of its text, as late interaction needs them; thread-safe."""

    def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[TokenVectors]:
        """The vectors of each text's tokens, in the order given; what an embedder does not read of a text has none."""
        ...


@runtime_checkable
class PortionEmbedder(Protocol):
    """An embedder that gives what it has before all is done, so that a failure loses nothing."""

    def embed_each(self, texts: Sequence[str], kind: TextKind) -> Iterator[tuple[list[int], Vectors]]:
        """Portions of the texts in any order: their places and their rows. What fails is raised after what succeeded is given."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors; thread-safe; downloads nothing."""

    @property
    def card(self) -> EmbedderCard:
        """What identifies this embedder."""
        ...

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given; no texts give shape (0, dimension)."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special tokens included, without truncation."""
        ...
