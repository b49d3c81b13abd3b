"""Checking quotations, however much of it, keeps nobody else waiting; and nobody's work goes on when he has left."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rag.quotes.findings import Verification
from service.library import Quotations
from tests.running import QUESTION, running, until
from tests.shelf import index_text

ATTACKERS = 40


class Spinning:
    """Checks that compute until they are stopped, and how many of them do so now."""

    def __init__(self) -> None:
        self.begun = 0
        self.running = 0
        self._lock = threading.Lock()

    def verify(self, _quote: str, _citation: str = "") -> Verification:
        with self._lock:
            self.begun += 1
            self.running += 1
        try:
            while True:
                sum(range(100))
        finally:
            with self._lock:
                self.running -= 1


@pytest.fixture
def spinning(monkeypatch: pytest.MonkeyPatch) -> Spinning:
    spinning = Spinning()
    monkeypatch.setattr(Quotations, "verify", spinning.verify)
    return spinning


@pytest.fixture
def home(tmp_path: Path) -> Path:
    index_text(tmp_path)
    return tmp_path


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    with running(home, check_seconds=2.0, processor_seconds=60.0) as address:
        yield address


def verify(address: str) -> httpx.Response:
    return httpx.post(f"{address}/v1/verify", json={"quote": "the lamp burned"}, timeout=120)


def test_forty_checks_that_never_end_leave_all_else_answering_and_get_503(address: str, spinning: Spinning) -> None:
    with ThreadPoolExecutor(ATTACKERS) as attackers:
        attacks = [attackers.submit(verify, address) for _ in range(ATTACKERS)]
        assert until(lambda: spinning.begun, 60)

        for path in ("/healthz", "/readyz", "/v1/documents", "/metrics", f"/v1/search?q={QUESTION}"):
            assert httpx.get(f"{address}{path}", timeout=60).status_code == 200
        answers = [attack.result() for attack in attacks]

    assert {answer.status_code for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    assert {answer.json()["type"] for answer in answers} == {"urn:ibid:took-too-long", "urn:ibid:overloaded"}
    assert until(lambda: spinning.running == 0, 60)


def test_a_check_ends_when_its_client_has_gone(home: Path, spinning: Spinning) -> None:
    body = b'{"quote": "the lamp burned"}'
    head = f"POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    with running(home, check_seconds=600.0, processor_seconds=600.0) as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)) as client:
            client.sendall(head.encode() + body)
            assert until(lambda: spinning.running == 1, 60)

        assert until(lambda: spinning.running == 0, 60)


def test_a_check_that_takes_too_much_processor_time_is_stopped(home: Path, spinning: Spinning) -> None:
    with running(home, check_seconds=600.0, processor_seconds=0.3) as address:
        answer = verify(address)

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:ibid:took-too-long"
    assert until(lambda: spinning.running == 0, 60)


def test_readiness_does_not_wait_for_an_index_that_is_being_opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening, go_on = threading.Event(), threading.Event()

    def slowly(*_arguments: object) -> None:
        opening.set()
        go_on.wait(60)

    with running(home, refresh_seconds=0.0) as address:
        assert until(lambda: httpx.get(f"{address}/readyz").status_code == 200)
        monkeypatch.setattr("service.library._try_out", slowly)
        index_text(home, "The Other Reader\n\nAnother passage.\n\nMarsh, Edith. Another. London: Press, 1936, p. 1\n")
        with ThreadPoolExecutor(16) as clients:
            waiting = [clients.submit(httpx.get, f"{address}/readyz", timeout=60) for _ in range(16)]
            assert opening.wait(60)
            assert {answer.result().json()["generation"] for answer in waiting} == {1}
        go_on.set()

        assert until(lambda: httpx.get(f"{address}/readyz").json()["generation"] == 2)
