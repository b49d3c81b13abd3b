"""The collection as it is now: opened when first needed, and again, as a whole, when a newer generation appears."""

import asyncio
import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from index.errors import IbidError
from index.records import Filters
from rag.batching import QueryBatcher
from rag.calibration import NOTE
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader
from rag.quotes.findings import Verification
from rag.quotes.match import QuoteIndex
from rag.quotes.stored import StoredQuoteIndex, is_large
from rag.ranking import Reranker
from rag.records import FIRST_PAGE, Findings, ResultPage
from rag.refining import NONE, Refinements
from rag.retrieve import Retriever
from service.errors import NotReady
from service.pools import TimedPool

# What was found for questions asked lately: people ask a public collection the same things.


class AnswerKey(NamedTuple):
    """All that findings depend on, within one generation of a collection."""

    text: str
    filters: Filters
    limit: int
    per_work: int | None
    refinements: Refinements = NONE
    page: ResultPage = FIRST_PAGE
    suggested: bool = False


class AnswerCache:
    """Findings by question, at most ``maxsize`` of them; those asked for longest ago go first. Thread-safe."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._kept: dict[AnswerKey, Findings] = {}
        self._lock = threading.Lock()

    def get(self, asked: AnswerKey) -> Findings | None:
        """What was found when this was asked last, None where that is not known any more."""
        with self._lock:
            findings = self._kept.pop(asked, None)
            if findings is not None:
                self._kept[asked] = findings
            return findings

    def keep(self, asked: AnswerKey, findings: Findings) -> None:
        """Remembers what was found."""
        with self._lock:
            self._kept.pop(asked, None)
            self._kept[asked] = findings
            while len(self._kept) > self._maxsize:
                del self._kept[next(iter(self._kept))]


# All quotations of one generation of a collection, made searchable when they are first asked for.

EXCERPTS_AT_ONCE = 1024


class Quotations:
    """Builds the quote index once, lazily: of a large collection from disk, else in a second for three million characters."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._built: Future[QuoteIndex] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody has asked for the index."""
        return self._built is not None

    def build(self) -> "Future[QuoteIndex]":
        """The index to come, built in a thread of its own that waits for nobody and is stopped by nobody."""
        with self._lock:
            if self._built is None:
                self._built = Future()
                threading.Thread(target=self._build, args=(self._built,), name="quotations", daemon=True).start()
            return self._built

    def index(self) -> QuoteIndex:
        """The index; blocks while it is built."""
        return self.build().result()

    def verify(self, quote: str, citation: str = "") -> Verification:
        """Whether words occur in the collection, and whether they stand where they were cited; blocks as ``index`` does."""
        from rag.quotes.verification import (
            verify_quotation,  # it reads citations: patterns that take longer to compile than an answer
        )

        return verify_quotation(quote, citation, self.index(), self._collection.excerpts)

    def _build(self, built: "Future[QuoteIndex]") -> None:
        try:
            index = StoredQuoteIndex(self._collection) if is_large(self._collection) else QuoteIndex(self._texts())
            index.frequency("")  # lists the words now, not with the first request
            built.set_result(index)
        except BaseException as error:
            # It belongs to those who wait; whoever asks next starts anew.
            self._built = None
            built.set_exception(error)

    def _texts(self) -> Iterator[tuple[str, str]]:
        ids = iter(self._collection.excerpt_ids())
        while some := list(islice(ids, EXCERPTS_AT_ONCE)):
            yield from ((excerpt.id, excerpt.text) for excerpt in self._collection.excerpts(some))


log = logging.getLogger("ibid.library")

UNCALIBRATED = "the index is not calibrated: how sure an answer is, is estimated as for most collections; run `ibid index`"

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a generation that could not be opened is looked at again: each time twice as long."""

PATIENCE_SECONDS = 0.5
"""How long who notices a newer generation waits for it before the older one answers."""

HELD_SECONDS = 60.0
"""How long a newer generation waits for those who still read the one before the last: two are open, no more."""

CHECKS = 2
CHECKS_WAITING = 16
CHECK_SECONDS = 10.0


def nothing(*_: object) -> None:
    """For a library whose hits stand as they are found."""


def checks(seconds: float = CHECK_SECONDS) -> TimedPool:
    """Threads in which quotations are checked; ``seconds`` of processor time each at most."""
    return TimedPool(CHECKS, "check", seconds, waiting=CHECKS_WAITING)


def _uncounted(reason: str) -> None:
    """The default: failures are not counted."""


class OpenIndex(msgspec.Struct, frozen=True, weakref=True):
    """One generation of a collection and what answers from it; never changed, only replaced.

    Closes the collection when garbage-collected.
    """

    collection: Collection
    batcher: QueryBatcher
    retriever: Retriever
    quotations: Quotations
    answers: AnswerCache
    calibrated: bool
    checks: TimedPool

    def __post_init__(self) -> None:
        weakref.finalize(self, self.collection.close)

    def is_current(self) -> bool:
        """Whether opening again would give the same: no newer generation, and nothing learned about this one since."""
        return self.collection.is_current() and (self.calibrated or not _is_calibrated(self.collection))


class Library:
    """Hands out the current generation; thread-safe. Requests that are under way keep the one they were given.

    A newer generation is opened and tried out in a thread of its own, while the older one answers.
    """

    def __init__(
        self,
        home: Path,
        open_embedder: Callable[[EmbedderCard], Embedder],
        make_batcher: Callable[[Embedder], QueryBatcher],
        refresh_seconds: float,
        load_reranker: Callable[[], Reranker | None] = nothing,
        answers_kept: int = 0,
        make_late: Callable[[Embedder], LateInteraction | None] = nothing,
        load_reader: Callable[[], PassageReader | None] = nothing,
        make_checks: Callable[[], TimedPool] = checks,
        *,
        exact: bool = False,
    ) -> None:
        self._exact = exact
        self._home = home
        self._open_embedder = open_embedder
        self._make_batcher = make_batcher
        self._refresh_seconds = refresh_seconds
        self._load_reranker = load_reranker
        self._make_late = make_late
        self._load_reader = load_reader
        self._answers_kept = answers_kept
        self._make_checks = make_checks
        self.count_failure = _uncounted
        self._lock = threading.Lock()
        self._opened: OpenIndex | None = None
        self._replaced: weakref.ref[OpenIndex] | None = None
        self._refreshing: Future[None] | None = None
        self._checked = 0.0
        self._pause = refresh_seconds
        self._failure = ""
        self._problem: Exception | None = None
        self._closed = threading.Event()

    count_failure: Callable[[str], None]
    """Told the kind of error whenever a newer generation cannot be opened."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What is not as it should be though questions are answered: a newer generation that cannot be opened, a full disk."""
        opened, told = self._opened, (self._failure,) if self._failure else ()
        if opened is None:
            return told
        uncalibrated = () if opened.calibrated else (UNCALIBRATED,)
        return (*told, *opened.collection.notices, *uncalibrated)

    @property
    def at_hand(self) -> OpenIndex | None:
        """The generation handed out last, unless it is time to look for a newer one; costs nothing."""
        return self._opened if time.monotonic() - self._checked < self._pause else None

    def current(self, *, wait: bool = True) -> OpenIndex:
        """The current generation; blocks while it is opened for the first time, unless ``wait`` is false.

        A newer generation that cannot be opened is told in ``notices`` and looked at again later and later; until it can be,
        the one that serves goes on.

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

    async def fetch(self, *, wait: bool = True) -> OpenIndex:
        """The same as ``current``, without holding up the event loop, and not for long where an older generation can answer."""
        if opened := self.at_hand:
            return opened
        refreshing, ours = self._refresh()
        first = self._opened is None
        if ours or first:
            patience = None if wait and first else PATIENCE_SECONDS
            await asyncio.wait({asyncio.wrap_future(refreshing)}, timeout=patience)
        return self._given()

    def over(self, collection: Collection, batcher: QueryBatcher) -> OpenIndex:
        """What answers from a collection, whose searches are open: one generation, or several collections as one."""
        calibrated = _is_calibrated(collection)  # before the retriever reads it: at worst it is opened once more
        late = self._make_late(batcher.embedder)
        retriever = Retriever(collection, self._reranker, batcher.embedder.count_tokens, late, self._reader, exact=self._exact)
        answers = AnswerCache(self._answers_kept)
        return OpenIndex(collection, batcher, retriever, Quotations(collection), answers, calibrated, self._checks)

    def close(self) -> None:
        """Lets the questions that wait be answered, and takes no more."""
        self._closed.set()
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.batcher.close()
        if "_checks" in self.__dict__:
            self._checks.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _reranker(self) -> Reranker | None:
        return self._load_reranker()

    @cached_property
    def _reader(self) -> PassageReader | None:
        return self._load_reader()

    @cached_property
    def _checks(self) -> TimedPool:
        return self._make_checks()

    def _given(self) -> OpenIndex:
        """What there is to answer from now."""
        opened, problem = self._opened, self._problem
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
        opened = self._opened
        try:
            self._take_up(opened)
            self._problem, self._failure, self._pause = None, "", self._refresh_seconds
        except Exception as error:  # whatever it is, questions are still answered from what is open
            self._problem = error
            if opened is not None:
                self._report(opened, error)
        finally:
            del opened  # whoever is waiting may look whether the older one is gone before this thread ends
            self._checked = time.monotonic()
            self._refreshing = None
            refreshing.set_result(None)

    def _take_up(self, older: OpenIndex | None) -> None:
        """Opens the newest generation, where it is not open yet, and lets go of the older one."""
        if older is not None and older.is_current():
            self._sweep()
            return
        self._wait_for_readers()
        newer = self._open(older)
        if older is not None:
            self._replaced = weakref.ref(older)
        if not self._closed.is_set():
            self._opened = newer

    def _report(self, opened: OpenIndex, error: Exception) -> None:
        self._failure = f"generation {opened.collection.generation} goes on, because a newer look at the index failed: {error}"
        self._pause = min(_LONGEST_PAUSE, max(2 * self._pause, _SHORTEST_PAUSE))
        log.warning("%s", self._failure, exc_info=None if isinstance(error, IbidError) else error)
        self.count_failure(type(error).__name__)

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

    def _open(self, older: OpenIndex | None) -> OpenIndex:
        collection = Collection.open(self._home)
        try:
            return self._opened_over(collection, older)
        except BaseException:
            collection.close()
            raise

    def _opened_over(self, collection: Collection, older: OpenIndex | None) -> OpenIndex:
        if older and older.collection.embedder.fingerprint == collection.embedder.fingerprint:
            batcher = older.batcher
        else:
            batcher = self._make_batcher(self._open_embedder(collection.embedder))
        collection.open_searches()
        newer = self.over(collection, batcher)
        if older:
            _try_out(newer, older)
        return newer


def _try_out(newer: OpenIndex, older: OpenIndex) -> None:
    """Asks it a question, and makes searchable what was searched before: whoever asks next finds everything opened."""
    question = newer.retriever.parse("What does this collection hold?")
    (vector,) = newer.batcher.embedder.embed([question.words], "query")
    newer.retriever.find(question, vector, 1)
    if older.quotations.wanted:
        newer.quotations.index()


def _is_calibrated(collection: Collection) -> bool:
    return collection.note(NOTE) is not None
