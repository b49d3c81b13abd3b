"""What surrounds every answer: a request id, security headers, one line in the access log, and a count."""

import logging
import re
import secrets
import time

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.telemetry import ACCESS, REQUEST_ID, Event, Metrics

log = logging.getLogger(ACCESS)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class RequestContextMiddleware:
    """Wraps the whole application, errors and unknown paths included. A HEAD is answered as its GET without the body."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, log_questions: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._log_questions = log_questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        request_id = scope["state"]["request_id"] = _request_id(scope)
        REQUEST_ID.set(request_id)
        status = 500

        async def send_wrapped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message["headers"]}
                added = [header for header in _RAW_HEADERS if header[0] not in given]
                message["headers"] = [*message["headers"], *added, (b"x-request-id", request_id.encode())]
            elif method == "HEAD" and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if method == "HEAD":
            scope["method"] = HttpMethod.GET
        try:
            await self._app(scope, receive, send_wrapped)
        finally:
            self._record(scope, method, status, time.perf_counter() - started)

    def _record(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        self._metrics.request(method, str(scope.get("path_template") or "unknown"), status, seconds)
        told = {
            "method": method,
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": (scope.get("client") or ("-",))[0],
            "id": scope["state"]["request_id"],
        }
        if self._log_questions and (asked := scope["state"].get("question")):
            told["question"] = asked
        log.info(Event("request", told))


def _request_id(scope: Scope) -> str:
    """The client's own id where it is harmless, else a new one."""
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
