"""Shows hostile answers in Open WebUI, driven in Chromium: which requests leave this machine?

``python -m benchmarks.open_webui OPEN_WEBUI --answers 400 --seed 1``; OPEN_WEBUI is its command, in an environment of its own.
A scripted language model says the answers, Ibid checks them, and Open WebUI asks Ibid: some are asked for in its page, the
others put into chats through its own API. The first are shown unchecked afterwards: that they send requests says that these
are counted.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.answers_in_browser import ACTING
from index.build import build_index
from index.records import SourceFile
from tests.answer_output import hostile_answer
from tests.fakes import HashEmbedder
from tests.quotable import CITATIONS, passages
from tests.running import running, scripted_backend
from tests.scripted_server import ScriptedServer, Turn, scripted_server

_QUESTION = "What did the council do about the canal, the pilots in the harbour, the engineers with the railway?"
_MODEL = "ibid/scripted"
_A_CHAT = 4
"""So many answers stand in one chat: so many are drawn before one scrolls."""

_CONTROLS = 40
"""So many are shown unchecked."""

_HERE = frozenset({"127.0.0.1", "localhost"})
_REMOTE = frozenset({"http", "https", "ws", "wss"})
_START_SECONDS = 600


def _home(folder: Path) -> Path:
    """The index of the passages that the hostile answers misquote."""
    lines = [json.dumps({"text": each.text, "citation": raw}) for each, raw in zip(passages(), CITATIONS, strict=True)]
    build_index(folder, [SourceFile("passages.jsonl", "\n".join(lines).encode())], HashEmbedder())
    return folder


@contextmanager
def open_webui(command: Path, folder: Path, ibid: str) -> Iterator[str]:
    """The address of an Open WebUI for one user that asks Ibid; docs/front-ends.md explains its settings."""
    port = 18000 + os.getpid() % 2000
    switches = {"WEBUI_AUTH": "False", "ENABLE_OLLAMA_API": "false", "OFFLINE_MODE": "true", "HF_HUB_OFFLINE": "1"}
    silent = {"ORT_DISABLE_TELEMETRY": "1", "ANONYMIZED_TELEMETRY": "false", "DO_NOT_TRACK": "1", "SCARF_NO_ANALYTICS": "true"}
    retrieval = {"RAG_EMBEDDING_ENGINE": "openai", "BYPASS_EMBEDDING_AND_RETRIEVAL": "true"}
    place = {"DATA_DIR": str(folder), "OPENAI_API_BASE_URL": f"{ibid}/v1", "OPENAI_API_KEY": "none", "WEBUI_SECRET_KEY": "secret"}
    environment = {**os.environ, **switches, **silent, **retrieval, **place}
    with (folder / "log.txt").open("wb") as log:
        serve = [str(command), "serve", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(serve, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/health", process, folder / "log.txt")
            yield address
        finally:
            process.terminate()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(1)
    raise SystemExit(f"Open WebUI did not start:\n{log.read_text(errors='replace')[-2000:]}")


def answers_of(ibid: str, count: int) -> list[str]:
    """What Ibid sends to a chat window for so many questions."""
    body = {"model": _MODEL, "messages": [{"role": "user", "content": _QUESTION}]}
    with httpx.Client(base_url=ibid, timeout=60) as client:
        replies = [client.post("/v1/chat/completions", json=body).raise_for_status().json() for _ in range(count)]
    return [reply["choices"][0]["message"]["content"] for reply in replies]


def _chat(texts: Sequence[str]) -> dict[str, Any]:
    """A chat as Open WebUI keeps it: messages in a tree."""
    messages: list[dict[str, Any]] = []
    for text in texts:
        for role, content in (("user", "A question"), ("assistant", text.encode("utf-8", "replace").decode())):
            parent = messages[-1]["id"] if messages else None
            message: dict[str, Any] = {
                "id": str(uuid.uuid4()),
                "parentId": parent,
                "childrenIds": [],
                "role": role,
                "content": content,
            }
            more = {"models": [_MODEL]} if role == "user" else {"model": _MODEL, "modelName": _MODEL, "modelIdx": 0, "done": True}
            if messages:
                messages[-1]["childrenIds"].append(message["id"])
            messages.append({**message, **more, "timestamp": int(time.time())})
    history = {"messages": {message["id"]: message for message in messages}, "currentId": messages[-1]["id"]}
    return {"title": "Answers", "models": [_MODEL], "messages": messages, "history": history, "params": {}}


class Window:
    """Open WebUI in Chromium, and every address that it asked for."""

    def __init__(self, context: Any, address: str, pictures: Path | None) -> None:
        self._address, self._pictures = address, pictures
        nobody = {"email": "", "password": ""}
        signed_in = httpx.post(f"{address}/api/v1/auths/signin", json=nobody, timeout=60)
        self._token = signed_in.raise_for_status().json()["token"]
        # Else a window with what is new lies over its page.
        silent = {"ui": {"showChangelog": False, "version": httpx.get(f"{address}/api/version", timeout=60).json()["version"]}}
        told = httpx.post(f"{address}/api/v1/users/user/settings/update", json=silent, headers=self._header, timeout=60)
        told.raise_for_status()
        self._page = context.new_page()
        self._asked: list[str] = []
        self._page.on("request", lambda request: self._asked.append(request.url))
        self._page.goto(address)
        self._page.evaluate("token => localStorage.setItem('token', token)", self._token)

    def show(self, texts: Sequence[str], name: str) -> int:
        """Opens chats that hold these answers; returns how many answers were drawn."""
        drawn = 0
        for first in range(0, len(texts), _A_CHAT):
            some = texts[first : first + _A_CHAT]
            kept = httpx.post(f"{self._address}/api/v1/chats/new", json={"chat": _chat(some)}, headers=self._header, timeout=60)
            self._page.goto(f"{self._address}/c/{kept.raise_for_status().json()['id']}")
            drawn += self._drawn(len(some))
            if self._pictures and not first:
                self._page.screenshot(path=self._pictures / f"{name}.png")
        return drawn

    def ask(self, count: int) -> int:
        """Types so many questions, each in a new chat; returns how many were answered."""
        answered = 0
        for number in range(count):
            self._page.goto(f"{self._address}/?models={_MODEL}")
            box = self._page.locator("#chat-input")
            box.wait_for(timeout=60_000)
            box.click()
            self._page.keyboard.type(_QUESTION)
            self._page.keyboard.press("Enter")
            self._page.locator("button[aria-label='Copy'], .copy-response-button").first.wait_for(timeout=60_000)
            answered += self._drawn(1)
            if self._pictures and not number:
                self._page.screenshot(path=self._pictures / "typed.png")
        return answered

    def beyond(self) -> list[str]:
        """Addresses beyond this machine that were asked for since the last call."""
        asked = [(url, urlsplit(url)) for url in self._asked]
        self._asked.clear()
        return [url for url, parts in asked if parts.scheme in _REMOTE and parts.hostname not in _HERE]

    @property
    def _header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _drawn(self, count: int) -> int:
        """Waits until so many answers are drawn, and for what they may fetch."""
        answers = self._page.locator(".chat-assistant")
        answers.nth(count - 1).wait_for(timeout=60_000)
        self._page.wait_for_timeout(500)
        return int(answers.count())


def _tell(kind: str, drawn: int, beyond: Sequence[str], seed: int) -> None:
    told = f"{len(beyond)} requests beyond this machine {sorted(set(beyond))[:3]}"
    print(f"{drawn} {kind} answers, seed {seed}: {told}", flush=True)


def _show_all(window: Window, texts: Sequence[str], ibid: str, options: argparse.Namespace) -> None:
    _tell("typed-in", window.ask(options.typed), window.beyond(), options.seed)
    _tell("checked", window.show(answers_of(ibid, len(texts) - options.typed), "checked"), window.beyond(), options.seed)
    _tell("unchecked", window.show(texts[:_CONTROLS], "unchecked"), window.beyond(), options.seed)


def _script(texts: Sequence[str]) -> Iterator[Turn]:
    return (Turn(text, piece=40) for text in texts)


def main() -> None:
    """Prints the requests of checked answers, and of the same unchecked."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("open_webui", type=Path, help="the command open-webui")
    parser.add_argument("--answers", type=int, default=400)
    parser.add_argument("--typed", type=int, default=5, help="how many of them are asked for in the page itself")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 — no secret
    texts = [*ACTING, *(hostile_answer(chance) for _ in range(options.answers - len(ACTING)))]
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script: ScriptedServer = stack.enter_context(scripted_server(*_script(texts)))
        ibid = stack.enter_context(running(_home(folder / "home"), scripted_backend(script)))
        (folder / "webui").mkdir()
        address = stack.enter_context(open_webui(options.open_webui.absolute(), folder / "webui", ibid))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _show_all(Window(browser.new_context(), address, options.pictures), texts, ibid, options)
        browser.close()


if __name__ == "__main__":
    main()
