"""An OpenAI-compatible embedding server on real HTTP: vectors of a HashEmbedder, and faults as a script says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fakes import HashEmbedder
from tests.scripted_server import on_loopback

Data = list[dict[str, Any]]
Fault = Callable[["VectorHandler", Data], bool]
"""Looks at what would be answered, may change it or answer itself; true where nothing more is to be sent."""


class VectorServer:
    """Where it listens, and what it was asked; ``faults`` are used up in order, None for none; ``embedded`` counts texts."""

    def __init__(self, seed: str = "", faults: list[Fault | None] | None = None, most_texts: int = 1000) -> None:
        self.embedder = HashEmbedder(seed=seed)
        self.faults = faults or []
        self.most_texts = most_texts
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = ""
        self.always: Fault | None = None
        self.lock = threading.Lock()

    @property
    def embedded(self) -> list[str]:
        return [text for body in self.bodies for text in body["input"]]


class VectorHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: VectorServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = self.script
        with script.lock:
            script.bodies.append(body)
            script.headers.append({name.lower(): value for name, value in self.headers.items()})
            script.paths.append(self.path)
            fault = script.faults.pop(0) if script.faults else script.always
        if len(body["input"]) > script.most_texts:
            self.say(413, {"error": {"message": f"batch size > {script.most_texts}"}})
            return
        rows = script.embedder.embed(body["input"], "passage").tolist()
        data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked may have given up
            if fault is None or not fault(self, data):
                self.say(200, {"object": "list", "data": data, "model": body["model"]})

    def say(self, status: int, told: Any, **headers: str) -> None:
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""


def status(code: int, message: str = "the script says so", **headers: str) -> Fault:
    def fault(handler: VectorHandler, _: Data) -> bool:
        handler.say(code, {"error": {"message": message}}, **headers)
        return True

    return fault


def cut_short(handler: VectorHandler, data: Data) -> bool:
    """Half of what was announced, and the connection is gone."""
    content = json.dumps({"data": data}).encode()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True
    return True


def cut_in_chunks(handler: VectorHandler, data: Data) -> bool:
    content = json.dumps({"data": data}).encode()[:50]
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
    handler.close_connection = True
    return True


def hang(handler: VectorHandler, _: Data) -> bool:
    time.sleep(1.5)
    handler.close_connection = True
    return True


def trickle(handler: VectorHandler, _: Data) -> bool:
    """A byte now and then, for as long as the other side takes them."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.close_connection = True
    try:
        for _each in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass
    return True


def drop(handler: VectorHandler, _: Data) -> bool:
    handler.close_connection = True
    return True


def reverse(_: VectorHandler, data: Data) -> bool:
    data.reverse()
    return False


@contextmanager
def vector_server(script: VectorServer | None = None) -> Iterator[VectorServer]:
    script = script or VectorServer()
    with on_loopback(type("Handler", (VectorHandler,), {"script": script})) as script.url:
        yield script
