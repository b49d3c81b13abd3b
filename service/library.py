"""The collection as it is now: opened when first needed, and again, as a whole, when a newer generation appears."""

import asyncio
import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path

import msgspec

from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from index.errors import IbidError, IndexDamaged
from rag.batching import BatchingEncoder
from rag.calibration import NOTE
from rag.rerank import Reranker
from rag.retrieve import Retriever
from service.errors import NotReady
from service.kept_answers import KeptAnswers
from service.pools import TimedPool
from service.quotations import Quotations

log = logging.getLogger("ibid.library")

PATIENCE_SECONDS = 0.5
"""How long who notices a newer generation waits for it before the older one answers."""

HELD_SECONDS = 60.0
"""How long a newer generation waits for those who still read the one before the last: two are open, no more."""

REST = 10
"""After a generation could not be opened, so many times as long as that took nothing is tried."""

CHECKS = 2
CHECKS_WAITING = 16
CHECK_SECONDS = 10.0


def no_reranker() -> None:
    """For a library whose hits stand as they are found."""


def no_listener(_opened: bool) -> None:
    """For a library that nobody counts for."""


def checks(seconds: float = CHECK_SECONDS) -> TimedPool:
    """Threads in which quotations are checked; ``seconds`` of processor time each at most."""
    return TimedPool(CHECKS, "check", seconds, waiting=CHECKS_WAITING)


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
    checks: TimedPool

    def __post_init__(self) -> None:
        weakref.finalize(self, self.collection.close)

    def is_current(self) -> bool:
        """Whether opening again would give the same: no newer generation, and nothing learned about this one since."""
        return self.collection.is_current() and (self.calibrated or not _is_calibrated(self.collection))


class Library:
    """Hands out the current generation; thread-safe. Requests that are under way keep the one they were given.

    A newer generation is opened and tried out in a thread of its own, while the older one answers. One that cannot be opened
    is told in ``problem``, and the older one goes on.
    """

    def __init__(
        self,
        home: Path,
        open_embedder: Callable[[EmbedderCard], Embedder],
        make_encoder: Callable[[Embedder], BatchingEncoder],
        refresh_seconds: float,
        load_reranker: Callable[[], Reranker | None] = no_reranker,
        answers_kept: int = 0,
        make_checks: Callable[[], TimedPool] = checks,
    ) -> None:
        self.problem: IbidError | None = None
        self.listener: Callable[[bool], None] = no_listener
        self._home = home
        self._open_embedder = open_embedder
        self._make_encoder = make_encoder
        self._refresh_seconds = refresh_seconds
        self._load_reranker = load_reranker
        self._answers_kept = answers_kept
        self._make_checks = make_checks
        self._lock = threading.Lock()
        self._opened: Opened | None = None
        self._replaced: weakref.ref[Opened] | None = None
        self._refreshing: Future[None] | None = None
        self._checked = 0.0
        self._closed = threading.Event()

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
        refreshing, ours = self._refresh()
        if ours or (wait and self._opened is None):
            refreshing.result()
        return self._given()

    async def fetch(self, *, wait: bool = True) -> Opened:
        """The same as ``current``, without holding up the event loop, and not for long where an older generation can answer."""
        if opened := self.at_hand:
            return opened
        refreshing, ours = self._refresh()
        first = self._opened is None
        if ours or first:
            patience = None if wait and first else PATIENCE_SECONDS
            await asyncio.wait({asyncio.wrap_future(refreshing)}, timeout=patience)
        return self._given()

    def close(self) -> None:
        """Lets the questions that wait be answered, and takes no more."""
        self._closed.set()
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.encoder.close()
        if "_checks" in self.__dict__:
            self._checks.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _reranker(self) -> Reranker | None:
        return self._load_reranker()

    @cached_property
    def _checks(self) -> TimedPool:
        return self._make_checks()

    def _given(self) -> Opened:
        """What there is to answer from now."""
        opened, problem = self._opened, self.problem
        if opened is not None:
            return opened
        if problem is not None:
            raise problem
        raise NotReady("the index is being opened", rule="questions are answered when it is open", remedy="ask again in a moment")

    def _refresh(self) -> "tuple[Future[None], bool]":
        """Looks for a newer generation in another thread, and whether it is this call that began it."""
        with self._lock:
            if self._refreshing is not None:
                return self._refreshing, False
            refreshing = self._refreshing = Future()
        # A daemon: a program that ends does not wait for an index that is being opened.
        threading.Thread(target=self._look, args=(refreshing,), name="opener", daemon=True).start()
        return refreshing, True

    def _look(self, refreshing: "Future[None]") -> None:
        started = time.monotonic()
        try:
            self._take_up()
            self._checked = time.monotonic()
        except Exception as error:  # whatever it is that a generation cannot be opened for, the one before answers
            self._report(error)
            self._checked = time.monotonic() + (REST * (time.monotonic() - started) if self._opened else -self._refresh_seconds)
        finally:
            self._refreshing = None
            refreshing.set_result(None)

    def _take_up(self) -> None:
        """Opens the newest generation, where it is not open yet, and lets go of the older one."""
        older = self._opened
        if older is not None and older.is_current():
            self.problem = None
            self._sweep()
            return
        self._wait_for_readers()
        newer = self._open(older)
        if older is not None:
            self._replaced = weakref.ref(older)
        if not self._closed.is_set():
            self._opened, self.problem = newer, None
            self.listener(True)

    def _report(self, error: Exception) -> None:
        if not isinstance(error, IbidError):
            error = IndexDamaged(f"the index cannot be opened ({error!r})", rule="it can be read", remedy="run ibid verify")
        if self._opened is not None and str(error) != str(self.problem):
            log.error("a newer generation cannot be opened, the older one answers: %s", error)
            self.listener(False)
        self.problem = error

    def _wait_for_readers(self) -> None:
        """Waits for those who read the generation before this one, so that no third is open; who never ends is left behind."""
        deadline = time.monotonic() + HELD_SECONDS
        if not self._sweep():
            gc.collect()  # an exception's frames may hold it, too
        while not self._sweep() and time.monotonic() < deadline and not self._closed.wait(0.05):
            continue

    def _sweep(self) -> bool:
        """Whether the replaced generation is gone; if so, and it was there before, its memory goes, too."""
        if self._replaced is None:
            return True
        if self._replaced() is not None:
            return False
        self._replaced = None
        gc.collect()  # caches and what they keep hold each other
        return True

    def _open(self, older: Opened | None) -> Opened:
        collection = Collection.open(self._home)
        if older and older.collection.embedder.fingerprint == collection.embedder.fingerprint:
            encoder = older.encoder
        else:
            encoder = self._make_encoder(self._open_embedder(collection.embedder))
        calibrated = _is_calibrated(collection)  # before the retriever reads it: at worst it is opened once more
        retriever = Retriever(collection, self._reranker, encoder.embedder.count_tokens)
        answers = KeptAnswers(self._answers_kept)
        newer = Opened(collection, encoder, retriever, Quotations(collection), answers, calibrated, self._checks)
        if older:
            _try_out(newer, older)
        return newer


def _try_out(newer: Opened, older: Opened) -> None:
    """Asks it a question, and makes searchable what was searched before: whoever asks next finds everything opened."""
    question = newer.retriever.read("What does this collection hold?")
    (vector,) = newer.encoder.embedder.embed([question.words], "query")
    newer.retriever.find(question, vector, 1)
    if older.quotations.wanted:
        newer.quotations.index()


def _is_calibrated(collection: Collection) -> bool:
    return collection.note(NOTE) is not None
