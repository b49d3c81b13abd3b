"""The pages in a real browser, with JavaScript switched off: what a reader sees and does."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from service.app import create_app
from service.settings import Settings
from tests.shelf import index_text, library_of

CHROMIUM = shutil.which("chromium")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("home")
    index_text(home)
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(home=home), library_of(home)), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser had to say on its console, such as a broken content security policy."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, base_url=address, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    yield page
    context.close()


def test_a_reader_asks_and_reads_on(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    page.get_by_label("Ask the collection").fill("sirens replaced bells after the war")
    page.get_by_role("button", name="Ask").press("Enter")
    page.locator("summary", has_text="nearest").or_(page.locator(".hit").first).first.click()
    page.get_by_role("link", name="Passage, its place and its citation").first.click()

    assert page.get_by_text("hated by everyone ashore").first.is_visible()
    page.get_by_role("link", name="all passages quoted from it").click()
    assert page.get_by_role("heading", name="Bells of the Coast").is_visible()
    assert complaints == []


def test_a_filter_of_the_form_stays_in_the_address(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Narrow it down").click()
    page.get_by_label("Author").fill("quill")
    page.get_by_label("Ask the collection").fill("bells")
    page.get_by_label("Ask the collection").press("Enter")

    assert "author=quill" in page.url
    assert page.get_by_label("Author").input_value() == "quill"


@pytest.mark.parametrize("path", ["/", "/?q=fog+bell", "/sources", "/schema", "/nowhere"])
def test_a_page_fits_a_phone_and_asks_nothing_of_others(page: Page, address: str, complaints: list[str], path: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert [url for url in asked if not url.startswith(address)] == []
    assert [each for each in complaints if "404" not in each] == []
