"""Logging, configured once for each process: one line an event, on standard error."""

import asyncio
import contextlib
import logging
import sys
from typing import TextIO

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"

ACCESS = "ibid.access"
"""The logger of requests, a line each."""

GATHERED_SECONDS = 0.1


class Gathering(logging.StreamHandler[TextIO]):
    """Writes the access log of an event loop a moment later, many lines at once; any other line at once, and with it what waits.

    For every line that it writes an event loop gives the interpreter away, and has to wait until it gets it back: writing each
    line by itself took 4 % of the questions a second at 32 clients. A server that is told to stop says so last, in another log.
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
                loop.call_later(GATHERED_SECONDS, self._flush_for, record)
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


def log_to_stderr(level: str) -> None:
    """Sends everything from ``level`` up to standard error; libraries speak up only for warnings."""
    # Nothing that our format does not show is found out for every line (the optimizations of Python's logging manual).
    logging._srcfile = ""  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(handlers=[Gathering(sys.stderr)], format=FORMAT, level=logging.WARNING, force=True)
    for name in ("ibid", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
