"""A tray on the server: what is taken away says the same words, and nothing in it turns into markup."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from markdown_it import MarkdownIt

from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]
HOSTILE = TEXT.replace(
    "The lamp of the northern tower", "1. *The* lamp_of_the <i>northern</i> [tower](http://x) `&amp;` | \\ # tower"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home, HOSTILE)
    with served(home) as client:
        yield client


def ids(client: Client) -> list[str]:
    works = client.get("/v1/works").json()["works"]
    return [excerpt for work in works for excerpt in client.get(f"/v1/works/{work['id']}").json()["excerpts"]]


def test_markdown_renders_to_the_very_words_of_each_passage(client: Client) -> None:
    for excerpt in ids(client):
        text = client.get(f"/v1/excerpts/{excerpt}").json()["text"]
        written = client.get("/tray/export", params={"id": excerpt}).text

        blocks = MarkdownIt("commonmark").parse(written)
        inline = next(block for block in blocks if block.type == "inline")
        assert "".join(child.content for child in inline.children or () if child.type == "text") == text


def test_markdown_links_each_passage_to_its_page(client: Client) -> None:
    first = ids(client)[0]

    assert f"[Passage](http://testserver.local/x/{first})" in client.get("/tray/export", params={"id": first}).text


def test_a_tray_holds_a_passage_once(client: Client) -> None:
    first = ids(client)[0]

    page = client.get("/tray", params={"id": [first, first]}).text

    assert "1 passage of 1 work" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [("id=nothing", 404), ("format=odt", 400), ("format=text&style=vancouver", 400), ("format=text&idd=1", 400)],
)
def test_a_tray_that_cannot_be_taken_away_says_why(client: Client, query: str, status: int) -> None:
    response = client.get(f"/tray/export?{query}")

    assert response.status_code == status
    assert response.json()["remedy"]


def test_a_tray_has_an_end(client: Client) -> None:
    response = client.get("/tray", params={"id": [f"x{number}" for number in range(201)]})

    assert response.status_code == 400
    assert "a tray holds at most 200" in response.json()["rule"]
