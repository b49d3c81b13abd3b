"""The one function that puts the collaborators together, as the settings say."""

from functools import partial

from rag.batching import BatchingEncoder
from service.embedders import asking_embedder
from service.library import Library
from service.refinements import late_interaction_of, passage_reader_of
from service.rerankers import reranker_of
from service.settings import Settings


def assemble(settings: Settings) -> Library:
    """The library that answers from the index at ``home``. Opens and loads nothing yet."""
    return Library(
        settings.home,
        open_embedder=partial(asking_embedder, settings),
        make_encoder=partial(BatchingEncoder, capacity=settings.max_waiting),
        refresh_seconds=settings.refresh_seconds,
        load_reranker=partial(reranker_of, settings),
        answers_kept=settings.answers_kept,
        make_late=partial(late_interaction_of, settings),
        load_reader=partial(passage_reader_of, settings),
    )
