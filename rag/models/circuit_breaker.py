"""Keeps a backend within bounds: so many calls at once, and none for a while once it has failed again and again."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

from prompts import Message
from rag.errors import BackendFailed
from rag.models import LanguageModel, ModelCard, Piece


class CircuitBreaker:
    """A language model behind a circuit breaker and a bounded number of places.

    After ``failures`` failed calls in a row the backend is left alone for ``rest_seconds``; then one call tries it. A call that
    finds no place within ``wait_seconds`` fails without having reached the backend, and does not count as its failure.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        places: int = 8,
        wait_seconds: float = 10.0,
        failures: int = 3,
        rest_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._places = asyncio.Semaphore(places)
        self._wait_seconds = wait_seconds
        self._limit = failures
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failed = 0
        self._closed_until = 0.0
        self._trying = False

    @property
    def card(self) -> ModelCard:
        """What identifies the backend."""
        return self._model.card

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Piece, None]:
        """What the model writes. Raises BackendFailed, at once while the backend is being left alone."""
        self._refuse_while_resting()
        async with self._place():
            self._refuse_while_resting()
            trying = self._trying = self._failed >= self._limit
            try:
                async with contextlib.aclosing(self._model.stream(messages)) as pieces:
                    async for piece in pieces:
                        yield piece
            except BackendFailed:
                self._failed += 1
                self._closed_until = self._clock() + self._rest_seconds
                raise
            else:
                self._failed = 0
            finally:
                if trying:
                    self._trying = False

    async def close(self) -> None:
        """Closes the backend."""
        await self._model.close()

    def _refuse_while_resting(self) -> None:
        if self._failed >= self._limit and (self._trying or self._clock() < self._closed_until):
            raise BackendFailed(
                f"language model {self.card.name!r} failed {self._failed} times in a row and is left alone",
                rule=f"after {self._limit} failures it is tried again every {self._rest_seconds:g} seconds",
                remedy="see to the backend; meanwhile the passages answer",
            )

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            raise BackendFailed(
                f"language model {self.card.name!r} is busy",
                rule=f"a call waits at most {self._wait_seconds:g} seconds for a place",
                remedy="ask again, or allow it more calls at once",
            ) from None
        try:
            yield
        finally:
            self._places.release()
