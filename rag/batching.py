"""Embeds questions that arrive together in one batch, in a thread of its own, beside the event loop.

A lone question never waits for company: while the encoder works on one batch, the next one gathers.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from index.embedders import Embedder
from rag.errors import Overloaded

Vector = npt.NDArray[np.float32]
"""float32, shape (dimension,), Euclidean length 1."""

LARGEST_BATCH = 8
"""Eight questions cost as much each as 32 do (docs/performance.md), and their answers come four times as soon."""


class _Waiting(NamedTuple):
    text: str
    vector: Future[Vector]


class BatchingEncoder:
    """Turns questions into vectors, first come first served; thread-safe.

    Args:
        embedder: what computes the vectors; called from one thread only.
        capacity: how many questions may wait; one more is refused with Overloaded.
        largest_batch: how many are embedded together at most.
    """

    def __init__(self, embedder: Embedder, *, capacity: int = 256, largest_batch: int = LARGEST_BATCH) -> None:
        self.embedder = embedder
        self._capacity = capacity
        self._largest_batch = largest_batch
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._seconds_each = 0.0

    async def encode(self, text: str) -> Vector:
        """The unit vector of a question. A task that is cancelled while it waits leaves the queue.

        Raises:
            Overloaded: too many questions are waiting, or the encoder is closed.
        """
        return await asyncio.wrap_future(self.submit(text))

    def submit(self, text: str) -> Future[Vector]:
        """The same for threads: a future that may be cancelled until its batch begins.

        Raises:
            Overloaded: too many questions are waiting, or the encoder is closed.
        """
        with self._changed:
            if self._closed:
                raise Overloaded(
                    "the service is shutting down", rule="no new questions are taken then", remedy="ask again", retry_after=1.0
                )
            if len(self._queue) >= self._capacity:
                self._drop_cancelled()
            if len(self._queue) >= self._capacity:
                raise self._overloaded()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="encoder", daemon=True)
                self._thread.start()
            waiting = _Waiting(text, Future())
            self._queue.append(waiting)
            self._changed.notify()
        return waiting.vector

    def close(self) -> None:
        """Answers the questions that are waiting, takes no more, and ends the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _work(self) -> None:
        while batch := self._next_batch():
            started = time.perf_counter()
            self._answer(batch)
            self._seconds_each = (time.perf_counter() - started) / len(batch)

    def _next_batch(self) -> list[_Waiting]:
        """The questions that have waited longest; empty only when the encoder is closed and none is left."""
        batch: list[_Waiting] = []
        with self._changed:
            while not batch:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if not self._queue:
                    return []
                while self._queue and len(batch) < self._largest_batch:
                    waiting = self._queue.popleft()
                    # False for a question that nobody waits for any more.
                    if waiting.vector.set_running_or_notify_cancel():
                        batch.append(waiting)
        return batch

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        try:
            vectors = self.embedder.embed([waiting.text for waiting in batch], "query")
            answers = list(zip(batch, vectors, strict=True))
        except BaseException as error:
            # It belongs to those who wait, and the thread lives on for the others.
            for waiting in batch:
                waiting.vector.set_exception(error)
        else:
            for waiting, vector in answers:
                waiting.vector.set_result(vector)

    def _drop_cancelled(self) -> None:
        self._queue = deque(waiting for waiting in self._queue if not waiting.vector.cancelled())

    def _overloaded(self) -> Overloaded:
        return Overloaded(
            f"{len(self._queue)} questions are waiting",
            rule=f"at most {self._capacity} may wait",
            remedy="ask again in a moment, or serve with more workers",
            retry_after=max(1.0, self._capacity * self._seconds_each),
        )
