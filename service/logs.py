"""Logging, configured once for each process: one line an event, on standard error."""

import logging
import sys

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_to_stderr(level: str) -> None:
    """Sends everything from ``level`` up to standard error; libraries speak up only for warnings."""
    # Nothing that our format does not show is found out for every line (the optimizations of Python's logging manual).
    logging._srcfile = ""  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(stream=sys.stderr, format=FORMAT, level=logging.WARNING, force=True)
    for name in ("ibid", "uvicorn"):
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
