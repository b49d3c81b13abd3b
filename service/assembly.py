"""The one function that puts the collaborators together, as the settings say."""

from functools import partial

from rag.batching import BatchingEncoder
from rag.rerank import Reranker
from service.embedders import asking_embedder
from service.library import Library
from service.settings import Settings


def assemble(settings: Settings) -> Library:
    """The library that answers from the index at ``home``. Opens and loads nothing yet."""
    return Library(
        settings.home,
        open_embedder=partial(asking_embedder, settings),
        make_encoder=partial(BatchingEncoder, capacity=settings.max_waiting),
        refresh_seconds=settings.refresh_seconds,
        load_reranker=partial(reranker_of, settings),
    )


def reranker_of(settings: Settings) -> Reranker | None:
    """The cross-encoder that the settings name, loaded; None where they name none.

    Raises:
        EmbedderUnusable: there is no such model.
    """
    if not settings.reranker:
        return None
    from rag.cross_encoder import load_reranker

    return load_reranker(settings.reranker)
