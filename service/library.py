"""The collection as it is now: opened when first needed, and again, as a whole, when a newer generation appears."""

import asyncio
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
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
from rag.quotes.match import QuoteIndex
from rag.quotes.records import Verification
from rag.ranking import Reranker
from rag.records import Findings
from rag.retrieve import Retriever
from service.errors import NotReady

# What was found for questions asked lately: people ask a public collection the same things.


class AnswerKey(NamedTuple):
    """All that findings depend on, within one generation of a collection."""

    text: str
    filters: Filters
    limit: int
    per_work: int | None


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
    """Builds the quote index once, whoever asks first; it takes about a second for each three million characters."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._index: QuoteIndex | None = None

    def index(self) -> QuoteIndex:
        """The index; blocks while it is built."""
        with self._lock:
            if self._index is None:
                self._index = QuoteIndex(self._texts())
            return self._index

    def verify(self, quote: str, citation: str = "") -> Verification:
        """Whether words occur in the collection, and whether they stand where they were cited; blocks as ``index`` does."""
        from rag.quotes.verification import (
            verify_quotation,  # it reads citations: patterns that take longer to compile than an answer
        )

        return verify_quotation(quote, citation, self.index(), self._collection.excerpts)

    def _texts(self) -> Iterator[tuple[str, str]]:
        ids = iter(self._collection.excerpt_ids())
        while some := list(islice(ids, EXCERPTS_AT_ONCE)):
            yield from ((excerpt.id, excerpt.text) for excerpt in self._collection.excerpts(some))


log = logging.getLogger("ibid.library")

UNCALIBRATED = "the index is not calibrated: how sure an answer is, is estimated as for most collections; run `ibid index`"

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a generation that could not be opened is looked at again: each time twice as long."""


def no_reranker() -> None:
    """For a library whose hits stand as they are found."""


def _uncounted(reason: str) -> None:
    """For a library whose failures nobody counts."""


class OpenIndex(msgspec.Struct, frozen=True, weakref=True):
    """One generation of a collection and what answers from it; never changed, only replaced.

    Its hold on the index ends when nobody has it any more.
    """

    collection: Collection
    batcher: QueryBatcher
    retriever: Retriever
    quotations: Quotations
    answers: AnswerCache
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
        make_batcher: Callable[[Embedder], QueryBatcher],
        refresh_seconds: float,
        load_reranker: Callable[[], Reranker | None] = no_reranker,
        answers_kept: int = 0,
    ) -> None:
        self._home = home
        self._open_embedder = open_embedder
        self._make_batcher = make_batcher
        self._refresh_seconds = refresh_seconds
        self._load_reranker = load_reranker
        self._answers_kept = answers_kept
        self.count_failure = _uncounted
        self._lock = threading.Lock()
        self._opened: OpenIndex | None = None
        self._checked = 0.0
        self._pause = refresh_seconds
        self._failure = ""

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
        if not self._lock.acquire(blocking=wait and self._opened is None):
            return self._meanwhile()
        try:
            self._opened = self._open() if self._opened is None else self._renewed(self._opened)
            self._checked = time.monotonic()
            return self._opened
        finally:
            self._lock.release()

    def _renewed(self, opened: OpenIndex) -> OpenIndex:
        """The newest generation, or the one given where there is no newer one, or none that can be opened."""
        try:
            newest = opened if opened.is_current() else self._open()
        except Exception as error:  # whatever it is, questions are still answered from what is open
            self._failure = (
                f"generation {opened.collection.generation} goes on, because a newer look at the index failed: {error}"
            )
            self._pause = min(_LONGEST_PAUSE, max(2 * self._pause, _SHORTEST_PAUSE))
            log.warning("%s", self._failure, exc_info=None if isinstance(error, IbidError) else error)
            self.count_failure(type(error).__name__)
            return opened
        self._failure, self._pause = "", self._refresh_seconds
        return newest

    async def fetch(self, *, wait: bool = True) -> OpenIndex:
        """The same as ``current``, without holding up the event loop."""
        opened = self.at_hand
        return opened if opened is not None else await asyncio.to_thread(self.current, wait=wait)

    def close(self) -> None:
        """Lets the questions that wait be answered, and takes no more."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.batcher.close()

    @cached_property
    def _reranker(self) -> Reranker | None:
        return self._load_reranker()

    def _meanwhile(self) -> OpenIndex:
        """The generation to go on with while another thread opens the next."""
        if self._opened is None:
            raise NotReady(
                "the index is being opened", rule="questions are answered when it is open", remedy="ask again in a moment"
            )
        return self._opened

    def _open(self) -> OpenIndex:
        collection = Collection.open(self._home)
        try:
            return self._opened_over(collection)
        except BaseException:
            collection.close()
            raise

    def _opened_over(self, collection: Collection) -> OpenIndex:
        if self._opened and self._opened.collection.embedder.fingerprint == collection.embedder.fingerprint:
            batcher = self._opened.batcher
        else:
            batcher = self._make_batcher(self._open_embedder(collection.embedder))
        collection.open_searches()
        calibrated = _is_calibrated(collection)  # before the retriever reads it: at worst it is opened once more
        retriever = Retriever(collection, self._reranker, batcher.embedder.count_tokens)
        return OpenIndex(collection, batcher, retriever, Quotations(collection), AnswerCache(self._answers_kept), calibrated)


def _is_calibrated(collection: Collection) -> bool:
    return collection.note(NOTE) is not None
