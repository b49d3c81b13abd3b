"""The bare library that we measure ourselves against: sentence-transformers with the same model, as its manual shows."""

from typing import TYPE_CHECKING

from index.embedders.model_config import find_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SCRIPT = """
import sys
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar
disable_progress_bar()
SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True).encode(sys.argv[2])
"""
"""A program that does nothing but encode one question; its arguments are the model's folder and the question."""


def bare_model() -> "SentenceTransformer":
    """The bundled model, loaded, and warm."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = SentenceTransformer(str(find_model().folder), device="cpu", local_files_only=True)
    model.encode("warm")
    return model
