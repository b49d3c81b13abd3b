"""An OpenAI-compatible server on real HTTP that does what its script says: streams, errors, hangs, drops, talks rubbish."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import msgspec

Behaviour = Literal[
    "stream", "status", "hang", "hang_midway", "drop", "html", "broken_json", "odd_json", "error_midway", "no_stream"
]


class Turn(msgspec.Struct):
    """One reply: what is said, and how."""

    text: str = ""
    behaviour: Behaviour = "stream"
    status: int = 500
    message: str = "the script says so"
    piece: int = 6
    pause: float = 0.0
    finish: str = "stop"


class ScriptedServer:
    """Where it listens, what it was asked, and how many calls were left before their end."""

    def __init__(self, *turns: Turn) -> None:
        self._turns = list(turns)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.abandoned = 0
        self.base_url = ""

    def next_turn(self) -> Turn:
        return self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]


@contextmanager
def on_loopback(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address, up to and with /v1, of a server of these requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def scripted_server(*turns: Turn) -> Iterator[ScriptedServer]:
    """Serves the turns in order, the last one again and again."""
    script = ScriptedServer(*turns)
    with on_loopback(_handler(script)) as script.base_url:
        yield script


def chunk(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice], **more}


def _handler(script: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            script.paths.append(self.path)
            script.headers.append({name.lower(): value for name, value in self.headers.items()})
            script.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            turn = script.next_turn()
            try:
                self._play(turn)
            except (BrokenPipeError, ConnectionResetError):
                script.abandoned += 1
                self.close_connection = True

        def _play(self, turn: Turn) -> None:
            match turn.behaviour:
                case "status":
                    body = {"error": {"message": turn.message, "type": "scripted", "code": None}}
                    self._whole(turn.status, "application/json", json.dumps(body))
                case "hang":
                    time.sleep(2)
                case "html":
                    self._whole(200, "text/html", "<html><body>It works!</body></html>")
                case "no_stream":
                    self._whole(200, "application/json", json.dumps({"choices": [{"message": {"content": turn.text}}]}))
                case _:
                    self._stream(turn)

        def _stream(self, turn: Turn) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            pieces = [turn.text[start : start + turn.piece] for start in range(0, len(turn.text), turn.piece)]
            for number, piece in enumerate(pieces):
                if number == len(pieces) // 2 and turn.behaviour != "stream" and self._breaks(turn):
                    return
                self._event(json.dumps(chunk(piece)))
                time.sleep(turn.pause)
            self._event(json.dumps(chunk("", turn.finish)))
            usage = {"prompt_tokens": 11, "completion_tokens": len(pieces), "total_tokens": 11 + len(pieces)}
            self._event(json.dumps({**chunk("", usage=usage), "choices": []}))
            self._event("[DONE]")
            self._chunk(b"")

        def _breaks(self, turn: Turn) -> bool:
            match turn.behaviour:
                case "drop":
                    self.close_connection = True
                    self.connection.close()
                case "hang_midway":
                    time.sleep(2)
                    return False
                case "broken_json":
                    self._event('{"choices": [')
                case "odd_json":
                    self._event('{"choices": [{"delta": 5, "finish_reason": 7}]}')
                    self._event('["choices"]')
                case "error_midway":
                    self._event(json.dumps({"error": {"message": turn.message, "type": "server_error"}}))
            return True

        def _event(self, data: str) -> None:
            self._chunk(f"data: {data}\n\n".encode())

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def _whole(self, status: int, kind: str, text: str) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    return Handler
