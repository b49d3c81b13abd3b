"""The collection as it is now: opened when first needed, and again, as a whole, when a newer generation appears."""

import asyncio
import threading
import time
import weakref
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import msgspec

from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from rag.batching import BatchingEncoder
from rag.calibration import NOTE
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader
from rag.rerank import Reranker
from rag.retrieve import Retriever
from service.errors import NotReady
from service.kept_answers import KeptAnswers
from service.quotations import Quotations


def nothing(*_: object) -> None:
    """For a library whose hits stand as they are found."""


class Opened(msgspec.Struct, frozen=True, weakref=True):
    """One generation of a collection and what answers from it; never changed, only replaced.

    Its hold on the index ends when nobody has it any more.
    """

    collection: Collection
    encoder: BatchingEncoder
    retriever: Retriever
    quotations: Quotations
    answers: KeptAnswers
    calibrated: bool

    def __post_init__(self) -> None:
        weakref.finalize(self, self.collection.close)

    def is_current(self) -> bool:
        """Whether opening again would give the same: no newer generation, and nothing learned about this one since."""
        return self.collection.is_current() and (self.calibrated or not _is_calibrated(self.collection))


class Library:
    """Hands out the current generation; thread-safe. Requests that are under way keep the one they were given."""

    def __init__(
        self,
        home: Path,
        open_embedder: Callable[[EmbedderCard], Embedder],
        make_encoder: Callable[[Embedder], BatchingEncoder],
        refresh_seconds: float,
        load_reranker: Callable[[], Reranker | None] = nothing,
        answers_kept: int = 0,
        make_late: Callable[[Embedder], LateInteraction | None] = nothing,
        load_reader: Callable[[], PassageReader | None] = nothing,
    ) -> None:
        self._home = home
        self._open_embedder = open_embedder
        self._make_encoder = make_encoder
        self._refresh_seconds = refresh_seconds
        self._load_reranker = load_reranker
        self._make_late = make_late
        self._load_reader = load_reader
        self._answers_kept = answers_kept
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
            if self._opened is None or not self._opened.is_current():
                self._opened = self._open()
            self._checked = time.monotonic()
            return self._opened
        finally:
            self._lock.release()

    async def fetch(self, *, wait: bool = True) -> Opened:
        """The same as ``current``, without holding up the event loop."""
        opened = self.at_hand
        return opened if opened is not None else await asyncio.to_thread(self.current, wait=wait)

    def close(self) -> None:
        """Lets the questions that wait be answered, and takes no more."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.encoder.close()

    @cached_property
    def _reranker(self) -> Reranker | None:
        return self._load_reranker()

    @cached_property
    def _reader(self) -> PassageReader | None:
        return self._load_reader()

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
            encoder = self._opened.encoder
        else:
            encoder = self._make_encoder(self._open_embedder(collection.embedder))
        calibrated = _is_calibrated(collection)  # before the retriever reads it: at worst it is opened once more
        embedder = encoder.embedder
        late = self._make_late(embedder)
        retriever = Retriever(collection, self._reranker, embedder.count_tokens, late, self._reader)
        return Opened(collection, encoder, retriever, Quotations(collection), KeptAnswers(self._answers_kept), calibrated)


def _is_calibrated(collection: Collection) -> bool:
    return collection.note(NOTE) is not None
