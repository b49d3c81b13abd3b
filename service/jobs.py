"""Jobs: indexing what was sent, one after the other, in a process of its own; known by files, so that any process sees them.

``HOME/jobs/ID.json`` is a job. ``python -m service.job_runner HOME`` does those that wait, holding ``runner.lock``: where it was
killed, a job still says ``running`` and nobody holds the lock, so the next runner does it again. What was embedded is kept.
"""

import os
import re
import secrets
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from index.errors import Unknown
from index.home import Home, make_home
from service.collection_schemas import JobView
from service.settings import Settings, variables

JOB_ID = re.compile(r"[0-9]{14}-[0-9a-f]{6}")
ENDED = frozenset({"done", "failed", "cancelled"})
_KEPT = 100
_STARTED_AGAIN = 2


class Jobs:
    """The jobs of one collection."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._folder = home / "jobs"

    @property
    def lock(self) -> Path:
        """Held by the runner."""
        return self._folder / "runner.lock"

    def create(self, by: str, *, rebuild: bool = False) -> JobView:
        """A job that waits."""
        make_home(Home(self.home))
        self._folder.mkdir(0o700, exist_ok=True)
        moment = datetime.now(UTC)
        job = JobView(f"{moment:%Y%m%d%H%M%S}-{secrets.token_hex(3)}", "queued", now(), by, rebuild)
        self.save(job)
        self._forget_old()
        return job

    def get(self, job_id: str) -> JobView:
        """A job as it stands. Raises Unknown."""
        try:
            if JOB_ID.fullmatch(job_id):
                return msgspec.json.decode((self._folder / f"{job_id}.json").read_bytes(), type=JobView)
        except (FileNotFoundError, msgspec.DecodeError):
            pass
        raise Unknown(f"there is no job {job_id!r}", rule=f"the last {_KEPT} jobs are known", remedy="see /v1/jobs")

    def all(self) -> list[JobView]:
        """All jobs, the newest first."""
        return [self.get(file.stem) for file in sorted(self._folder.glob("*.json"), reverse=True)]

    def pending(self) -> list[JobView]:
        """Those that are not done, the oldest first."""
        return [job for job in reversed(self.all()) if job.state not in ENDED]

    def save(self, job: JobView) -> None:
        """Writes a job whole."""
        draft = self._folder / f".{job.id}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(job))
        draft.replace(self._folder / f"{job.id}.json")

    def cancel(self, job_id: str) -> JobView:
        """Asks for a job to be stopped; the runner does it within a moment. Raises Unknown."""
        job = self.get(job_id)
        if job.state not in ENDED:
            self._wish(job_id).touch(0o600)
        return self.get(job_id)

    def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody has asked for it to be stopped."""
        return self._wish(job_id).exists()

    def start(self, settings: Settings) -> None:
        """Starts a runner where jobs wait; one that runs already is the only one. One that is killed is started again."""
        if self.pending():
            threading.Thread(target=self._attend, args=(self._runner(settings), settings), name="job", daemon=True).start()

    def _runner(self, settings: Settings) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, **variables(msgspec.structs.replace(settings, home=self.home.resolve()))}
        return subprocess.Popen(  # noqa: S603 — our own program
            [sys.executable, "-m", "service.job_runner", str(self.home.resolve())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the service
        )

    def _attend(self, process: "subprocess.Popen[bytes]", settings: Settings) -> None:
        """Waits for a runner, and starts it again where it was killed; a job at which it always ends fails."""
        for _ in range(_STARTED_AGAIN):
            if process.wait() == 0:
                return
            process = self._runner(settings)
        if process.wait():
            for job in self.pending():
                if job.state == "running":
                    message = (
                        f"its process ended before it was done, {_STARTED_AGAIN + 1} times (exit status {process.returncode})"
                    )
                    self.save(msgspec.structs.replace(job, state="failed", ended=now(), message=message))

    def _wish(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.cancel"

    def _forget_old(self) -> None:
        for file in sorted(self._folder.glob("*.json"), reverse=True)[_KEPT:]:
            if self.get(file.stem).state in ENDED:
                self._wish(file.stem).unlink(missing_ok=True)
                file.unlink(missing_ok=True)


def now() -> str:
    """This moment, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
