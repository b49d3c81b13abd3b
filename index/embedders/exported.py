"""Embeds texts with an exported network, without torch or sentence-transformers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np

from index.embedders import EmbedderCard, TextKind, TokenVectors, Vectors
from index.embedders.manifest import NETWORK_FILE, TOKENIZER_FILE, read_manifest
from index.embedders.packs import pack, pack_apart, plan_packs
from index.embedders.runtimes import open_network
from index.embedders.wordpieces import Pieces, Spans, WordPieces


class ExportedEmbedder:
    """An Embedder (see ``index.embedders``) that serves the export in a folder.

    Each pack of texts is computed by one thread, and up to ``threads`` packs at once: threads that share one short
    product wait for each other more than they compute.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Opens ``folder``.

        Raises:
            EmbedderUnusable: the export is damaged.
            ExtraMissing: what runs it is not installed.
        """
        self._manifest = read_manifest(folder)
        self._pieces = WordPieces(folder / TOKENIZER_FILE, self._manifest.card.max_tokens)
        self._network = open_network(folder / NETWORK_FILE, self._manifest.card.precision, threads)
        # It starts a thread only when a pack waits for one.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="embedder")

    @property
    def card(self) -> EmbedderCard:
        """What identifies this embedder."""
        return self._manifest.card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        pieces = self._pieces.encode([prompt + text for text in texts])
        packs = [pieces[run] for run in plan_packs([len(text) for text in pieces])]
        if len(packs) == 1:
            return self._embed_pack(packs[0])
        rows = self._threads.map(self._embed_pack, packs)
        return np.concatenate([np.empty((0, self.card.dimension), dtype=np.float32), *rows])

    def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[TokenVectors]:
        """A unit row for each token of each text; the tokens of a prompt and special ones are left out."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        encoded = self._pieces.encode_apart([prompt + text for text in texts])
        runs = plan_packs([len(pieces) for pieces, _ in encoded])
        rows = self._threads.map(self._embed_apart, ([pieces for pieces, _ in encoded[run]] for run in runs))
        return [
            _own(vectors, spans - len(prompt)) for vectors, (_, spans) in zip(chain.from_iterable(rows), encoded, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        return self._pieces.count([self._manifest.passage_prompt + text for text in texts])

    def _embed_pack(self, texts: Sequence[Pieces]) -> Vectors:
        return self._network(pack(texts, self._manifest.pooling, self._manifest.padding_id))

    def _embed_apart(self, texts: Sequence[Pieces]) -> list[Vectors]:
        vectors = self._network(pack_apart(texts, self._manifest.padding_id))
        return np.split(vectors, np.cumsum([len(text) for text in texts])[:-1])


def _own(vectors: Vectors, spans: Spans) -> TokenVectors:
    own = spans[:, 0] >= 0
    return TokenVectors(vectors[own], spans[own])
