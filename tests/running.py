"""The service on real HTTP in this process, for clients that speak nothing else."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from index.embedders import Embedder
from service.app import create_app
from service.library import Library
from service.llm import open_backends
from service.observability import OFF, Observability
from service.server_tables import Backend
from service.settings import Settings
from tests.scripted_server import ScriptedServer
from tests.shelf import library_of

QUESTION = "Who rang the fog bell by hand?"


def scripted_backend(script: ScriptedServer, **more: Any) -> dict[str, Backend]:
    """A backend ``scripted`` that does what the script says, once."""
    return {"scripted": Backend(model="scripted-1", base_url=script.base_url, retries=0, **more)}


@contextmanager
def running(
    home: Path,
    backends: dict[str, Backend] | None = None,
    embedder: Embedder | None = None,
    *,
    library: Library | None = None,
    others: Mapping[str, Library] | None = None,
    observability: Observability = OFF,
    **settings: Any,
) -> Iterator[str]:
    """The address of a service over the index in ``home``."""
    backends = backends or {}
    told = Settings(home=home, backends=backends, **settings)
    library = library or library_of(home, embedder, processor_seconds=told.processor_seconds)
    app = create_app(told, library, open_backends(backends), others, observability)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def until(condition: Any, seconds: float = 5.0) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())
