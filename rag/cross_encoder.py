"""A cross-encoder as reranker, by sentence-transformers; a model is a folder or a hub name."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import EmbedderUnusable, ExtraMissing
from index.stores import Scores
from index.text import encodable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH = 20


class CrossEncoderReranker:
    """A Reranker; texts that are longer than the model reads are cut at their end."""

    def __init__(self, model: "CrossEncoder") -> None:
        self._model = model
        # A fast tokenizer that two threads use at once refuses the second ("Already borrowed").
        self._lock = threading.Lock()

    def score(self, question: str, passages: Sequence[str]) -> Scores:
        """The model's scores, one a passage; no passages give none."""
        if not passages:
            return np.empty(0, np.float32)
        pairs = [(encodable(question), encodable(passage)) for passage in passages]
        with self._lock:
            scores: Scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False).astype(np.float32)
        return scores


def load_reranker(name: str) -> CrossEncoderReranker:
    """The cross-encoder in a folder, or of a hub name, on the processor.

    Raises:
        EmbedderUnusable: there is no such model, or it does not give one score for a pair of texts.
    """
    if Path(name).is_dir():
        _check_head(Path(name))
    try:
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging
    except ImportError as error:
        raise ExtraMissing(
            f"reranker {name!r} needs sentence-transformers",
            rule="a cross-encoder runs in PyTorch; this installation has none",
            remedy="install it with: pip install sentence-transformers, or leave reranker empty",
        ) from error
    logging.disable_progress_bar()
    try:
        model = CrossEncoder(name, device="cpu")
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(name, f"it cannot be loaded: {str(error).splitlines()[0]}") from error
    if model.config.num_labels != 1:
        raise _unusable(name, f"it gives {model.config.num_labels} scores")
    return CrossEncoderReranker(model)


def _check_head(folder: Path) -> None:
    """Refuses an encoder without a head, which would be given a random one."""
    try:
        architectures = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architectures") or []
    except (OSError, ValueError) as error:
        raise _unusable(str(folder), "its config.json is missing or no JSON") from error
    if not any("SequenceClassification" in architecture for architecture in architectures):
        raise _unusable(str(folder), f"it is a {', '.join(architectures) or 'model without a name'}")


def _unusable(name: str, why: str) -> EmbedderUnusable:
    return EmbedderUnusable(
        f"the reranker {name!r} cannot be used: {why}",
        rule="a reranker is a cross-encoder that gives one score for a question and a passage",
        remedy="name the folder or hub name of such a model, or none",
    )
