"""The page in a real browser: a collection written for it, Chromium, and what a reader does again and again."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed; `make test` installs it")

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.shelf import TEXT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}

expect.set_options(timeout=30_000)  # as long as any other step may take

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")

LONG = " ".join(f"On night {number} the keeper wrote that nothing had been seen from the gallery." for number in range(1, 81))
ROOM = f"""{TEXT}
NIGHT BOOKS

{LONG} A walrus climbed the seaward stair and slept before the door. {LONG}

Okafor, Ada. The Night Books. Leeds: Gannet House, 1962, p. 5
"""
"""The shelf of the other tests, with a fog bell whose inscription is hostile, and one excerpt too long for a card."""

SIRENS = "How far out at sea were the sirens heard?"
WALRUS = "Which animal climbed the seaward stair and slept before the door, a walrus?"
NOTHING = "zebra"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that asks nothing of anybody by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def reader(browser: Browser, address: str, *, silent: bool = False, **context: Any) -> Iterator[Page]:
    """A page at an address; nothing may be said on its console but, unless ``silent``, of errors that the service tells."""
    options = {"base_url": address, "viewport": DESK, "reduced_motion": "reduce", **context}
    opened = browser.new_context(**options)
    opened.set_default_timeout(30_000)  # only a failure takes so long, or a busy machine
    page = opened.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    opened.close()
    unexpected = [each for each in complaints if silent or not each.startswith("Failed to load resource")]
    assert unexpected == [], unexpected


def ask(page: Page, question: str) -> None:
    """Types a question, and waits for what was found."""
    turns = page.locator(".turn").count()
    page.locator("#q").fill(question)
    page.locator("#q").press("Enter")
    expect(page.locator(f"#turn-{turns + 1} .status").first).to_be_visible()


def shown(page: Page) -> str:
    """What the thread shows, without what differs from one moment to the next."""
    return re.sub(r"\s+", " ", page.locator("#thread").inner_text())
