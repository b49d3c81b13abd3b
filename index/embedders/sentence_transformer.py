"""Embeds with sentence-transformers; torch is imported when the first text is embedded, not before."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from index.embedders import EmbedderCard, TextKind, Vectors
from index.embedders.model_config import ModelConfiguration, ModelFolder, read_configuration, weights_sha256
from index.errors import EmbedderUnusable, ExtraMissing, NotExportable
from index.text import encodable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32
_POOLED = 1024
"""Texts that each device is given at a time."""

_PASSAGE_PROMPTS = ("document", "passage", "corpus")
"""In the order in which ``SentenceTransformer.encode_document`` looks for one."""


class SentenceTransformerEmbedder:
    """An Embedder over a model in a folder. Prompts, pooling and truncation are the model's own.

    Args:
        model: where the model is; nothing is read before it is needed.
        device: "cpu", "cuda" …; None lets sentence-transformers choose.
    """

    def __init__(self, model: ModelFolder, device: str | None = None) -> None:
        self._model = model
        self._device = device
        self._lock = threading.RLock()

    @cached_property
    def card(self) -> EmbedderCard:
        """What identifies this embedder; read from its files, without torch for all common models."""
        weights = _hash_weights(self._model.folder)
        self._model.check(weights)
        with self._lock:
            known = self._configuration
            dimension = known.dimension if known else self._loaded.get_embedding_dimension()
            max_tokens = known.max_tokens if known else self._loaded.max_seq_length
        return EmbedderCard(self._model.name, self._model.revision, int(dimension or 0), int(max_tokens or 0), weights)

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given."""
        if not texts:
            return np.empty((0, self.card.dimension), np.float32)
        readable = [encodable(text) for text in texts]
        # Its tokenizer keeps padding and truncation as state, so that two threads would disturb each other.
        with self._lock:
            model = self._loaded
            encode = model.encode_query if kind == "query" else model.encode_document
            vectors = encode(readable, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.ascontiguousarray(vectors, np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        prompted = [self._passage_prompt + encodable(text) for text in texts]
        if self._configuration and self._configuration.lower_case:
            prompted = [text.lower() for text in prompted]
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(prompted)]

    @cached_property
    def _configuration(self) -> ModelConfiguration | None:
        """None for a model made of parts whose files we do not read; torch tells then."""
        try:
            return read_configuration(self._model.folder)
        except NotExportable:
            return None

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        folder = self._configuration.folder if self._configuration else self._model.folder
        if (folder / "tokenizer.json").is_file():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        else:
            with self._lock:
                tokenizer = Tokenizer.from_str(self._loaded.tokenizer.backend_tokenizer.to_str())
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _passage_prompt(self) -> str:
        if self._configuration:
            return self._configuration.passage_prompt
        with self._lock:
            prompts = self._loaded.prompts
        return next((prompts[name] or "" for name in _PASSAGE_PROMPTS if name in prompts), "")

    @cached_property
    def _loaded(self) -> "SentenceTransformer":
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
        except ImportError as error:
            raise ExtraMissing(
                f"the model in {self._model.folder} cannot be exported, and sentence-transformers is not installed",
                rule="models other than BERT and its relatives run in PyTorch; this installation has none",
                remedy="install it with: pip install sentence-transformers, or name another model",
            ) from error
        # A bar for loading would run through the one for indexing, and through `--json`.
        logging.disable_progress_bar()
        try:
            return SentenceTransformer(str(self._model.folder), device=self._device, local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError) as error:  # whatever a damaged folder makes of it
            raise EmbedderUnusable(
                f"the model in {self._model.folder} cannot be loaded: {error}",
                rule="an embedding model is a folder saved by sentence-transformers",
                remedy="save or fetch the model again, or name another one",
            ) from error


class PooledEmbedder(SentenceTransformerEmbedder):
    """The same on several devices, with a process each while files are indexed; questions are embedded on the first.

    Args:
        model: where the model is; nothing is read before it is needed.
        devices: "cuda:0", "cuda:1" …, at least one.
    """

    def __init__(self, model: ModelFolder, devices: Sequence[str]) -> None:
        super().__init__(model, devices[0])
        self._devices = list(devices)

    def embed_each(self, texts: Sequence[str], kind: TextKind) -> Iterator[tuple[list[int], Vectors]]:
        """Portions in the order of the texts, each spread over all devices; see ``PortionEmbedder``."""
        portion = _POOLED * len(self._devices)
        if len(self._devices) == 1 or len(texts) < portion:
            yield from ((list(places), self.embed([texts[at] for at in places], kind)) for places in _runs(len(texts), _POOLED))
            return
        model = self._loaded
        encode = model.encode_query if kind == "query" else model.encode_document
        pool = model.start_multi_process_pool(self._devices)
        try:
            for places in _runs(len(texts), portion):
                some = [encodable(texts[at]) for at in places]
                rows = encode(some, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False, pool=pool)
                yield list(places), np.ascontiguousarray(rows, np.float32)
        finally:
            model.stop_multi_process_pool(pool)


def _runs(count: int, most: int) -> Iterator[range]:
    return (range(first, min(count, first + most)) for first in range(0, count, most))


def _hash_weights(folder: Path) -> str:
    """SHA-256 of the weights; of several files, that of their names and hashes in order."""
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    if not files:
        raise EmbedderUnusable(
            f"{folder} holds no weights",
            rule="an embedding model has a .safetensors or pytorch_model.bin file",
            remedy="save or fetch the model again, or name another one",
        )
    if len(files) == 1:
        return weights_sha256(files[0])
    told = "\n".join(f"{file.relative_to(folder).as_posix()} {weights_sha256(file)}" for file in files)
    return hashlib.sha256(told.encode()).hexdigest()
