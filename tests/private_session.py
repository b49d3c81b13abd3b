"""What a user does with Ibid in one session: each command in a process of its own, in a network of nobody but itself."""

import fcntl
import json
import re
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import httpx

IBID = Path(sys.executable).parent / "ibid"
QUESTION = "Which formula weighs words in the Okapi system?"

SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def bring_up_loopback() -> None:
    """A new network namespace has it, switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def ibid(*arguments: str) -> str:
    done = subprocess.run([IBID, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve() -> None:
    """Serves one question, one page and one tool of MCP."""
    command: list[str | Path] = [IBID, "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        told = re.search(r"http://\S+", process.stdout.readline())
        assert told
        try:
            with httpx.Client(base_url=told[0], timeout=120) as client:
                assert client.post("/v1/ask", json={"question": QUESTION}).json()["hits"]
                assert client.get("/", params={"q": QUESTION}).status_code == 200
                assert client.post("/v1/verify", json={"quote": "BM25 came out of the Okapi system"}).status_code == 200
                listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
                accept = {"accept": "application/json, text/event-stream"}
                assert client.post("/mcp", json=listing, headers=accept).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def session(other_model: str) -> None:
    bring_up_loopback()
    ibid("index", "--sample")
    hit = json.loads(ibid("ask", "--json", QUESTION))["hits"][0]
    place = hit["document"]
    answer = {"start": place["start"], "end": place["end"], "grade": 2}
    line = {"id": "q1", "question": QUESTION, "type": "lookup", "answers": [answer]}
    Path("questions.jsonl").write_text(json.dumps(line), encoding="utf-8")
    ibid("evaluate", "questions.jsonl", "--json")
    ibid("verify")
    serve()
    # Another model: sentence-transformers and torch instead of the exported network.
    Path("note.txt").write_text("The lamp burned whale oil until the gas works opened.\n", encoding="utf-8")
    ibid("index", "note.txt", "--home", "other", "--model", other_model)


if __name__ == "__main__":
    session(sys.argv[1])
