"""Light or dark: as the system has it until a reader chooses, then as chosen, on every page, from the first moment."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.reading_room import needs_browser, reader

pytestmark = needs_browser

LIGHT = "rgb(251, 249, 244)"
DARK = "rgb(25, 23, 20)"


def theme(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Theme").get_by_role("radio", name=name, exact=True)


def expect_paper(page: Page, colour: str) -> None:
    expect(page.locator("body")).to_have_css("background-color", colour)


def test_a_page_follows_the_system_until_a_theme_is_chosen(page: Page) -> None:
    expect(theme(page, "System")).to_be_checked()

    for scheme, paper in (("dark", DARK), ("light", LIGHT)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two literals
        expect_paper(page, paper)


@pytest.mark.parametrize(("name", "paper", "system"), [("Dark", DARK, "light"), ("Light", LIGHT, "dark")])
def test_a_theme_is_kept_on_every_page_whatever_the_system_has(page: Page, name: str, paper: str, system: str) -> None:
    page.emulate_media(color_scheme=system)  # type: ignore[arg-type]  # one of two literals
    theme(page, name).check()
    expect_paper(page, paper)

    for path in ("/", "/sources", "/verify", "/schema"):
        page.goto(path)

        expect_paper(page, paper)
        expect(theme(page, name)).to_be_checked()


def test_the_system_can_be_followed_again(page: Page) -> None:
    theme(page, "Dark").check()
    theme(page, "System").check()
    page.reload()

    expect_paper(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    expect_paper(page, DARK)


def test_a_theme_is_chosen_by_keyboard(page: Page) -> None:
    theme(page, "System").focus()

    page.keyboard.press("ArrowRight")
    expect(theme(page, "Light")).to_be_checked()
    page.keyboard.press("ArrowRight")

    expect(theme(page, "Dark")).to_be_checked()
    expect(theme(page, "Dark")).to_have_css("outline-style", "solid")
    expect_paper(page, DARK)


def test_no_page_is_painted_in_the_wrong_theme_first(page: Page) -> None:
    theme(page, "Dark").check()
    page.add_init_script(
        "new MutationObserver((_, observer) => { if (document.body) { observer.disconnect();"
        "window.first = getComputedStyle(document.body).backgroundColor } }).observe(document, {childList: true, subtree: true})"
    )

    page.goto("/sources")

    assert page.evaluate("window.first") == DARK


def test_other_tabs_follow_the_choice(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/sources")

    theme(page, "Dark").check()

    expect_paper(other, DARK)
    expect(theme(other, "Dark")).to_be_checked()


def test_without_storage_a_theme_holds_for_the_page(browser: Browser, address: str) -> None:
    with reader(browser, address) as page:
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('off') } })")
        page.goto("/")
        theme(page, "Dark").check()

        expect_paper(page, DARK)
        page.reload()
        expect_paper(page, LIGHT)
