"""Micro-batching: runs the steps of concurrent questions together on worker threads, beside the event loop.

The steps of a question are parse, embed, search and conclude, in this order. Embedding and searching take a whole batch at
once. A lone question never waits for others: while a thread works on one batch, the next one fills.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import numpy as np

from index.embedders import Embedder, Vectors
from rag.errors import Overloaded
from rag.tracing import TRACE, Trace, in_trace, shared_step


class Parsed(Protocol):
    """A question as far as the batcher needs it."""

    @property
    def words(self) -> str:
        """What is embedded."""
        ...


Question = TypeVar("Question", bound=Parsed)
Candidates = TypeVar("Candidates")
Result = TypeVar("Result")

Search = Callable[[Sequence[Any], Vectors], Iterable[Any]]

LARGEST_BATCH = 8
"""A batch of 8 costs as much for each question as one of 32 (docs/performance.md), and its answers come four times as soon."""

_THREADS = 2
"""Two workers: one runs Python while the other is in ONNX Runtime with the GIL released. A third only contends for the GIL."""


class _Waiting(NamedTuple):
    parse: Callable[[], Any]
    search: Search
    conclude: Callable[[Any, Any, float], Any]
    result: "asyncio.Future[Any]"
    trace: Trace | None


class _Failed(NamedTuple):
    """What went wrong in a step, in the place of what the step would have given."""

    error: BaseException


class QueryBatcher:
    """Answers questions in batches, first come first served; for any number of event loops.

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
        # Search and conclude run Python on short arrays: threads that did so at once would contend for the GIL.
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._seconds_each = 0.0

    async def submit(
        self,
        parse: Callable[[], Question],
        search: Callable[[Sequence[Question], Vectors], Iterable[Candidates]],
        conclude: Callable[[Question, Candidates, float], Result],
    ) -> Result:
        """What ``conclude`` makes of a question, on a worker thread.

        A task that is cancelled while it waits leaves the queue.

        Args:
            parse: gives the question; its ``words`` are embedded.
            search: takes the questions of one batch that have this same function, and their unit vectors, shape (questions,
                dimension), and gives the candidates of each. Where that fails, each question is searched for alone, so that
                one question cannot fail the others.
            conclude: takes the question, its candidates, and when it had been embedded (``time.perf_counter``).

        Raises:
            Overloaded: too many questions are waiting, or the batcher is closed.
            Exception: whatever a step raises for this question.
        """
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._enter(_Waiting(in_trace(parse), search, in_trace(conclude), result, TRACE.get()))
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
            # A batch holds its generation of the collection open: let go of it before waiting for the next one.
            del batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        started = time.perf_counter()
        # Not in turn: the next batch is parsed and embedded while this one is searched for.
        questions = [_attempt(waiting.parse) for waiting in batch]
        with shared_step("embed", [waiting.trace for waiting in batch]):
            vectors = self._embed(questions)
        embedded = time.perf_counter()
        self._seconds_each = (embedded - started) / len(batch)
        with self._turn:
            with shared_step("search", [waiting.trace for waiting in batch]):
                found = _search(batch, questions, vectors)
            results = [
                _conclude(waiting, question, candidates, embedded)
                for waiting, question, candidates in zip(batch, questions, found, strict=True)
            ]
        _hand_over([waiting.result for waiting in batch], results)

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

    def _embed(self, questions: Sequence[Any]) -> list[Any]:
        """A vector for each question that was parsed; for the others, and where embedding fails, what went wrong."""
        parsed = [at for at, question in enumerate(questions) if not isinstance(question, _Failed)]
        given = list(questions)
        if not parsed:
            return given
        words = [questions[at].words for at in parsed]
        vectors = _attempt(lambda: _as_many(self.embedder.embed(words, "query"), parsed))
        for place, at in enumerate(parsed):
            given[at] = vectors if isinstance(vectors, _Failed) else vectors[place]
        return given

    def _drop_cancelled(self) -> None:
        self._queue = deque(waiting for waiting in self._queue if not waiting.result.cancelled())

    def _overloaded(self) -> Overloaded:
        return Overloaded(
            f"{len(self._queue)} questions are waiting",
            rule=f"at most {self._capacity} may wait",
            remedy="ask again in a moment, or serve with more workers",
            retry_after=max(1.0, self._capacity * self._seconds_each),
        )


def _attempt(step: Callable[[], Any]) -> Any:
    """What a step gives, or what went wrong: it belongs to those who wait, and the thread lives on for the others."""
    try:
        return step()
    except BaseException as error:
        return _Failed(error)


def _search(batch: Sequence[_Waiting], questions: Sequence[Any], vectors: Sequence[Any]) -> list[Any]:
    """The candidates of each question, or what went wrong before or while they were searched for."""
    found = list(vectors)
    embedded = [at for at, vector in enumerate(vectors) if not isinstance(vector, _Failed)]
    for search in {batch[at].search for at in embedded}:
        places = [at for at in embedded if batch[at].search == search]
        for at, candidates in zip(places, _search_with(search, questions, vectors, places), strict=True):
            found[at] = candidates
    return found


def _search_with(search: Search, questions: Sequence[Any], vectors: Sequence[Any], places: Sequence[int]) -> list[Any]:
    found = _attempt(lambda: _as_many(search([questions[at] for at in places], np.stack([vectors[at] for at in places])), places))
    if not isinstance(found, _Failed):
        return list(found)
    if len(places) == 1:
        return [found]
    return [each for at in places for each in _search_with(search, questions, vectors, [at])]


def _as_many(found: Iterable[Any], places: Sequence[int]) -> list[Any]:
    return [each for each, _ in zip(found, places, strict=True)]


def _conclude(waiting: _Waiting, question: Any, candidates: Any, embedded: float) -> Any:
    if isinstance(candidates, _Failed) or waiting.result.cancelled():
        return candidates
    return _attempt(lambda: waiting.conclude(question, candidates, embedded))


def _hand_over(futures: Sequence["asyncio.Future[Any]"], results: Sequence[Any]) -> None:
    """Wakes each event loop once for all that it waits for: a wake-up costs more than the results themselves."""
    settled = list(zip(futures, results, strict=True))
    for loop in {future.get_loop() for future in futures}:
        # Nobody waits in a loop that has ended.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [each for each in settled if each[0].get_loop() is loop])


def _settle(settled: Sequence[tuple["asyncio.Future[Any]", Any]]) -> None:
    for future, result in settled:
        if future.done():
            continue
        if isinstance(result, _Failed):
            future.set_exception(result.error)
        else:
            future.set_result(result)
