"""Which reranker the settings mean."""

from rag.rerank import Reranker
from service.settings import Settings


def reranker_of(settings: Settings) -> Reranker | None:
    """The cross-encoder that the settings name, loaded; None where they name none.

    Raises:
        EmbedderUnusable: there is no such model.
    """
    if not settings.reranker:
        return None
    from rag.cross_encoder import load_reranker

    return load_reranker(settings.reranker)
