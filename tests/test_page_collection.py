"""The collection at a glance: by year, author and heading, each of which narrows it, down to a question within a part."""

import pytest
from playwright.sync_api import Page, expect

from tests.reading_room import needs_browser

pytestmark = needs_browser


@pytest.fixture
def page(page: Page) -> Page:
    page.goto("/sources")
    return page


def test_a_bar_of_the_chart_narrows_to_its_year(page: Page) -> None:
    bar = page.locator(".chart a", has=page.locator("title", has_text="1951"))

    bar.click()

    assert page.url.endswith("/sources?year=1951")
    expect(page.locator(".works").first.locator("li")).to_have_count(1)
    expect(page.locator(".works").first).to_contain_text("Bells of the Coast")


def test_the_chart_is_a_table_for_those_who_do_not_see_it(page: Page) -> None:
    page.get_by_text("Passages by year, as a table").click()

    rows = page.locator(".years tbody tr").all_inner_texts()

    assert [row.split() for row in rows] == [["1936", "2"], ["1951", "2"], ["1962", "1"]]
    expect(page.locator(".chart")).to_have_attribute("aria-hidden", "true")


def test_authors_and_headings_narrow_and_can_be_taken_back(page: Page) -> None:
    page.get_by_role("link", name="Edith Marsh").click()
    expect(page.get_by_role("list", name="Filters")).to_contain_text("author: Edith Marsh")
    expect(page.locator(".counts", has_text="LAMPS AND KEEPERS")).to_contain_text("LAMPS AND KEEPERS 2")

    page.get_by_role("link", name="LAMPS AND KEEPERS").first.click()
    page.get_by_role("link", name="Remove the filter author: Edith Marsh").click()

    assert page.url.endswith("/sources?heading=LAMPS+AND+KEEPERS")


def test_a_question_is_asked_within_a_part(page: Page) -> None:
    page.get_by_role("link", name="FOG SIGNALS").click()
    page.get_by_label("Ask within this part").fill("What replaced the bells?")
    page.get_by_label("Ask within this part").press("Enter")

    expect(page.locator(".card").first).to_contain_text("Sirens replaced bells")
    assert "heading=FOG+SIGNALS" in page.url


def test_a_thread_is_carried_through_the_collection_and_back(page: Page) -> None:
    page.goto("/?q=What+of+the+bells%3F")
    page.locator("summary", has_text="Narrow").click()
    page.get_by_role("link", name="year, author and heading").click()
    page.get_by_role("link", name="Tobias Quill").click()
    page.get_by_role("button", name="Ask").click()

    expect(page.locator(".question")).to_have_text("What of the bells?")
    expect(page.get_by_role("list", name="Filters")).to_contain_text("author: Tobias Quill")


def test_a_work_lists_its_passages_and_can_be_asked(page: Page) -> None:
    page.get_by_role("link", name="Marsh, Edith").click()
    expect(page.locator(".card")).to_have_count(2)

    page.get_by_role("link", name="Ask within this work").click()

    expect(page.get_by_role("list", name="Filters")).to_contain_text("work: Marsh 1936")
