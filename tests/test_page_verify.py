"""Checking a quotation in the browser: the verdict, the words that differ, and whether it stands where it was cited."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reading_room import needs_browser, reader

pytestmark = needs_browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with reader(browser, address, java_script_enabled=request.param) as page:
        page.goto("/verify")
        yield page


def check(page: Page, quote: str, citation: str = "") -> None:
    page.get_by_label("The words, as they were quoted").fill(quote)
    page.get_by_label("And how they were cited").fill(citation)
    page.get_by_role("button", name="Check").click()


def test_an_exact_quotation_is_shown_where_it_stands(page: Page) -> None:
    check(page, "heard four miles out at sea")

    expect(page.get_by_role("heading", name="These very words stand in the collection.")).to_be_visible()
    expect(page.locator(".card mark")).to_have_text("heard four miles out at sea")
    expect(page.locator(".card .citation")).to_contain_text("Bells of the Coast")


def test_the_words_that_differ_are_marked(page: Page) -> None:
    check(page, "Sirens never replaced bells after the war. They were heard four miles out at sea and loved by everyone ashore.")

    expect(page.get_by_role("heading", name="Not word for word: the nearest passage says it otherwise.")).to_be_visible()
    expect(page.locator(".diff del")).to_contain_text(["never", "loved"])
    expect(page.locator(".diff ins")).to_contain_text(["hated"])


def test_where_it_was_cited_is_a_question_of_its_own(page: Page) -> None:
    check(page, "heard four miles out at sea", "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1950, p. 98")

    expect(page.get_by_role("heading", name="These very words stand in the collection.")).to_be_visible()
    expect(page.get_by_role("heading", name="It does not stand where the citation says.")).to_be_visible()
    expect(page.locator("tr.differs")).to_contain_text("1950")
    expect(page.locator("tr.agrees", has_text="page")).to_contain_text("98")


def test_words_that_stand_nowhere_are_said_to(page: Page) -> None:
    check(page, "Penguins invented the telephone exchange in Antarctica")

    expect(page.get_by_role("heading", name="Nothing like it stands in this collection.")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)


def test_a_verdict_can_be_linked_and_reloaded(page: Page) -> None:
    check(page, "heard four miles out at sea")

    page.goto(page.url)

    expect(page.get_by_label("The words, as they were quoted")).to_have_value("heard four miles out at sea")
    expect(page.locator(".card mark")).to_be_visible()


def test_a_hostile_quotation_is_text(page: Page) -> None:
    check(page, "<img src=x onerror=alert(1)>", "<b>Quill</b>")

    expect(page.get_by_label("The words, as they were quoted")).to_have_value("<img src=x onerror=alert(1)>")
    assert page.locator("main img, main b").count() == 0
