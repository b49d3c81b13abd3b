"""The thread: questions and follow-ups in one page, whose every state is an address."""

from playwright.sync_api import Browser, Dialog, Page, expect

from tests.reading_room import NOTHING, SIRENS, WALRUS, ask, needs_browser, shown

pytestmark = needs_browser


def test_a_question_is_answered_with_cards_without_leaving_the_page(page: Page) -> None:
    page.evaluate("window.stayed = true")

    ask(page, SIRENS)

    best = page.locator(".card").first
    assert page.evaluate("window.stayed")
    expect(best.locator("mark").first).to_contain_text("four miles out at sea")
    expect(best.locator(".citation i").first).to_have_text("Bells of the Coast")
    expect(best.locator(".citation")).to_contain_text("quoted in The Lighthouse Reader")
    expect(best.locator(".trail")).to_have_text("FOG SIGNALS")


def test_the_server_draws_a_thread_as_the_browser_drew_it(page: Page) -> None:
    ask(page, SIRENS)
    ask(page, WALRUS)
    before = shown(page)

    page.reload()

    assert page.locator(".turn").count() == 2
    assert shown(page) == before


def test_a_follow_up_is_understood_from_the_questions_before_it(page: Page) -> None:
    ask(page, "Who rang the fog bell by hand?")

    ask(page, "And when was it replaced?")

    expect(page.locator("#turn-2 .understood")).to_contain_text("fog")
    assert page.url.endswith("/?q=Who+rang+the+fog+bell+by+hand%3F&q=And+when+was+it+replaced%3F")


def test_going_back_shows_the_thread_as_it_was_before_the_last_question(page: Page) -> None:
    ask(page, SIRENS)
    ask(page, "And who hated them?")

    page.go_back()

    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".question")).to_have_text(SIRENS)
    page.go_forward()
    expect(page.locator(".turn")).to_have_count(2)


def test_a_filter_narrows_the_thread_and_stays_for_the_next_question(page: Page) -> None:
    ask(page, "What of the keeper and the bell?")

    page.locator("summary", has_text="Narrow").click()
    page.get_by_label("Author").fill("quill")
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_role("list", name="Filters")).to_contain_text("author: quill")
    expect(page.locator(".citation", has_text="Marsh")).to_have_count(0)
    ask(page, "And of the sirens?")
    assert "author=quill" in page.url
    page.get_by_role("link", name="Remove the filter author: quill").click()
    expect(page.get_by_role("list", name="Filters")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(2)


def test_a_heading_on_a_card_narrows_to_it(page: Page) -> None:
    ask(page, SIRENS)

    page.locator(".trail a").first.click()

    expect(page.get_by_role("list", name="Filters")).to_contain_text("heading: FOG SIGNALS")
    expect(page.locator(".trail", has_text="LAMPS")).to_have_count(0)


def test_where_nothing_answers_the_page_says_so_and_shows_the_nearest_only_on_request(page: Page) -> None:
    ask(page, NOTHING)

    expect(page.locator(".status")).to_have_class("status nothing_relevant")
    expect(page.get_by_role("heading", name="Nothing in this collection answers that.")).to_be_visible()
    expect(page.locator(".card").first).to_be_hidden()
    page.get_by_text("Show the nearest passages").click()
    expect(page.locator(".card").first).to_be_visible()


def test_weak_evidence_does_not_look_like_an_answer(page: Page) -> None:
    ask(page, "Why did the keeper paint the boat in fog?")

    expect(page.locator(".status")).to_have_class("status weak")
    expect(page.get_by_role("heading", name="Little here speaks to that.")).to_be_visible()
    expect(page.locator(".confidence")).to_contain_text("of 10 cases like this")


def test_a_long_excerpt_opens_around_its_highlight_and_unfolds(page: Page) -> None:
    ask(page, WALRUS)
    card = page.locator(".card", has_text="walrus").first
    expect(card.locator("mark").first).to_contain_text("A walrus climbed the seaward stair")
    expect(card.locator(".cut")).to_have_count(2)
    assert len(card.locator("blockquote").inner_text()) < 1500

    card.get_by_role("button", name="Whole passage").click()

    expect(card.locator(".cut")).to_have_count(0)
    assert len(card.locator("blockquote").inner_text()) > 4000
    expect(card.locator("mark").first).to_contain_text("A walrus climbed")
    card.get_by_role("button", name="Less of it").click()
    expect(card.locator(".cut")).to_have_count(2)


def test_a_passage_shows_what_stands_before_and_after_it(page: Page) -> None:
    ask(page, SIRENS)
    card = page.locator(".card").first

    card.get_by_role("button", name="Before and after").click()

    expect(card.locator(".around section").first).to_contain_text("The fog bell was rung by hand")
    expect(card.locator(".around section").last).to_contain_text("On night 1")
    card.get_by_role("button", name="Before and after").click()
    expect(card.locator(".around")).to_be_hidden()


def test_a_hostile_excerpt_is_text_whoever_draws_it(page: Page) -> None:
    written = '<script>alert("fog")</script> was written on its rim & nobody knew why.'
    alerts: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)

    ask(page, "Who rang the fog bell by hand?")
    expect(page.locator(".card").first.locator("blockquote")).to_contain_text(written)
    page.reload()
    expect(page.locator(".card").first.locator("blockquote")).to_contain_text(written)

    assert page.locator("main script").count() == 0
    assert alerts == []


def test_no_string_can_become_html_in_these_pages(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    refused = """() => { try { document.body.innerHTML = "<b>x</b>"; return "" } catch (error) { return error.name } }"""

    assert page.evaluate(refused) == "TypeError"
    assert page.locator("b").count() == 0
    page.close()


def test_a_question_that_cannot_be_asked_says_why(page: Page) -> None:
    page.locator("#q").fill("bells year:soon")
    page.locator("#q").press("Enter")

    expect(page.locator(".turn [role=alert]")).to_contain_text("year")
    page.reload()
    expect(page.locator(".turn [role=alert]")).to_contain_text("year")


def test_a_service_that_is_gone_is_named_and_can_be_asked_again(page: Page) -> None:
    page.route("**/turn?*", lambda route: route.abort())
    page.locator("#q").fill(SIRENS)
    page.locator("#q").press("Enter")
    expect(page.locator(".turn [role=alert]")).to_contain_text("The service cannot be reached")

    page.unroute("**/turn?*")
    page.get_by_role("button", name="Ask again").click()

    expect(page.locator(".card").first).to_contain_text("four miles out at sea")


def test_the_stop_button_ends_a_question(page: Page) -> None:
    page.route("**/turn?*", lambda _: None)
    page.locator("#q").fill(SIRENS)
    page.locator("#q").press("Enter")

    page.get_by_role("button", name="Stop").click()

    expect(page.locator(".turn [role=alert]")).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
