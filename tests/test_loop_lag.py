"""No slow step of a question runs on the event loop of a service: each is seen on another thread, however busy the machine is."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.embedders import TextKind, Vectors
from rag.retrieve import Retriever
from service.app import create_app
from service.presenters import Presenter
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.shelf import index_text, library_of

QUESTION = "Who rang the fog bell by hand?"
STEPS = ((Retriever, "parse"), (Retriever, "search"), (Retriever, "conclude"), (Presenter, "answer"))


class WatchedEmbedder(HashEmbedder):
    """Notes on which thread it embeds."""

    def __init__(self, seen: dict[str, set[int]]) -> None:
        super().__init__()
        self._seen = seen

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        self._seen.setdefault("embed", set()).add(threading.get_ident())
        return super().embed(texts, kind)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[int]]:
    """The threads that each step of a question has run on."""
    threads: dict[str, set[int]] = {}
    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, _watched(getattr(owner, name), threads.setdefault(name, set())))
    return threads


@pytest.fixture
def client(tmp_path: Path, seen: dict[str, set[int]]) -> Iterator[TestClient[Litestar]]:
    index_text(tmp_path)
    library = library_of(tmp_path, WatchedEmbedder(seen), answers_kept=8)
    with TestClient(create_app(Settings(home=tmp_path), library), base_url="http://127.0.0.1") as running:
        yield running


def _watched(step: Any, threads: set[int]) -> Any:
    def run(*arguments: Any, **more: Any) -> Any:
        threads.add(threading.get_ident())
        return step(*arguments, **more)

    return run


def loop_thread(client: TestClient[Litestar]) -> int:
    """The thread of the service's event loop."""

    async def here() -> int:
        return threading.get_ident()

    assert client.blocking_portal is not None
    return client.blocking_portal.call(here)


def test_a_question_is_parsed_embedded_searched_for_judged_and_shown_beside_the_loop(
    client: TestClient[Litestar], seen: dict[str, set[int]]
) -> None:
    assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200

    assert [name for name in ("parse", "embed", "search", "conclude", "answer") if not seen[name]] == []
    assert [name for name, threads in seen.items() if loop_thread(client) in threads] == []


def test_what_was_found_before_is_shown_again_beside_the_loop(client: TestClient[Litestar], seen: dict[str, set[int]]) -> None:
    client.post("/v1/ask", json={"question": QUESTION})
    for threads in seen.values():
        threads.clear()

    assert client.post("/v1/ask", json={"question": QUESTION}).status_code == 200

    assert [name for name, threads in seen.items() if threads] == ["answer"]
    assert loop_thread(client) not in seen["answer"]
