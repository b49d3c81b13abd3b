"""What the service counts about itself, in the Prometheus text format.

With several workers each counts in files that ``PROMETHEUS_MULTIPROC_DIR`` names, and any of them reports the sum.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, TextIO

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from rag.tracing import TRACE

CONTENT_TYPE = "text/plain; version=0.0.4"
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """Counters of one process, or of all workers together."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ibid_requests_total", "Requests answered.", ("method", "path", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "ibid_request_seconds",
            "Time from request to the end of its answer.",
            ("path",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "ibid_question_seconds", "Time a question spends in each stage.", ("stage",), buckets=SECONDS, registry=self._registry
        )
        self._questions = Counter("ibid_questions_total", "Questions answered.", ("status",), registry=self._registry)
        self._reload_failures = Counter(
            "ibid_reload_failures_total",
            "Times that a newer look at the index failed and the generation that served went on.",
            ("reason",),
            registry=self._registry,
        )
        # One of each is looked up for every request, and there are few.
        self._request = cache(self._requests.labels)
        self._request_seconds = cache(self._seconds.labels)
        self._question = cache(self._questions.labels)
        self._stage = cache(self._stages.labels)

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Counts one request; ``path`` is the route's template, so that ids do not multiply the series."""
        self._request(method, path, status).inc()
        self._request_seconds(path).observe(seconds)

    def question(self, status: str, stages: dict[str, float]) -> None:
        """Counts one question by what came of it, with the seconds each stage took."""
        self._question(status).inc()
        for stage, seconds in stages.items():
            self._stage(stage).observe(seconds)

    def reload_failure(self, reason: str) -> None:
        """Counts a newer generation that could not be opened, by the kind of error."""
        self._reload_failures.labels(reason).inc()

    def text(self) -> bytes:
        """All counts in the Prometheus text format."""
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its signature has no annotations
        return generate_latest(registry)


# Logging, configured once for each process: one line an event, on standard error.

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

ACCESS = "ibid.access"
"""The logger of requests, a line each."""

BUFFERED_SECONDS = 0.1

LogFormat = Literal["text", "json"]

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered here; "" outside of requests."""

_HARMLESS = re.compile(r"[\w./:@%+-]+")


class Event:
    """A message with named values: ``name=value`` (logfmt) in a line of text, members of their own in a line of JSON."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Mapping[str, Any]) -> None:
        self.name = name
        self.fields = fields

    def __str__(self) -> str:
        return " ".join(f"{name}={_quoted(value)}" for name, value in self.fields.items())


class TextFormatter(logging.Formatter):
    """A line of text; what is logged while a request is answered ends with its id."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — logging's name
        """The line, before any traceback."""
        line, request_id = super().formatMessage(record), REQUEST_ID.get()
        return f"{line} id={request_id}" if request_id and not isinstance(record.msg, Event) else line


class JsonFormatter(logging.Formatter):
    """An object a line, in ASCII: nothing that a client or a file says can end the line or steer a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """``time`` (UTC), ``level``, ``logger``, ``message``, the request's ``id`` and ``trace_id``, values, traceback."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if request_id := REQUEST_ID.get():
            told["id"] = request_id
        if trace := TRACE.get():
            told["trace_id"] = trace.id
        if isinstance(record.msg, Event):
            told |= {"message": record.msg.name, **{name: each for name, each in record.msg.fields.items() if name not in told}}
        else:
            told["message"] = record.getMessage()
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def _quoted(value: object) -> str:
    """A value as logfmt writes it: nothing a client sends can end the line or forge a field."""
    text = str(value)
    return text if _HARMLESS.fullmatch(text) else ascii(text)


class BufferedStreamHandler(logging.StreamHandler[TextIO]):
    """Buffers the access log of an event loop for 0.1 s; any other line is written at once, after what is buffered.

    Each write releases the GIL and has to wait for it again: writing every line by itself cost 4 % of throughput at 32 clients.
    ``logging.handlers.MemoryHandler`` flushes by size and severity only: the last lines would wait for the next request.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one record; called with the handler's lock."""
        try:
            self._lines.append(self.format(record))
            loop = _running_loop() if record.name == ACCESS else None
            if loop is None:
                self.flush()
            elif loop is not self._due_in:
                self._due_in = loop
                loop.call_later(BUFFERED_SECONDS, self._flush_for, record)
        except Exception:  # as every handler: a line that cannot be logged must not stop the service
            self.handleError(record)

    def flush(self) -> None:
        """Writes what waits."""
        with self.lock or contextlib.nullcontext():
            lines, self._lines, self._due_in = self._lines, [], None
            if lines:
                self.stream.write("".join(f"{line}\n" for line in lines))
            super().flush()

    def _flush_for(self, record: logging.LogRecord) -> None:
        try:
            self.flush()
        except Exception:  # as above
            self.handleError(record)


def log_to_stderr(level: str, log_format: LogFormat = "text") -> None:
    """Sends everything from ``level`` up to standard error, a line of text or JSON each; libraries speak up only for warnings."""
    # Nothing that our format does not show is found out for every line (the optimizations of Python's logging manual).
    logging._srcfile = ""  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = BufferedStreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in ("ibid", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
