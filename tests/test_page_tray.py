"""Citing and keeping: citations on the clipboard, passages in the tray, the tray as files and as an address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reading_room import SIRENS, ask, needs_browser, reader

pytestmark = needs_browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with reader(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/")
        ask(page, SIRENS)
        yield page


@pytest.fixture
def tray(page: Page) -> Page:
    """The tray with two passages of one work."""
    page.locator(".card", has_text="Sirens replaced").get_by_role("button", name="Keep").click()
    page.locator(".card", has_text="fog bell").get_by_role("button", name="Keep").click()
    page.get_by_role("link", name="Tray (2)").click()
    expect(page.get_by_role("heading", name="Tray")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("Chicago (notes)", "Tobias Quill, Bells of the Coast"),
        ("Chicago (author-date)", "(Quill 1951, 98"),
        ("APA", "(Quill, 1951, p. 98"),
        ("MLA", "(Quill 98"),
        ("BibTeX", "@book{"),
        ("RIS", "TY  - BOOK"),
        ("CSL-JSON", '"family": "Quill"'),
    ],
)
def test_a_citation_is_copied_in_the_form_chosen(page: Page, form: str, written: str) -> None:
    card = page.locator(".card", has_text="Sirens replaced")
    card.get_by_role("button", name="Cite").click()

    card.get_by_role("button", name=form, exact=True).click()

    expect(page.get_by_role("status").last).to_have_text(f"Copied as {form}")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert written in copied
    expect(card.locator("output")).to_have_text(copied)


def test_what_is_kept_stays_kept(page: Page) -> None:
    keep = page.locator(".card", has_text="Sirens replaced").get_by_role("button", name="Keep")
    keep.click()
    expect(page.locator("#kept")).to_have_text(" (1)")

    page.reload()

    kept = page.locator(".card", has_text="Sirens replaced").get_by_role("button", name="Kept")
    expect(kept).to_have_attribute("aria-pressed", "true")
    kept.click()
    expect(page.locator("#kept")).to_have_text("")


def test_the_tray_shows_its_passages_and_their_bibliography(tray: Page) -> None:
    expect(tray.locator(".about").first).to_contain_text("2 passages of 1 work.")
    expect(tray.locator(".card")).to_have_count(2)
    expect(tray.locator(".bibliography p")).to_have_text("Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951.")


def test_the_style_of_the_tray_is_a_choice(tray: Page) -> None:
    tray.get_by_label("Style").fill("apa")
    tray.get_by_role("button", name="Show").click()

    expect(tray.locator(".bibliography p")).to_contain_text("Quill, T. (1951).")
    expect(tray.get_by_label("Style")).to_have_value("apa")


@pytest.mark.parametrize(
    ("form", "name", "written"),
    [
        ("Markdown", "ibid.md", "> Sirens replaced bells after the war."),
        ("Text", "ibid.txt", "Quill, Tobias. Bells of the Coast."),
        ("BibTeX", "ibid.bib", "@book{"),
        ("RIS", "ibid.ris", "TY  - BOOK"),
        ("CSL-JSON", "ibid.json", '"Bells of the Coast"'),
    ],
)
def test_the_tray_is_taken_away_as_a_file(tray: Page, form: str, name: str, written: str) -> None:
    with tray.expect_download() as taken:
        tray.get_by_role("button", name=form, exact=True).click()

    assert taken.value.suggested_filename == name
    assert written in Path(taken.value.path()).read_text(encoding="utf-8")


def test_a_passage_leaves_the_tray_on_its_own_page(tray: Page) -> None:
    tray.locator(".card", has_text="fog bell").get_by_role("button", name="Kept").click()

    expect(tray.locator(".card")).to_have_count(1)
    expect(tray.locator("#kept")).to_have_text(" (1)")
    tray.get_by_role("button", name="Empty the tray").click()
    expect(tray.locator("#empty")).to_be_visible()


def test_a_tray_that_is_sent_is_shown_and_can_be_taken_over(tray: Page, browser: Browser, address: str) -> None:
    with reader(browser, address) as other:
        other.goto(tray.url)
        expect(other.locator(".card")).to_have_count(2)
        expect(other.locator("#kept")).to_have_text("")

        other.get_by_role("button", name="Keep all of these").click()

        expect(other.locator("#kept")).to_have_text(" (2)")


def test_the_tray_without_an_address_is_the_readers_own(tray: Page) -> None:
    tray.goto("/tray")

    expect(tray.locator(".card")).to_have_count(2)
