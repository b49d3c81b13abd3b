"""The collection as it is now: opened when first needed, and again, as a whole, when a newer generation appears."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from index.errors import EmbedderMismatch
from rag.retrieve import Retriever
from service.encoding import Encoder
from service.problems import NotReady


class Opened(NamedTuple):
    """One generation of a collection and what answers from it; never changed, only replaced."""

    collection: Collection
    encoder: Encoder
    retriever: Retriever


class Library:
    """Hands out the current generation; thread-safe. Requests that are under way keep the one they were given."""

    def __init__(
        self,
        home: Path,
        load_embedder: Callable[[EmbedderCard], Embedder],
        make_encoder: Callable[[Embedder], Encoder],
        refresh_seconds: float,
    ) -> None:
        self._home = home
        self._load_embedder = load_embedder
        self._make_encoder = make_encoder
        self._refresh_seconds = refresh_seconds
        self._lock = threading.Lock()
        self._opened: Opened | None = None
        self._checked = 0.0

    @property
    def at_hand(self) -> Opened | None:
        """The generation handed out last, unless it is time to look for a newer one; costs nothing."""
        return self._opened if time.monotonic() - self._checked < self._refresh_seconds else None

    def current(self, *, wait: bool = True) -> Opened:
        """The current generation; blocks while it is opened for the first time, unless ``wait`` is false.

        Raises:
            IndexMissing, IndexDamaged, EmbedderMismatch, EmbedderUnusable: there is nothing to answer from.
            NotReady: it is being opened, and the caller did not want to wait.
        """
        if opened := self.at_hand:
            return opened
        if not self._lock.acquire(blocking=wait and self._opened is None):
            return self._meanwhile()
        try:
            if self._opened is None or not self._opened.collection.is_current():
                self._opened = self._open()
            self._checked = time.monotonic()
            return self._opened
        finally:
            self._lock.release()

    def _meanwhile(self) -> Opened:
        """The generation to go on with while another thread opens the next."""
        if self._opened is None:
            raise NotReady(
                "the index is being opened", rule="questions are answered when it is open", remedy="ask again in a moment"
            )
        return self._opened

    def _open(self) -> Opened:
        collection = Collection.open(self._home)
        if self._opened and self._opened.collection.embedder.fingerprint == collection.embedder.fingerprint:
            return Opened(collection, self._opened.encoder, Retriever(collection))
        embedder = self._load_embedder(collection.embedder)
        refuse_mismatch(collection.embedder, embedder.card)
        return Opened(collection, self._make_encoder(embedder), Retriever(collection))


def refuse_mismatch(built_with: EmbedderCard, asked_with: EmbedderCard) -> None:
    """Raises EmbedderMismatch unless both give the same vectors."""
    if built_with.fingerprint != asked_with.fingerprint:
        raise EmbedderMismatch(
            f"the index was built with {_told(built_with)}, the model here is {_told(asked_with)}",
            rule="questions are embedded as the index was",
            remedy="set `model` back, or rebuild with `ibid index --rebuild`",
        )


def _told(card: EmbedderCard) -> str:
    return f"{card.name} (dimension {card.dimension}, {card.precision}, weights {card.weights_sha256[:12]})"
