"""Puts a service under load with wrk (https://github.com/wg/wrk; Debian: ``apt install wrk``), on loopback only."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.corpora import Corpus

SCRIPT = Path(__file__).with_name("wrk.lua")


class Load(msgspec.Struct, frozen=True):
    """What clients saw: answers, how many failed, in how many seconds; ``p50`` and ``p99`` of an answer in seconds."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class Request(msgspec.Struct, frozen=True):
    """What is sent: a JSON body, or none."""

    method: str
    path: str
    body: str = ""


def questions_of(read: Corpus, limit: int = 5) -> list[Request]:
    """What asks Ibid a corpus's questions."""
    return [Request("POST", "/v1/ask", json.dumps({"question": question, "limit": limit})) for question in read.questions]


def put_under_load(
    url: str, requests: Iterable[Request], scratch: Path, *, clients: int, seconds: int, rate: float = 0, key: str = ""
) -> Load:
    """Sends the requests over and over from as many ``clients`` at once.

    A client asks again as soon as it is answered, or, where a ``rate`` of requests a second in all is given, rests so
    long that together they come near it. A ``key`` is sent with each. Raises SystemExit where wrk is not installed, or any
    request failed.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("this benchmark needs wrk: apt install wrk")
    file = scratch / "requests.tsv"
    file.write_text("".join(f"{each.method}\t{each.path}\t{each.body}\n" for each in requests), encoding="utf-8")
    environment = {"REQUESTS": str(file), "REST": str(clients / rate if rate else 0), "KEY": key}
    command: list[str | Path] = [
        "wrk",
        "--threads",
        "1",
        "--connections",
        str(clients),
        "--duration",
        f"{seconds}s",
        "--timeout",  # slow is not failed
        "30s",
        "--script",
        SCRIPT,
        url,
    ]
    output = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True).stdout
    load = msgspec.json.decode(output.splitlines()[-1], type=Load)
    if load.failed or not load.requests:
        raise SystemExit(f"{load.failed} of {load.requests} requests to {url} failed")
    return load
