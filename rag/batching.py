"""Embeds questions that arrive together in one batch, gathers for them together, and goes on with each, beside the event loop.

A lone question never waits for company: while a thread works on one batch, the next one fills. A batch of questions fills one
pack of the encoder, which computes it in one thread, so that each thread here keeps one core busy.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from index.embedders import Embedder, Vectors
from rag.errors import Overloaded

Asked = TypeVar("Asked")
Gathered = TypeVar("Gathered")
Result = TypeVar("Result")

Gather = Callable[[Sequence[Any], Vectors], Iterable[Any]]

LARGEST_BATCH = 8
"""Eight questions cost as much each as 32 do (docs/performance.md), and their answers come four times as soon."""

_THREADS = 2
"""Threads that embed and search. While one holds the interpreter the other computes vectors without it; a third waits for the
interpreter most of the time."""


class _Waiting(NamedTuple):
    text: str
    asked: Any
    gather: Gather
    go_on: Callable[[Any, float], Any]
    result: "asyncio.Future[Any]"


class _Settled(NamedTuple):
    """What came of a question: a value, or what went wrong."""

    result: "asyncio.Future[Any]"
    value: object
    error: BaseException | None = None


class QueryBatcher:
    """Turns questions into vectors and these into results, first come first served; for any number of event loops.

    Args:
        embedder: what computes the vectors; thread-safe.
        capacity: how many questions may wait; one more is refused with Overloaded.
        largest_batch: how many are embedded together at most.
    """

    def __init__(self, embedder: Embedder, *, capacity: int = 256, largest_batch: int = LARGEST_BATCH) -> None:
        self.embedder = embedder
        self._capacity = capacity
        self._largest_batch = largest_batch
        self._queue: deque[_Waiting] = deque()
        self._in_work = 0
        self._changed = threading.Condition()
        # Gathering and what goes on with a question compute with short arrays, and of several threads that do, each waits for
        # the interpreter after every array: they had better take turns.
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._seconds_each = 0.0

    async def submit(
        self,
        text: str,
        asked: Asked,
        gather: Callable[[Sequence[Asked], Vectors], Iterable[Gathered]],
        go_on: Callable[[Gathered, float], Result],
    ) -> Result:
        """What ``go_on`` makes of a question, in the thread that has embedded it.

        A task that is cancelled while it waits leaves the queue.

        Args:
            text: the words of the question.
            asked: the question.
            gather: takes those questions of one batch that are to be gathered for by the same function, and their unit vectors,
                shape (questions, dimension), and gives something for each. Where that fails, each is gathered for alone.
            go_on: takes what was gathered for this question, and when it had been embedded (``time.perf_counter``).

        Raises:
            Overloaded: too many questions are waiting, or the encoder is closed.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._enter(_Waiting(text, asked, gather, go_on, result))
        return await result

    def close(self) -> None:
        """Answers the questions that are waiting, takes no more, and ends the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _enter(self, waiting: _Waiting) -> None:
        with self._changed:
            if self._closed:
                raise Overloaded(
                    "the service is shutting down", rule="no new questions are taken then", remedy="ask again", retry_after=1.0
                )
            if len(self._queue) >= self._capacity:
                self._drop_cancelled()
            if len(self._queue) >= self._capacity:
                raise self._overloaded()
            if not self._threads:
                self._threads = [threading.Thread(target=self._work, name="encoder", daemon=True) for _ in range(_THREADS)]
                for thread in self._threads:
                    thread.start()
            self._queue.append(waiting)
            self._changed.notify()

    def _work(self) -> None:
        while batch := self._next_batch():
            self._answer(batch)
            with self._changed:
                self._in_work -= len(batch)
            # What goes on with a question may hold a generation of the collection open: not until the next one is asked.
            del batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        started = time.perf_counter()
        vectors = self._embed(batch)
        embedded = time.perf_counter()
        self._seconds_each = (embedded - started) / len(batch)
        with self._turn:
            gathered = [vectors] * len(batch) if isinstance(vectors, BaseException) else _gather(batch, vectors)
            settled = [_go_on(waiting, one, embedded) for waiting, one in zip(batch, gathered, strict=True)]
        _hand_over(settled)

    def _next_batch(self) -> list[_Waiting]:
        """The questions that have waited longest; empty only when the encoder is closed and none is left.

        A thread takes its share of all there are and leaves the others theirs, so that none is idle while another's are answered.
        """
        batch: list[_Waiting] = []
        with self._changed:
            while not batch:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if not self._queue:
                    return []
                share = min(self._largest_batch, math.ceil((len(self._queue) + self._in_work) / _THREADS))
                while self._queue and len(batch) < share:
                    waiting = self._queue.popleft()
                    if not waiting.result.cancelled():
                        batch.append(waiting)
            self._in_work += len(batch)
        return batch

    def _embed(self, batch: Sequence[_Waiting]) -> Vectors | BaseException:
        """A vector for each, or why there are none."""
        try:
            vectors = self.embedder.embed([waiting.text for waiting in batch], "query")
            return np.stack([vector for _, vector in zip(batch, vectors, strict=True)])
        except BaseException as error:
            # It belongs to those who wait, and the thread lives on for the others.
            return error

    def _drop_cancelled(self) -> None:
        self._queue = deque(waiting for waiting in self._queue if not waiting.result.cancelled())

    def _overloaded(self) -> Overloaded:
        return Overloaded(
            f"{len(self._queue)} questions are waiting",
            rule=f"at most {self._capacity} may wait",
            remedy="ask again in a moment, or serve with more workers",
            retry_after=max(1.0, self._capacity * self._seconds_each),
        )


def _gather(batch: Sequence[_Waiting], vectors: Vectors) -> list[Any]:
    """What gathering gives for each, or why it gives nothing."""
    gathered: dict[int, Any] = {}
    for gather in {waiting.gather for waiting in batch}:
        places = [place for place, waiting in enumerate(batch) if waiting.gather == gather]
        gathered |= _gather_for(batch, vectors, gather, places)
    return [gathered[place] for place in range(len(batch))]


def _gather_for(batch: Sequence[_Waiting], vectors: Vectors, gather: Gather, places: Sequence[int]) -> dict[int, Any]:
    try:
        return dict(zip(places, gather([batch[place].asked for place in places], vectors[places]), strict=True))
    except BaseException as error:
        if len(places) == 1:
            return {places[0]: error}
        # One question must not take the others with it.
        alone = [_gather_for(batch, vectors, gather, [place]) for place in places]
        return {place: given for each in alone for place, given in each.items()}


def _go_on(waiting: _Waiting, gathered: Any, embedded: float) -> _Settled:
    if isinstance(gathered, BaseException):
        return _Settled(waiting.result, None, gathered)
    if waiting.result.cancelled():
        return _Settled(waiting.result, None)
    try:
        return _Settled(waiting.result, waiting.go_on(gathered, embedded))
    except BaseException as error:
        return _Settled(waiting.result, None, error)


def _hand_over(batch: Sequence[_Settled]) -> None:
    """Wakes each event loop once for all that it waits for: that costs more than the results themselves."""
    for loop in {each.result.get_loop() for each in batch}:
        # Nobody waits in a loop that has ended.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [each for each in batch if each.result.get_loop() is loop])


def _settle(batch: Sequence[_Settled]) -> None:
    for result, value, error in batch:
        if result.done():
            continue
        if error is None:
            result.set_result(value)
        else:
            result.set_exception(error)
