"""A language model's answer beside the passages: as it comes, checked, stopped, broken off, and remembered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.reading_room import needs_browser, reader
from tests.running import running, scripted_backend, until
from tests.scripted_server import ScriptedServer, Turn, scripted_server

pytestmark = needs_browser

QUESTION = "Who rang the fog bell by hand?"
ANSWER = (
    "Quill reports that “the fog bell was rung by hand” [1]. He adds that it “was never rung at all” [1]. "
    "Another says so too [9].\n\n> Sirens replaced bells after the war. [2]\n"
)


@contextmanager
def asked(browser: Browser, room: Path, *turns: Turn) -> Iterator[tuple[Page, ScriptedServer]]:
    """A page on which an answer was asked for."""
    with (
        scripted_server(*turns) as script,
        running(room, scripted_backend(script, failures=100)) as address,
        reader(browser, address) as page,
    ):
        page.goto("/")
        page.get_by_label("Answer with").select_option("scripted")
        page.locator("#q").fill(QUESTION)
        page.locator("#q").press("Enter")
        expect(page.locator(".card").first).to_be_visible()
        yield page, script


def test_an_answer_shows_the_verdict_on_each_quotation(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, _):
        answer = page.get_by_role("complementary", name="Answer by scripted")

        expect(answer.locator(".quotation.proved").first).to_have_text("“The fog bell was rung by hand”")
        expect(answer.locator(".quotation.removed")).to_have_text("was never rung at all")
        expect(answer.locator("blockquote .quotation.proved")).to_contain_text("Sirens replaced bells after the war.")
        expect(answer.locator(".note")).to_contain_text("3 quotations: 2 proved, 1 removed.")
        expect(answer.locator(".note")).to_contain_text("Removed 1 citation of passages that were not given: [9].")
        answer.get_by_text("The check of each quotation").click()
        expect(answer.locator(".verdicts")).to_contain_text("is not in the passage as quoted; its quotation marks were removed")


def test_a_number_in_an_answer_leads_to_its_card(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, _):
        expect(page.locator(".answer .note")).to_contain_text("proved")

        page.locator(".answer .n", has_text="[2]").click()

        expect(page.locator(".card:target blockquote")).to_contain_text("Sirens replaced bells")


def test_an_answer_is_shown_while_it_is_written_and_can_be_stopped(browser: Browser, room: Path) -> None:
    slow = Turn("Quill says that “the fog bell was rung by hand” [1]. " * 40, pause=0.05)
    with asked(browser, room, slow) as (page, script):
        expect(page.locator(".answer .quotation.proved").first).to_be_visible()

        page.get_by_role("button", name="Stop").click()

        expect(page.locator(".answer .note")).to_have_text("Stopped. What stands here was checked.")
        assert until(lambda: script.abandoned == 1)
        assert page.locator(".answer .quotation.proved").count() < 40


def test_a_model_that_breaks_off_leaves_the_passages_and_says_so(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER, behaviour="drop")) as (page, _):
        told = page.locator(".answer [role=alert]")

        expect(told).to_contain_text("The language model did not answer. The passages stand.")
        expect(page.locator(".answer .written")).to_have_count(0)
        expect(page.locator(".card").first).to_be_visible()


def test_a_model_that_is_down_leaves_the_passages_and_says_so(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(behaviour="status", status=500)) as (page, _):
        expect(page.locator(".answer [role=alert]")).to_contain_text("The language model did not answer")
        expect(page.locator(".status.answered")).to_be_visible()


def test_a_service_lost_in_mid_stream_leaves_the_passages_and_says_so(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, _):
        expect(page.locator(".answer .note")).to_contain_text("proved")
        whole = page.request.post("/v1/ask", data={"question": QUESTION, "mode": "answer", "stream": True}).text()
        half = whole[: whole.index("event: done")]
        page.route("**/v1/ask", lambda route: route.fulfill(body=half, content_type="text/event-stream"))

        page.locator("#q").fill(QUESTION)
        page.locator("#q").press("Enter")

        expect(page.locator("#turn-2 .answer [role=alert]")).to_contain_text("The answer broke off. The passages stand.")
        expect(page.locator("#turn-2 .card").first).to_be_visible()


def test_an_answer_survives_reloading_and_going_back_without_asking_the_model_again(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, script):
        expect(page.locator(".answer .note")).to_contain_text("proved")
        calls = len(script.bodies)

        page.reload()
        expect(page.locator(".answer .quotation.proved").first).to_have_text("“The fog bell was rung by hand”")
        page.get_by_role("link", name="Passage and its place").first.click()
        page.go_back()
        expect(page.locator(".answer .quotation.proved").first).to_have_text("“The fog bell was rung by hand”")

        assert len(script.bodies) == calls


def test_a_link_to_a_thread_asks_the_model_only_when_the_reader_wants_it(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, script):
        expect(page.locator(".answer .note")).to_contain_text("proved")
        calls = len(script.bodies)

        page.evaluate("sessionStorage.clear()")
        page.reload()
        expect(page.locator(".card").first).to_be_visible()
        assert len(script.bodies) == calls
        page.get_by_role("button", name="Have it answer from these passages").click()

        expect(page.locator(".answer .quotation.proved").first).to_be_visible()
        assert len(script.bodies) == calls + 1


def test_what_a_model_writes_is_text(browser: Browser, room: Path) -> None:
    hostile = "The fog bell was rung by hand [1]. <img src=x onerror=alert(1)> <b>bold</b> [1]."
    with asked(browser, room, Turn(hostile)) as (page, _):
        expect(page.locator(".answer .note")).to_contain_text("It quotes nothing.")

        assert page.locator(".answer").locator("img, b").count() == 0


def test_a_question_that_nothing_answers_is_not_put_to_a_model(browser: Browser, room: Path) -> None:
    with asked(browser, room, Turn(ANSWER)) as (page, script):
        expect(page.locator(".answer .note")).to_contain_text("proved")
        calls = len(script.bodies)

        page.goto("/?q=zebra&by=scripted")

        expect(page.locator(".status.nothing_relevant")).to_be_visible()
        expect(page.locator(".answer")).to_have_count(0)
        assert len(script.bodies) == calls
