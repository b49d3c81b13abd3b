"""How often one client may ask: a token bucket a client, in memory that all workers share.

A bucket holds as many tokens as a minute gives, and each question takes one; so a burst is allowed and a stream is not.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from service.errors import TooManyQuestions

SLOTS = 8192
_TRIED = 8
_SLOT = struct.Struct("<Qdd")  # the client's digest, its tokens, and when they were counted
ASKING = frozenset({"/v1/ask", "/v1/search", "/v1/verify", "/v1/chat/completions", "/v1/responses", "/mcp"})
PAGES = {"/": b"q=", "/turn": b"q=", "/verify": b"quote="}

Answer = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


class Buckets:
    """The buckets of all clients in one file; the same file is the same buckets, in any process.

    Of more clients than there is room for, those whose bucket is fullest are forgotten.
    """

    def __init__(self, file: Path | None, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        if file is None:
            handle, name = tempfile.mkstemp(prefix="ibid-rates-")
            Path(name).unlink()
        else:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(handle, SLOTS * _SLOT.size)
        self._handle = handle
        self._memory = mmap.mmap(handle, SLOTS * _SLOT.size)
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()

    def take(self, client: str, per_minute: int = 0) -> float:
        """Takes a token of the client's; gives 0, or the seconds until there will be one.

        ``per_minute`` is the client's own limit, where it has one; without any limit nothing is counted.
        """
        most = float(per_minute or self.per_minute)
        if not most:
            return 0.0
        digest = int.from_bytes(hashlib.blake2b(client.encode("utf-8", "replace"), digest_size=8).digest(), "little") or 1
        with self._lock:  # a lock of the file is the process's, not the thread's
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                return self._take(digest, self._clock(), most)
            finally:
                fcntl.flock(self._handle, fcntl.LOCK_UN)

    def close(self) -> None:
        """Lets go of the file."""
        self._memory.close()
        os.close(self._handle)

    def _take(self, digest: int, now: float, most: float) -> float:
        place, tokens = self._find(digest, now, most)
        left = tokens - 1 if tokens >= 1 else tokens
        _SLOT.pack_into(self._memory, place, digest, left, now)
        return 0.0 if tokens >= 1 else (1 - tokens) * 60 / most

    def _find(self, digest: int, now: float, most: float) -> tuple[int, float]:
        """Where the client's bucket is, and what it holds by now; one that is new is full."""
        fullest, best = 0, -1.0
        for step in range(_TRIED):
            place = (digest + step) % SLOTS * _SLOT.size
            known, tokens, counted = _SLOT.unpack_from(self._memory, place)
            filled = most if not known else min(most, tokens + (now - counted) * most / 60)
            if known == digest:
                return place, filled
            if filled > best:
                fullest, best = place, filled
        return fullest, most


class RateLimit:
    """Passes on what a client may ask; ``answer`` turns a refusal into a response."""

    def __init__(self, app: ASGIApp, buckets: Buckets, answer: Answer) -> None:
        self._app = app
        self._buckets = buckets
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or refuses it."""
        app = self._app
        if scope["type"] == ScopeType.HTTP and asks(scope):
            client = (scope.get("client") or ("",))[0]
            if seconds := self._buckets.take(client):
                request: Request[Any, Any, Any] = Request(scope)
                app = self._answer(request, too_many(seconds, self._buckets.per_minute)).to_asgi_response(None, request)
        await app(scope, receive, send)


def too_many(seconds: float, per_minute: int) -> TooManyQuestions:
    """The refusal of a client that may ask again in so many seconds."""
    return TooManyQuestions(
        "this client has asked too often",
        rule=f"a client may ask {per_minute} times a minute",
        remedy=f"ask again in {seconds:.0f} s",
        retry_after=seconds,
    )


def asks(scope: Scope) -> bool:
    """Whether a request asks the collection something; the others cost little."""
    path = scope["path"].rstrip("/") or "/"
    if path in PAGES:
        return PAGES[path] in scope["query_string"]
    return path in ASKING
