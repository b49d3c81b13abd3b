"""The page for everyone: keyboard alone, screen readers, light and dark, phone and desk, and quickly."""

import gzip
import importlib.util
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.reading_room import DESK, NOTHING, PHONE, SIRENS, WALRUS, ask, needs_browser, reader
from tests.running import running, scripted_backend
from tests.scripted_server import Turn, scripted_server

pytestmark = needs_browser

AXE = importlib.util.find_spec("axe_playwright_python")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EXAMINED = {"exclude": [".reference section:nth-of-type(n + 4)"]}
"""The reference repeats itself a hundred times, which would take half a minute."""

LARGEST_PAGE = 150_000
SLOWEST_PAINT = 0.1


@pytest.fixture(scope="module")
def address(room: Path) -> Iterator[str]:
    answer = (
        "Quill says “the fog bell was rung by hand” [1]. It “never rang” [1].\n\n> Sirens replaced bells after the war. [2]\n"
    )
    with scripted_server(Turn(answer)) as script, running(room, scripted_backend(script)) as address:
        yield address


def _asked(page: Page) -> None:
    page.goto("/")
    ask(page, SIRENS)


def _threaded(page: Page) -> None:
    page.goto("/?q=What+of+the+bells%3F&author=Tobias+Quill")
    ask(page, WALRUS)
    card = page.locator("#turn-1 .card").first
    card.get_by_role("button", name="Keep").click()
    card.get_by_role("button", name="Cite").click()
    card.get_by_role("button", name="APA").click()
    card.get_by_role("button", name="Before and after").click()
    page.locator("summary", has_text="Narrow").click()
    expect(card.locator(".around")).to_be_visible()


def _answered(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Answer with").select_option("scripted")
    ask(page, "Who rang the fog bell by hand?")
    page.locator(".answer summary").click()


def _nothing(page: Page) -> None:
    page.goto("/")
    ask(page, NOTHING)
    page.get_by_text("Show the nearest passages").click()


def _tray(page: Page) -> None:
    _asked(page)
    page.locator(".card").first.get_by_role("button", name="Keep").click()
    page.get_by_role("link", name="Tray (1)").click()


def _passage(page: Page) -> None:
    _asked(page)
    page.get_by_role("link", name="Passage and its place").first.click()


def _at(path: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)

    return go


def _collection(page: Page) -> None:
    page.goto("/sources")
    page.get_by_text("Passages by year, as a table").click()


STATES: dict[str, Callable[[Page], None]] = {
    "front": _at("/"),
    "asked": _asked,
    "threaded": _threaded,
    "answered": _answered,
    "nothing": _nothing,
    "tray": _tray,
    "empty tray": _at("/tray"),
    "collection": _collection,
    "part of the collection": _at("/sources?heading=FOG+SIGNALS"),
    "passage": _passage,
    "quotation": _at("/verify?quote=Sirens+never+replaced+bells+after+the+war&citation=Quill+1950"),
    "no such page": _at("/nowhere"),
    "reference": _at("/schema"),
}


@pytest.mark.skipif(AXE is None, reason="axe-playwright-python is not installed; `make test` installs it")
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_to_complain_of(browser: Browser, address: str, state: str) -> None:
    assert AXE is not None
    assert AXE.origin is not None
    with reader(browser, address) as page:
        STATES[state](page)
        page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
        for width, scheme in ((390, "light"), (1280, "dark"), (1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 860})
            page.evaluate("scrollTo(0, document.body.scrollHeight)")  # a button half below the form would count as small
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals

            found = page.evaluate("([all, tags]) => axe.run(all, {runOnly: tags})", [EXAMINED, TAGS])

            assert [_told(each) for each in found["violations"]] == []


@pytest.mark.parametrize("state", STATES)
def test_a_page_fits_a_phone_and_a_wide_screen(browser: Browser, address: str, state: str) -> None:
    with reader(browser, address) as page:
        STATES[state](page)
        for width in (2200, 1280, 768, 390, 320):
            page.set_viewport_size({"width": width, "height": 800})

            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_can_be_done_by_keyboard_alone(browser: Browser, address: str) -> None:
    with reader(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/")
        page.keyboard.type(SIRENS)
        page.keyboard.press("Enter")
        expect(page.locator(".card").first).to_be_visible()

        _reach(page, "Keep")
        page.keyboard.press("Enter")
        expect(page.locator("#kept")).to_have_text(" (1)")
        _reach(page, "Cite")
        page.keyboard.press("Enter")
        _reach(page, "APA")
        page.keyboard.press("Space")
        expect(page.get_by_role("status").last).to_have_text("Copied as APA")
        _reach(page, "Before and after")
        page.keyboard.press("Enter")
        expect(page.locator(".around").first).to_be_visible()
        _reach(page, "Narrow it down")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Author")).to_be_visible()
        _reach(page, "Tray (1)")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Tray")).to_be_visible()
        _reach(page, "Kept")
        page.keyboard.press("Enter")
        expect(page.locator("#empty")).to_be_visible()


def test_what_has_the_focus_is_never_hidden_below_the_form(browser: Browser, address: str) -> None:
    with reader(browser, address, viewport=PHONE) as page:
        _asked(page)
        form = page.locator(".composer")
        for _ in range(30):
            page.keyboard.press("Shift+Tab")
            covered = page.evaluate(
                "() => { const at = document.activeElement.getBoundingClientRect();"
                "const form = document.querySelector('.composer').getBoundingClientRect();"
                "return !document.activeElement.closest('.composer') && at.top >= form.top && at.top < form.bottom }"
            )
            assert not covered
        expect(form).to_be_visible()


def test_screen_readers_hear_what_was_found(browser: Browser, address: str) -> None:
    with reader(browser, address) as page:
        _asked(page)
        said = page.locator("#said")

        expect(said).to_have_attribute("aria-live", "polite")
        expect(said).to_contain_text(re.compile(r"^\d passages?\. Best: .*Bells of the Coast"))
        page.goto("/")
        ask(page, NOTHING)
        expect(said).to_contain_text("Nothing in this collection answers that.")
        _answered(page)
        expect(page.get_by_role("log", name="Answer by scripted")).to_contain_text("The fog bell was rung by hand” proved")
        expect(said).to_contain_text("Answer by scripted complete.")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("state", ["asked", "answered", "nothing"])
def test_nothing_shifts_when_results_arrive(browser: Browser, address: str, state: str, viewport: Any) -> None:
    with reader(browser, address, viewport=viewport) as page:
        page.add_init_script(
            "window.shifts = []; new PerformanceObserver(list => window.shifts.push(...list.getEntries()"
            ".filter(each => !each.hadRecentInput).map(each => each.value))).observe({type: 'layout-shift', buffered: true})"
        )
        page.route("**/v1/ask", _late)
        STATES[state](page)
        page.wait_for_timeout(300)

        assert sum(page.evaluate("window.shifts")) < 0.01
        page.reload()
        page.wait_for_timeout(300)
        assert sum(page.evaluate("window.shifts")) < 0.01


def test_a_page_asks_nothing_of_others_and_is_light(browser: Browser, address: str) -> None:
    with reader(browser, address) as page:
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(request.url))
        _asked(page)
        page.reload()
        page.wait_for_load_state("networkidle")

    assert {url for url in asked if not url.startswith(address)} == set()
    bodies = [httpx.get(url).content for url in asked - {f"{address}/v1/ask"}]
    assert len(bodies) > 10
    assert sum(map(len, bodies)) < LARGEST_PAGE
    assert sum(len(gzip.compress(body)) for body in bodies) < LARGEST_PAGE / 3


@pytest.mark.parametrize("path", ["/", f"/?q={SIRENS}", "/sources", "/verify"])
def test_the_server_answers_before_a_reader_notices(address: str, path: str) -> None:
    with httpx.Client(base_url=address) as client:
        client.get(path)

        times = sorted(_seconds(client, path) for _ in range(5))

        assert times[0] < SLOWEST_PAINT


def test_without_javascript_the_thread_goes_on(browser: Browser, address: str) -> None:
    with reader(browser, address, java_script_enabled=False, viewport=PHONE) as page:
        page.goto("/")
        page.get_by_label("Ask the collection").fill("Who rang the fog bell by hand?")
        page.get_by_label("Ask the collection").press("Enter")
        page.get_by_label("Ask on").fill("And when was it replaced?")
        page.get_by_label("Ask on").press("Enter")

        expect(page.locator(".turn")).to_have_count(2)
        expect(page.locator("#turn-2 .understood")).to_contain_text("fog")
        expect(page.get_by_label("Answer with")).to_be_hidden()


def _late(route: Route) -> None:
    """Past the half second after a key press in which a shift would be excused."""
    time.sleep(0.7)
    route.continue_()


def _reach(page: Page, name: str) -> None:
    """Presses Tab until an element of this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()").startswith(name):
            return
    pytest.fail(f"{name} cannot be reached by Tab")


def _seconds(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - started


def _told(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {[node['html'][:120] for node in violation['nodes'][:3]]}"
