"""Shows hostile answers in a browser, on a page of react-markdown and remark-gfm: which requests leave this machine?

``python -m benchmarks.answers_in_browser --answers 500 --seed 1`` (after ``make readers``; needs Chromium). The first of them
are shown unchecked afterwards: that they send requests says that these are counted.
"""

import argparse
import json
import random
import shutil
import subprocess
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.answer_output import INSTALLED, READERS, hostile_answer
from tests.quotable import checked, passages

_PAGE = (
    '<!doctype html><meta charset="utf-8"><title></title><div id="answers"></div><script type="module" src="page.js"></script>'
)
_CONTROLS = 500
"""So many are shown unchecked; of many more one has words at which the page itself fails."""

_HERE = frozenset({"127.0.0.1", "localhost"})
ACTING = (
    "![x](http://evil.example/a.png) [1]",
    "![x][y]\n\n[y]: http://evil.example/b.png",
    "| ![x](http://evil.example/c.png) |\n|---|",
    "> ![x](http://evil.example/d.png)",
    "- ![x](<http://evil.example/e f.png>)",
    "[![x](http://evil.example/g.png)](http://evil.example)",
)
"""Answers that fetch something where they are shown as they were written."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class calls it so
        """Says nothing."""


def requests_beyond(folder: Path, address: str, texts: list[str], chromium: str) -> tuple[int, list[str]]:
    """How many texts the page showed, and the addresses beyond this machine that it asked for."""
    from playwright.sync_api import sync_playwright

    (folder / "answers.json").write_text(json.dumps(texts), encoding="utf-8")
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.wait_for_function("document.title === 'shown'", timeout=120_000)
        page.wait_for_timeout(1000)
        shown = page.locator("section").count()
        browser.close()
    return shown, [url for url in asked if urlsplit(url).hostname not in _HERE and not url.startswith("data:")]


def main() -> None:
    """Prints the requests of checked answers, and of the same unchecked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    chance, given = random.Random(options.seed), passages()  # noqa: S311 — no secret
    typed = [*ACTING, *(hostile_answer(chance) for _ in range(options.answers - len(ACTING)))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(READERS / "page.mjs", INSTALLED / "page.mjs")
        bundler = INSTALLED / "node_modules" / ".bin" / "esbuild"
        bundling = ("--bundle", "--format=esm", "--log-level=error", '--define:process.env.NODE_ENV="production"')
        subprocess.run([bundler, INSTALLED / "page.mjs", f"--outfile={folder / 'page.js'}", *bundling], check=True)
        (folder / "index.html").write_text(_PAGE, encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=name))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/index.html"
        for kind, texts in (("checked", [checked(text, given).text for text in typed]), ("unchecked", typed[:_CONTROLS])):
            shown, beyond = requests_beyond(folder, address, texts, chromium)
            told = f"{len(beyond)} requests beyond this machine {sorted(set(beyond))[:3]}"
            print(f"{shown} {kind} answers, seed {options.seed}: {told}")
        server.shutdown()


if __name__ == "__main__":
    main()
