"""Nothing holds up the event loop of a service that many clients ask at once."""

import asyncio
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from litestar import Litestar

from index.embedders import TextKind, Vectors
from rag.retrieve import Retriever
from service.app import create_app
from service.presenters import Presenter
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.shelf import index_text, library_of

CLIENTS = 8
SLOW = 0.5
"""Seconds that each batch, each search and each showing takes here: on the loop, any of them would be seen."""

LATEST = 0.35
"""Seconds that the loop may be late: what a busy machine takes for itself is less."""


class SlowEmbedder(HashEmbedder):
    """Takes as long as a large model."""

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        time.sleep(SLOW)
        return super().embed(texts, kind)


@pytest.fixture
def slow_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searching and showing what was found take long, too."""
    for owner, name in ((Retriever, "find"), (Presenter, "answer")):
        monkeypatch.setattr(owner, name, _slowly(getattr(owner, name)))


@pytest.mark.usefixtures("slow_stages")
def test_the_loop_stays_free_while_many_questions_are_embedded_searched_for_and_shown(tmp_path: Path) -> None:
    index_text(tmp_path)
    app = create_app(Settings(home=tmp_path, answers_kept=0), library_of(tmp_path, SlowEmbedder()))

    assert asyncio.run(_lag_under_load(app, range(CLIENTS))) < LATEST


@pytest.mark.usefixtures("slow_stages")
def test_the_loop_stays_free_while_what_was_found_before_is_shown_again(tmp_path: Path) -> None:
    index_text(tmp_path)
    app = create_app(Settings(home=tmp_path), library_of(tmp_path, answers_kept=CLIENTS))

    assert asyncio.run(_lag_under_load(app, [0] * CLIENTS)) < LATEST


async def _lag_under_load(app: Litestar, questions: Sequence[int]) -> float:
    """How late the loop was at most while each client asked one of the questions, in seconds; question 0 was asked before."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    with ThreadPoolExecutor(CLIENTS) as clients:
        in_thread = partial(asyncio.get_running_loop().run_in_executor, clients)
        ask = partial(_ask, listening.getsockname()[1])
        await in_thread(ask, 0)  # opening the index is not measured
        asking = asyncio.gather(*(in_thread(ask, number) for number in questions))
        lag = await _latest_beat(asking)
        assert await asking == [200] * CLIENTS
    server.should_exit = True
    await serving
    return lag


async def _latest_beat(until: "asyncio.Future[Any]") -> float:
    latest = 0.0
    while not until.done():
        due = time.perf_counter() + 0.005
        await asyncio.sleep(0.005)
        latest = max(latest, time.perf_counter() - due)
    return latest


def _ask(port: int, number: int) -> int:
    body = {"question": f"Who rang the fog bell by hand, {number}?"}
    return httpx.post(f"http://127.0.0.1:{port}/v1/ask", json=body, timeout=30).status_code


def _slowly(stage: Any) -> Any:
    def run(*arguments: Any) -> Any:
        time.sleep(SLOW)
        return stage(*arguments)

    return run
