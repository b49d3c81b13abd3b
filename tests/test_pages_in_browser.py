"""The pages in a real browser with JavaScript switched off: what a reader sees and does."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reading_room import PHONE, needs_browser, reader

pytestmark = needs_browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with reader(browser, address, java_script_enabled=False, viewport=PHONE) as page:
        page.goto("/")
        yield page


def test_a_reader_asks_and_reads_on(page: Page) -> None:
    page.get_by_label("Ask the collection").fill("sirens replaced bells after the war")
    page.get_by_role("button", name="Ask").press("Enter")
    page.get_by_role("link", name="Passage and its place").first.click()

    expect(page.get_by_text("hated by everyone ashore").first).to_be_visible()
    page.get_by_role("link", name="all passages quoted from it").click()
    expect(page.get_by_role("heading", name="Bells of the Coast")).to_be_visible()


def test_a_filter_of_the_form_stays_in_the_address(page: Page) -> None:
    page.get_by_text("Narrow").click()
    page.get_by_label("Author").fill("quill")
    page.get_by_label("Ask the collection").fill("bells")
    page.get_by_label("Ask the collection").press("Enter")

    assert "author=quill" in page.url
    expect(page.get_by_role("list", name="Filters")).to_contain_text("author: quill")


def test_what_needs_javascript_is_not_offered_without_it(page: Page) -> None:
    expect(page.get_by_role("link", name="Tray")).to_have_count(0)
    expect(page.get_by_role("group", name="Theme")).to_have_count(0)
    page.goto("/?q=bells")
    expect(page.get_by_role("button", name="Keep")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/?q=fog+bell", "/sources", "/verify?quote=fog", "/tray", "/schema", "/nowhere"])
def test_a_page_asks_nothing_of_others(page: Page, address: str, path: str) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))

    page.goto(path)

    assert {url for url in asked if not url.startswith(address)} == set()
