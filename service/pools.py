"""Pools of threads whose work is bounded: in processor time, in number, and by whether anybody still waits for it."""

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from rag.errors import Overloaded
from service.errors import TookTooLong

Result = TypeVar("Result")

TICK_SECONDS = 0.05
"""How exactly processor time is watched."""


class TimedPool(ThreadPoolExecutor):
    """A pool that stops work which takes more processor time than ``seconds``, or which nobody awaits any more.

    Work is stopped where Python code runs: what a native library has begun, it ends.

    Args:
        threads: how many pieces of work run at once.
        name: what the threads are called.
        seconds: processor time that one piece of work may take.
        waiting: how many pieces of work may wait for a thread in ``run``; one more is refused.
    """

    def __init__(self, threads: int, name: str, seconds: float, waiting: int = 0) -> None:
        super().__init__(threads, thread_name_prefix=name)
        self._seconds = seconds
        self._most = threads + waiting
        self._awaited = 0
        self._changed = threading.Condition()
        self._jobs: set[_Job] = set()
        self._watcher: threading.Thread | None = None
        self._closed = False

    def submit(self, work: Callable[..., Result], /, *args: Any, **kwargs: Any) -> "Future[Result]":
        """Starts work, which ends with TookTooLong where it takes too long."""
        return super().submit(self._run, _Job(), partial(work, *args, **kwargs))

    async def run(self, work: Callable[..., Result], *args: Any, within: float) -> Result:
        """The result of work, which is stopped when the caller is cancelled.

        Raises:
            Overloaded: too much work is waiting.
            TookTooLong: it took ``within`` seconds, waiting included, or too much processor time.
        """
        if self._awaited >= self._most:
            raise Overloaded(
                f"{self._awaited} checks are waiting",
                rule=f"at most {self._most} may wait",
                remedy="ask again",
                retry_after=within,
            )
        job = _Job()
        self._awaited += 1
        try:
            async with asyncio.timeout(within):
                return await asyncio.wrap_future(super().submit(self._run, job, partial(work, *args)))
        except TimeoutError:
            raise _too_long(f"{within:g} s") from None
        finally:
            job.stop()
            self._awaited -= 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the threads and what watches them."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _run(self, job: "_Job", work: Callable[[], Result]) -> Result:
        with self._changed:
            self._jobs.add(job)
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
                self._watcher.start()
            self._changed.notify()
        try:
            return job.run(work)
        except _Stop:
            raise _too_long(f"{self._seconds:g} s of processor time") from None
        finally:
            with self._changed:
                self._jobs.discard(job)

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if self._closed and not self._jobs:
                    return
                late = [job for job in self._jobs if job.seconds() > self._seconds]
            for job in late:
                job.stop()
            time.sleep(TICK_SECONDS)


class _Stop(BaseException):
    """Ends work in its thread; no code that catches exceptions takes it for one."""


class _Job:
    """One piece of work, which may be stopped once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = 0
        self._stopped = threading.Event()
        self._started = 0.0
        self._clock = 0

    def run(self, work: Callable[[], Result]) -> Result:
        """Does the work in this thread. Raises _Stop where it is stopped."""
        with self._lock:
            if self._stopped.is_set():
                raise _Stop
            self._clock = _clock_of(threading.get_ident())
            self._started = time.clock_gettime(self._clock)
            self._thread = threading.get_ident()
        try:
            return work()
        finally:
            with self._lock:
                thread, self._thread = self._thread, 0
                if self._stopped.is_set():
                    _raise_in(thread, None)  # one that came too late must not meet the thread's next work

    def stop(self) -> None:
        """Ends the work, also before it begins; once it is done, nothing happens."""
        with self._lock:
            if not self._stopped.is_set():
                self._stopped.set()
                if self._thread:
                    _raise_in(self._thread, _Stop)

    def seconds(self) -> float:
        """Processor time the work has taken so far."""
        with self._lock:
            return time.clock_gettime(self._clock) - self._started if self._thread else 0.0


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raises an exception in another thread at its next instruction of Python; None takes back one that is still to come."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)


def _clock_of(thread: int) -> int:
    """What counts the processor time of a thread; where the system has no such clock, the time that passes."""
    clock: Callable[[int], int] | None = getattr(time, "pthread_getcpuclockid", None)
    return clock(thread) if clock else time.CLOCK_MONOTONIC


def _too_long(spent: str) -> TookTooLong:
    return TookTooLong(
        f"it took more than {spent}",
        rule="a request takes no longer than the settings processor_seconds and check_seconds say",
        remedy="ask for less at once, or raise the setting",
    )
