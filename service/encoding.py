"""Turns a question into a vector without holding up the event loop."""

import asyncio
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.embedders import Embedder

Vector = npt.NDArray[np.float32]
"""float32, shape (dimension,), Euclidean length 1."""


class Encoder(Protocol):
    """Turns one question into its vector; many may be waited for at once."""

    async def encode(self, text: str) -> Vector:
        """The unit vector of a question."""
        ...


class ThreadEncoder:
    """Embeds each question by itself, in a thread."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    async def encode(self, text: str) -> Vector:
        """The unit vector of a question."""
        rows = await asyncio.to_thread(self._embedder.embed, [text], "query")
        return rows[0]
