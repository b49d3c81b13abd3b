"""Documents on the page: a folder dropped, what was read of it, its job and an answer from it; by whom, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import AuthenticationError, NotFoundError, OpenAI

from service.keys import KeyFile
from service.settings import Settings
from service.wiring import assemble
from tests.reading_room import DESK, PHONE, needs_browser, reader
from tests.running import running
from tests.shelf import index_text

from playwright.sync_api import Browser, Dialog, Page, expect  # isort: skip — reading_room skips where it is missing

pytestmark = [needs_browser, pytest.mark.model]

QUESTION = "Who paid for the ferry bell of Ardmoor?"
DIARY = """ON FERRIES

The ferry bell of Ardmoor was paid for by a widow, who gave eleven shillings and asked that nobody be told.

Teal, Agnes. The Crossing Book. Perth: Low Door, 1921, p. 33

In fog the ferryman rang twice for each boat that he heard and once for each that he only feared.

Teal, Agnes. The Crossing Book. Perth: Low Door, 1921, p. 35
"""
MOST_FILES = 4


class Site:
    """A service of two collections, one of them empty, and a key for each."""

    def __init__(self, home: Path, address: str, reading: str, importing: str) -> None:
        self.home = home
        self.address = address
        self.reading = reading
        self.importing = importing


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    homes = tmp_path_factory.mktemp("homes")
    essays, diaries = homes / "essays", homes / "diaries"
    index_text(essays)
    keys = KeyFile(essays / "keys.json")
    reading = keys.create("Reading group", collections=("default",))[1]
    importing = keys.create("Importer", ("ask", "read", "index"), collections=("diaries",))[1]
    told: dict[str, Any] = {"require_key": True, "max_files": MOST_FILES, "read": "never", "late_interaction": "never"}
    others = {"diaries": assemble(Settings(home=diaries, refresh_seconds=0.0, read="never", late_interaction="never"))}
    with running(essays, others=others, collections={"diaries": str(diaries)}, **told) as address:
        yield Site(essays, address, reading, importing)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as somebody has one: with a folder in it, a file that cannot be read, and one that is hidden."""
    folder = tmp_path_factory.mktemp("dropped") / "crossings"
    (folder / "1921").mkdir(parents=True)
    (folder / "1921" / "teal.txt").write_text(DIARY, encoding="utf-8")
    (folder / "scan.bin").write_bytes(bytes(range(256)) * 20)
    (folder / ".DS_Store").write_bytes(b"\0")
    return folder


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def drop(page: Page, *paths: Path) -> None:
    """Drops files and folders as a hand does: with events of the browser, which only its debugging protocol can make."""
    place = page.locator("#drop").bounding_box()
    assert place is not None
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send(
            "Input.dispatchDragEvent",
            {
                "type": kind,
                "x": place["x"] + place["width"] / 2,
                "y": place["y"] + place["height"] / 2,
                "data": {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1},
            },
        )
    devtools.detach()


def fits(page: Page) -> bool:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers
    narrow = page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # as above
    return bool(narrow)


def test_a_dropped_folder_becomes_an_answer_with_its_citation_and_goes_again(browser: Browser, site: Site, folder: Path) -> None:
    with reader(browser, site.address, silent=True) as page:
        page.goto("/manage?collection=diaries")
        sign_in(page, site.importing)
        expect(page).to_have_url(f"{site.address}/manage?collection=diaries")

        drop(page, folder)
        report = page.get_by_role("region", name="What was read")
        expect(report).to_contain_text("crossings/1921/teal.txt")
        expect(report).to_contain_text("2 passages")
        expect(report.locator(".weak")).to_contain_text("crossings/scan.bin")
        assert ".DS_Store" not in report.inner_text()
        assert fits(page)
        report.get_by_role("button", name="Accept and index").click()

        job = page.locator(".job")
        expect(job).to_contain_text("Indexed", timeout=120_000)
        expect(job).to_contain_text("1 added")
        job.get_by_role("link", name="Ask the collection").click()
        page.locator("#q").fill(QUESTION)
        page.locator("#q").press("Enter")
        card = page.locator(".card").first
        expect(card).to_contain_text("paid for by a widow")
        expect(card).to_contain_text("The Crossing Book")
        expect(card).to_contain_text("33")

        page.goto("/manage?collection=diaries")
        expect(page.locator(".files li")).to_have_count(1)
        page.once("dialog", lambda dialog: _confirm(dialog, "crossings/1921/teal.txt"))
        page.get_by_role("button", name="Delete").click()
        expect(page.locator(".job")).to_contain_text("1 dropped", timeout=120_000)
        page.reload()
        expect(page.locator(".files")).to_have_count(0)


def _confirm(dialog: Dialog, name: str) -> None:
    assert name in dialog.message
    dialog.accept()


def test_more_than_may_be_sent_is_refused_in_words_and_nothing_is_held(browser: Browser, site: Site, tmp_path: Path) -> None:
    many = [tmp_path / f"{number}.txt" for number in range(MOST_FILES + 1)]
    for path in many:
        path.write_text(DIARY, encoding="utf-8")
    with reader(browser, site.address) as page:
        page.goto("/login?next=/manage%3Fcollection%3Ddiaries")
        sign_in(page, site.importing)
        drop(page, *many)

        refusal = page.locator("#held").get_by_role("alert")
        expect(refusal).to_contain_text(str(MOST_FILES))
        assert page.get_by_role("button", name="Accept and index").count() == 0


def test_what_is_discarded_is_forgotten(browser: Browser, site: Site, folder: Path) -> None:
    with reader(browser, site.address, silent=True) as page:
        page.goto("/login?next=/manage%3Fcollection%3Ddiaries")
        sign_in(page, site.importing)
        drop(page, folder / "1921" / "teal.txt")
        with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            page.get_by_role("button", name="Discard").click()

        assert deleted.value.status == 204
        expect(page.locator("#held")).to_be_empty()


def test_two_readers_with_two_keys_see_a_collection_each(browser: Browser, site: Site) -> None:
    with reader(browser, site.address) as first, reader(browser, site.address) as second:
        first.goto("/")
        sign_in(first, "ibid_0123456789_wrong")
        expect(first.get_by_role("alert")).to_contain_text("not valid")
        sign_in(first, site.reading)
        first.locator("#q").fill("How far out at sea were the sirens heard?")
        first.locator("#q").press("Enter")
        expect(first.locator(".card").first).to_contain_text("four miles out at sea")
        second.goto("/sources")
        sign_in(second, site.importing)

        assert first.goto("/manage").status == 403  # type: ignore[union-attr]  # a page was asked for
        assert first.goto("/?collection=diaries").status == 404  # type: ignore[union-attr]  # as above
        assert second.goto("/?collection=default").status == 404  # type: ignore[union-attr]  # as above
        assert second.goto("/manage").status == 200  # type: ignore[union-attr]  # as above
        first.goto("/")
        assert "diaries" not in first.content()


def test_openai_clients_with_two_keys_see_a_collection_each(site: Site) -> None:
    def client(key: str) -> OpenAI:
        return OpenAI(base_url=f"{site.address}/v1", api_key=key, max_retries=0)

    with client(site.reading) as reading, client(site.importing) as importing, client("ibid_0123456789_wrong") as wrong:
        asked = [{"role": "user", "content": "How far out at sea were the sirens heard?"}]
        told = reading.chat.completions.create(model="ibid", messages=asked)  # type: ignore[arg-type]  # as its types have it

        assert "four miles out at sea" in str(told.choices[0].message.content)
        assert [model.id for model in reading.models.list()] == [model.id for model in importing.models.list()] == ["ibid"]
        with pytest.raises(NotFoundError):
            importing.chat.completions.create(model="ibid/default", messages=asked)  # type: ignore[arg-type]  # as above
        with pytest.raises(AuthenticationError):
            wrong.models.list()


def test_the_names_of_keys_and_not_keys_are_in_the_audit_trail(site: Site) -> None:
    trail = site.home / "audit.jsonl"
    lines = [json.loads(line) for line in trail.read_text(encoding="utf-8").splitlines()]

    assert {line["name"] for line in lines if line["action"] in {"documents added", "document deleted"}} == {"Importer"}
    assert site.importing not in trail.read_text(encoding="utf-8")
