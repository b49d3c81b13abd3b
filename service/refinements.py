"""Which closer looks at the leading excerpts the settings mean: late interaction, and the passage reader."""

from functools import partial
from pathlib import Path
from typing import Literal

from index.embedders import Embedder, TokenEmbedder
from index.home import Home
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader
from rag.refining import Refinements
from service.settings import Settings

When = Literal["auto", "always", "never"]


def late_interaction_of(settings: Settings, embedder: Embedder) -> LateInteraction | None:
    """Late interaction with this embedder; None where the settings never want it, or it gives no vectors of tokens."""
    if settings.late_interaction == "never" or not isinstance(embedder, TokenEmbedder):
        return None
    return LateInteraction(embedder)


def passage_reader_of(settings: Settings) -> PassageReader | None:
    """The passage reader, which is loaded by the first question that it reads for; None where the settings never want it."""
    if settings.read == "never":
        return None
    from rag.passage_reader.model import ExportedReader

    return ExportedReader(partial(_export, Home(settings.home).models))


def prepare_passage_reader(settings: Settings) -> None:
    """Writes the reader's network beside the embedder's, which takes a second, so that no question has to wait for it.

    Raises:
        ReaderUnusable: its weights are missing or not the published ones.
    """
    if settings.read != "never":
        _export(Home(settings.home).models)


def refinements_for(settings: Settings, *, for_a_person: bool) -> Refinements:
    """What a question is given: under ``auto`` only one that a person waits for."""
    return Refinements(_runs(settings.late_interaction, for_a_person), _runs(settings.read, for_a_person))


def _export(models: Path) -> Path:
    """The folder of the reader's network, which is written first where it is not there."""
    from rag.passage_reader.weights import kept_export

    if (kept := kept_export(models)) is not None:
        return kept
    from rag.passage_reader.network import exported_reader

    return exported_reader(models)


def _runs(when: When, for_a_person: bool) -> bool:
    return when == "always" or (when == "auto" and for_a_person)
