"""Connections whose clients are slow, half-open or too many: each has its time and its room, and none shuts the others out."""

import asyncio
import resource
from functools import cache, cached_property
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.settings import Settings, read_settings

OTHER_FILES = 128
"""What a process has open besides its connections: the index, the log, the libraries."""

BACKLOG = 256
"""Connections that wait to be accepted; all of them may be at once, before the first of them can be closed again."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a limit to everything a client may take.

    Where there are too many connections the one that has been sending its request for longest is closed, else the one that
    has been idle for longest: a newcomer is heard before those who say nothing.
    """

    waiting: asyncio.TimerHandle | None = None
    """Runs while part of a request is still to come."""
    since = 0.0
    """When the connection or its last request began."""
    refused = False
    _stalled: asyncio.TimerHandle | None = None
    _head = 0
    _in_head = True

    @cached_property
    def _settings(self) -> Settings:
        return settings_in_force()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class has it
        """Waits for a request, for so long."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._wait(self._settings.head_seconds)
        if len(self.connections) > most_connections(self._settings.max_connections):
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._wait(None)
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes bytes, and counts those of the request line and the headers."""
        if self.refused:
            return
        self._head += len(data) if self._in_head else 0
        super().data_received(data)
        if self._in_head and self._head > self._settings.max_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.since = self.loop.time()
        if self.waiting is None:
            self._wait(self._settings.head_seconds)

    def on_headers_complete(self) -> None:
        """Hands the request on, unless its headers are too large."""
        self._in_head, self._head = False, 0
        if self.refused:
            return
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > self._settings.max_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._wait(self._settings.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of a body."""
        if not self.refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._in_head = True
        if not self.refused:
            self._wait(None)
            super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not read: it has so long to begin again."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self._settings.send_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        if self._stalled is not None:
            self._stalled.cancel()
        super().resume_writing()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _wait(self, seconds: float | None) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
        self.waiting = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        """The rest of a request has not come in time."""
        self.waiting = None
        if self._head or not self._in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _make_room(self) -> None:
        others = [
            each for each in self.connections if isinstance(each, BoundedProtocol) and each is not self and not each.refused
        ]
        slow = [each for each in others if each.waiting is not None]
        idle = [each for each in others if each.is_idle]
        if chosen := slow or idle:
            oldest = min(chosen, key=lambda each: each.since)
            oldest.refused = True
            oldest._wait(None)  # noqa: SLF001 — another of this class
            oldest.transport.abort()
        else:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def _refuse(self, status: HTTPStatus) -> None:
        """Ends the connection; says why, where no answer has begun."""
        self.refused = True
        self._wait(None)
        if self.is_idle or not self.cycle.response_started:
            self.transport.write(_refusal(status))
        self.transport.close()


@cache
def settings_in_force() -> Settings:
    """The settings of this process; `ibid serve` has told them all in its environment."""
    return read_settings()


@cache
def most_connections(wanted: int) -> int:
    """How many connections a process may have: as many as are wanted, as far as it may have so many open files."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if files == resource.RLIM_INFINITY else max(8, min(wanted, files - OTHER_FILES - BACKLOG))


def _refusal(status: HTTPStatus) -> bytes:
    retry = "retry-after: 5\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
    text = f"{status.phrase}\n"
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n{retry}"
    return f"{head}content-length: {len(text)}\r\nconnection: close\r\n\r\n{text}".encode()
