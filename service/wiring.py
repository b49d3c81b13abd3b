"""The one function that puts the collaborators together, as the settings say."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from index.embedders import SERVED, Embedder, EmbedderCard
from index.embedders.registry import load_embedder, open_embedder
from index.errors import EmbedderMismatch, EmbedderUnusable
from index.home import Home
from index.threads import limit_pools, physical_cores
from rag.ranking import Reranker
from service.refinements import late_interaction_of, passage_reader_of
from service.settings import Settings

if TYPE_CHECKING:
    from service.library import Library

# Which embedder the settings mean, for indexing and for asking.


def indexing_embedder(settings: Settings, built_with: EmbedderCard | None) -> Embedder:
    """The embedder that the settings name, else the one the index was built with, else the bundled one.

    Raises:
        EmbedderUnusable: there is no such model.
    """
    return _named(settings, settings.model or (built_with.name if built_with else ""), settings.home, built_with)


def asking_embedder(settings: Settings, built_with: EmbedderCard, home: Path | None = None) -> Embedder:
    """The embedder to ask an index with: that of ``home``, else of the settings.

    Raises:
        EmbedderMismatch: the model here gives other vectors than the index holds.
        EmbedderUnusable: there is no such model.
    """
    served = settings.embedders.get(settings.model)
    local = served is not None and served.local  # a question is embedded here sooner than there
    if local or not (settings.model or _is_served(settings, built_with)):
        return open_embedder(built_with, Home(settings.home).models, threads=_threads(settings))
    embedder = _named(settings, settings.model or built_with.name, home or settings.home, built_with)
    refuse_mismatch(built_with, embedder.card)
    return embedder


def _named(settings: Settings, name: str, home: Path, built_with: EmbedderCard | None) -> Embedder:
    load = partial(load_embedder, exports=Home(settings.home).models, precision=settings.precision, threads=_threads(settings))
    if name in settings.embedders:
        from service.embedding_servers import served_embedder

        return served_embedder(settings, name, home, built_with, load)
    if built_with and name == built_with.name:
        _is_served(settings, built_with)
    return load(name or None, devices=settings.devices)


def _is_served(settings: Settings, card: EmbedderCard) -> bool:
    """Whether a server embedded the index. Raises EmbedderUnusable where the settings do not say which."""
    if card.precision != SERVED:
        return False
    if card.name not in settings.embedders:
        raise EmbedderUnusable(
            f"the index was built by the embedding server {card.name!r}, which the settings do not name",
            rule="questions are embedded as the index was",
            remedy=f"add a table [embedders.{card.name}] to ibid.toml; docs/embedding-servers.md",
        )
    return True


def refuse_mismatch(built_with: EmbedderCard, here: EmbedderCard) -> None:
    """Raises EmbedderMismatch unless both give the same vectors."""
    if built_with.fingerprint != here.fingerprint:
        raise EmbedderMismatch(
            f"the index was built with {_told(built_with)}, the settings name {_told(here)}",
            rule="questions are embedded as the index was",
            remedy="set model back, or embed everything anew with `ibid index --rebuild`",
        )


def _threads(settings: Settings) -> int:
    """The number of threads of one process; also limits the thread pools of libraries that are loaded from now on."""
    threads = settings.threads or max(1, physical_cores() // settings.workers)
    limit_pools(threads)
    return threads


def _told(card: EmbedderCard) -> str:
    return f"{card.name} (dimension {card.dimension}, {card.precision}, weights {card.weights_sha256[:12]})"


# Which reranker the settings mean.


def reranker_of(settings: Settings) -> Reranker | None:
    """The cross-encoder that the settings name, loaded; None where they name none.

    Raises:
        EmbedderUnusable: there is no such model.
    """
    if not settings.reranker:
        return None
    from rag.cross_encoder import load_reranker

    return load_reranker(settings.reranker)


_embedders: WeakValueDictionary[str, Embedder] = WeakValueDictionary()
"""By fingerprint: collections that are embedded alike share one. A server's vectors are compared with each collection's."""


def _shared_embedder(settings: Settings, home: Path, built_with: EmbedderCard) -> Embedder:
    key = f"{built_with.fingerprint} {home}" if built_with.precision == SERVED else built_with.fingerprint
    if (known := _embedders.get(key)) is None:
        known = _embedders[key] = asking_embedder(settings, built_with, home)
    return known


def assemble_others(settings: Settings) -> "dict[str, Library]":
    """The libraries of the other collections that the settings name. Opens and loads nothing yet."""
    return {name: assemble(settings, Path(folder)) for name, folder in settings.collections.items()}


def assemble(settings: Settings, home: Path | None = None) -> "Library":
    """The library that answers from the index at ``home``, else that of the settings. Opens and loads nothing yet."""
    # Here, and not above: `ibid ask` needs the embedder alone, and neither threads nor an event loop.
    from rag.batching import QueryBatcher
    from service.library import Library, checks

    return Library(
        home or settings.home,
        open_embedder=partial(_shared_embedder, settings, home or settings.home),
        make_batcher=partial(QueryBatcher, capacity=settings.max_waiting),
        refresh_seconds=settings.refresh_seconds,
        load_reranker=partial(reranker_of, settings),
        answers_kept=settings.answers_kept,
        make_late=partial(late_interaction_of, settings),
        exact=settings.search == "exact",
        load_reader=partial(passage_reader_of, settings),
        make_checks=partial(checks, settings.processor_seconds),
    )
