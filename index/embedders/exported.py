"""Embeds texts with an exported network, in ONNX Runtime, without torch or sentence-transformers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from index.embedders import EmbedderCard, TextKind, Vectors
from index.embedders.batches import plan_batches
from index.embedders.configuration import PoolingMode
from index.embedders.manifest import NETWORK_FILE, TOKENIZER_FILE, read_manifest
from index.embedders.wordpieces import Pieces, WordPieces

TOKENS_PER_BATCH = 2048
"""The fastest of 512 to 8192 on the development machine (docs/performance.md): a batch's activations stay in the cache."""


class ExportedEmbedder:
    """An Embedder (see ``index.embedders``) that serves the export in a folder."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Opens ``folder``; one call of ``embed`` uses ``threads`` cores. Raises EmbedderUnusable when it is damaged."""
        self._manifest = read_manifest(folder)
        self._pieces = WordPieces(folder / TOKENIZER_FILE, self._manifest.card.max_tokens)
        self._session = _open_session(folder / NETWORK_FILE, threads)

    @property
    def card(self) -> EmbedderCard:
        """What identifies this embedder."""
        return self._manifest.card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given; texts of like length are computed together."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        pieces = self._pieces.encode([prompt + text for text in texts])
        vectors = np.empty((len(texts), self.card.dimension), dtype=np.float32)
        for batch in plan_batches([len(text) for text in pieces], TOKENS_PER_BATCH):
            vectors[batch] = self._run([pieces[place] for place in batch])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        return self._pieces.count([self._manifest.passage_prompt + text for text in texts])

    def _run(self, texts: Sequence[Pieces]) -> Vectors:
        lengths = np.array([len(text) for text in texts], dtype=np.int32)
        input_ids = np.zeros((len(texts), lengths.max()), dtype=np.int32)
        for row, text in zip(input_ids, texts, strict=True):
            row[: len(text)] = text
        pooling = pooling_weights(self._manifest.pooling, lengths)
        (vectors,) = self._session.run(["vectors"], {"input_ids": input_ids, "lengths": lengths, "pooling": pooling})
        return np.asarray(vectors, dtype=np.float32)


def pooling_weights(mode: PoolingMode, lengths: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """What each token counts in its text's vector, padding nothing: shape (texts, 1, tokens)."""
    places = np.arange(lengths.max())[None, None, :]
    if mode == "cls":
        return np.broadcast_to(places == 0, (len(lengths), 1, places.size)).astype(np.float32)
    counts = lengths[:, None, None]
    return ((places < counts) / counts).astype(np.float32)


def _open_session(network: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads sleep: they share their cores with search, HTTP and other workers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The export is written as the optimizer would leave it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
