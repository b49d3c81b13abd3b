"""Does the jobs of one collection that wait, one after the other, then ends: ``python -m service.job_runner HOME``."""

import _thread
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from index.build import BuildSummary
from index.errors import IbidError, IndexLocked
from index.files import find_files
from index.home import locked
from service.building import build_collection
from service.collection_schemas import JobState, JobView
from service.jobs import Jobs, now
from service.settings import Settings, read_settings
from service.telemetry import log_to_stderr

log = logging.getLogger("ibid.jobs")

_LOOK_SECONDS = 0.2
_TOLD_SECONDS = 0.3
"""How often a wish to stop is looked for, and progress written."""


def main() -> None:
    """Does what waits, unless another runner does."""
    settings = read_settings(home=Path(sys.argv[1]))
    log_to_stderr(settings.log_level, settings.log_format)
    jobs = Jobs(settings.home)
    try:
        while jobs.pending():  # looked at again: a job may come while the lock is given back
            with locked(jobs.lock, 0.0):
                for job in jobs.pending():
                    run(jobs, job, settings)
    except IndexLocked:
        return


def run(jobs: Jobs, job: JobView, settings: Settings) -> None:
    """Does one job, and writes what came of it."""
    if jobs.is_cancelled(job.id):
        jobs.save(msgspec.structs.replace(job, state="cancelled", ended=now()))
        return
    shown = _Shown(jobs, msgspec.structs.replace(job, state="running"))
    try:
        with _interrupted_when_cancelled(jobs, job.id):
            scope = find_files([jobs.home / "documents"])
            summary = build_collection(settings, scope, rebuild=job.rebuild, progress=shown.tell)
    except KeyboardInterrupt:
        shown.end("cancelled", "the index is as it was; what was embedded is kept")
    except IbidError as error:
        shown.end("failed", str(error))
    except Exception as error:  # the edge of a process: whoever waits for the job must learn of it
        log.exception("a job failed")
        shown.end("failed", f"{type(error).__name__}: see the log")
    else:
        shown.end("done", told(summary))


def told(summary: BuildSummary) -> str:
    """What a run changed, in a line."""
    changes = {
        "added": summary.added, "replaced": summary.replaced, "dropped": summary.dropped, "unchanged": summary.unchanged,
        "the same as another": summary.duplicates, "unreadable": tuple(summary.failures),
    }  # fmt: skip
    return ", ".join(f"{len(names)} {what}" for what, names in changes.items() if names) or "nothing found"


class _Shown:
    """Writes how far a job is, now and then."""

    def __init__(self, jobs: Jobs, job: JobView) -> None:
        self._jobs = jobs
        self._job = job
        self._written = 0.0
        jobs.save(job)

    def tell(self, done: int, total: int) -> None:
        """So many windows of so many have a vector."""
        self._job = msgspec.structs.replace(self._job, done=done, total=total)
        if time.monotonic() - self._written > _TOLD_SECONDS or done == total:
            self._written = time.monotonic()
            self._jobs.save(self._job)

    def end(self, state: JobState, message: str) -> None:
        """Writes the last of it."""
        self._job = msgspec.convert(
            {**msgspec.to_builtins(self._job), "state": state, "message": message, "ended": now()}, JobView
        )
        self._jobs.save(self._job)
        log.info("job=%s state=%s message=%r", self._job.id, state, message)


@contextmanager
def _interrupted_when_cancelled(jobs: Jobs, job_id: str) -> Iterator[None]:
    """Interrupts this thread, as Ctrl-C does, when somebody asks for the job to be stopped."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK_SECONDS):
            if jobs.is_cancelled(job_id):
                _thread.interrupt_main()
                return

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


if __name__ == "__main__":
    main()
