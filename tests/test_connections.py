"""A slow, half-open or greedy client gets its time and its room, and shuts nobody out."""

import contextlib
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from service.connections import most_connections
from tests.running import until

IBID = Path(sys.executable).parent / "ibid"
FILES = 1024
HALF = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"


@contextmanager
def serving(home: Path, files: int = FILES, **settings: Any) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`ibid serve` with so many open files."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    environment = {**os.environ, **{f"IBID_{name.upper()}": str(value) for name, value in settings.items()}}
    command: list[str | Path] = [IBID, "serve", "--port", "0", "--home", home]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        preexec_fn=limit,  # noqa: PLW1509 — it starts no thread
    )
    with process:
        try:
            assert process.stdout is not None
            told = re.search(r"http://\S+", process.stdout.readline())
            assert told
            assert until(lambda: _lives(told[0]), 120)
            yield told[0], process
        finally:
            process.send_signal(signal.SIGTERM)


def _lives(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{address}/healthz", timeout=30).status_code == 200
    return False


def connect(address: str, data: bytes = b"") -> socket.socket:
    place = urlsplit(address)
    connection = socket.create_connection((place.hostname, place.port), timeout=120)
    connection.sendall(data)
    return connection


def status_of(connection: socket.socket) -> int:
    """The status of what comes back; 0 where the connection is closed without a word."""
    with connection, contextlib.suppress(ConnectionError):
        first = connection.recv(65536)
        return int(first.split()[1]) if first else 0
    return 0


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with little patience."""
    home = tmp_path_factory.mktemp("hurried")
    with serving(home, head_seconds=1, body_seconds=1, idle_seconds=1, max_head=2048) as (address, _):
        yield address


@pytest.mark.parametrize("half", [HALF, HALF_BODY])
def test_a_thousand_half_requests_shut_nobody_out(tmp_path: Path, half: bytes) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))  # for this side of the connections
    with serving(tmp_path, head_seconds=600, body_seconds=600) as (address, _), contextlib.ExitStack() as attack:
        for _ in range(1000):
            with contextlib.suppress(ConnectionError):
                attack.enter_context(connect(address, half))

        assert [httpx.get(f"{address}/healthz", timeout=60).status_code for _ in range(20)] == [200] * 20


def test_a_client_that_is_slow_with_its_headers_or_its_body_is_told(hurried: str) -> None:
    assert status_of(connect(hurried, HALF)) == 408
    assert status_of(connect(hurried, HALF_BODY)) == 408
    assert status_of(connect(hurried)) == 0


def test_headers_that_are_too_large_are_refused_in_one_piece_or_in_many(hurried: str) -> None:
    whole = HALF + b"x" * 3000 + b"\r\n\r\n"
    many = connect(hurried, HALF)
    with contextlib.suppress(ConnectionError):
        for _ in range(30):
            many.sendall(b"x" * 100)
            time.sleep(0.01)

    assert status_of(connect(hurried, whole)) == 431
    assert status_of(many) == 431
    assert status_of(connect(hurried, HALF + b"x" * 500 + b"\r\n\r\n")) == 200


def test_several_requests_in_one_connection_are_each_answered(hurried: str) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with httpx.Client(base_url=hurried, timeout=60) as client:
        assert [client.get("/healthz").status_code for _ in range(30)] == [200] * 30
    with connect(hurried, request * 3) as connection:
        answered = b""
        while answered.count(b'"alive"') < 3:
            answered += connection.recv(65536)
    assert answered.count(b"HTTP/1.1 200") == 3


def test_a_client_that_reads_nothing_is_left(tmp_path: Path) -> None:
    with serving(tmp_path, send_seconds=1) as (address, process):
        connection = connect(address)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.settimeout(5)
            for _ in range(2000):
                connection.sendall(b"GET /schema HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert until(lambda: not _sockets(process.pid), 60)
        connection.close()


def _sockets(process: int) -> list[str]:
    """Connections that a process has open, besides those it listens on."""
    files = Path(f"/proc/{process}/fd")
    table = Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]
    inodes = {_target(file) for file in files.iterdir()}
    return [line for line in table if line.split()[3] == "01" and f"socket:[{line.split()[9]}]" in inodes]


def _target(file: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        return str(file.readlink())
    return ""


def test_one_client_may_ask_so_often_to_all_workers_together(tmp_path: Path) -> None:
    with serving(tmp_path, workers=2, questions_per_minute=5) as (address, _):
        began = time.monotonic()
        answers = [httpx.post(f"{address}/v1/ask", json={"question": "x"}, timeout=60) for _ in range(12)]
        filled = (time.monotonic() - began) / 12

        refused = [answer for answer in answers if answer.status_code == 429]
        assert 7 - filled - 1 <= len(refused) <= 7
        assert all(1 <= int(answer.headers["retry-after"]) <= 12 for answer in refused)
        assert not refused or refused[0].json()["type"] == "urn:ibid:too-many-questions"
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path, workers=2) as (_, process):
        children = _children(process.pid)
        assert len(children) >= 2
        process.kill()
        process.wait()

        assert until(lambda: not any(Path(f"/proc/{child}/cmdline").exists() and _runs(child) for child in children), 240)


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _runs(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def test_as_many_connections_as_there_may_be_files(monkeypatch: pytest.MonkeyPatch) -> None:
    most_connections.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    assert most_connections(800) == 640
    most_connections.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (65536, 65536))
    assert most_connections(800) == 800
    most_connections.cache_clear()
