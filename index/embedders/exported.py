"""Embeds texts with an exported network, without torch or sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embedders import EmbedderCard, TextKind, Vectors
from index.embedders.manifest import NETWORK_FILE, TOKENIZER_FILE, read_manifest
from index.embedders.packs import pack, plan_packs
from index.embedders.runtimes import open_network
from index.embedders.wordpieces import WordPieces


class ExportedEmbedder:
    """An Embedder (see ``index.embedders``) that serves the export in a folder."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Opens ``folder``; one call of ``embed`` uses ``threads`` cores. Raises EmbedderUnusable when it is damaged."""
        self._manifest = read_manifest(folder)
        self._pieces = WordPieces(folder / TOKENIZER_FILE, self._manifest.card.max_tokens)
        self._network = open_network(folder / NETWORK_FILE, self._manifest.card.precision, threads)

    @property
    def card(self) -> EmbedderCard:
        """What identifies this embedder."""
        return self._manifest.card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        pieces = self._pieces.encode([prompt + text for text in texts])
        vectors = np.empty((len(texts), self.card.dimension), dtype=np.float32)
        for run in plan_packs([len(text) for text in pieces]):
            vectors[run] = self._network(pack(pieces[run], self._manifest.pooling, self._manifest.padding_id))
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        return self._pieces.count([self._manifest.passage_prompt + text for text in texts])
