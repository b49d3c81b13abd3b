"""The pages: they work without JavaScript, and text from a collection is always text."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from service.results_page import line_of
from service.schemas import AnswerView
from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


OURS = ['<script src="/static/theme.js">', '<script type="module" src="/static/page.js" blocking="render">']


def scripts_of(page: str) -> list[str]:
    return [each for each in re.findall(r"<script[^>]*>", page) if "application/ld+json" not in each]  # data, and no program


def page_of(client: Client, question: str) -> str:
    hit = (
        client.get("/v1/search", params={"q": question}).json()["hits"]
        or client.get("/v1/search", params={"q": question}).json()["nearest"]
    )[0]
    return client.get(f"/x/{hit['id']}").text


def test_the_first_page_asks_and_tells_what_there_is(client: Client) -> None:
    response = client.get("/")

    assert response.status_code == 200
    assert '<form class="ask" action="/" method="get"' in response.text
    assert '4 passages of <a href="/sources">2 works</a>, in 1 document.' in response.text


def test_a_question_in_the_address_shows_its_passages(client: Client) -> None:
    page = client.get("/", params={"q": "sirens replaced bells", "author": "quill"}).text

    assert 'value="sirens replaced bells"' in page
    assert "four miles out at sea" in page.replace("<mark>", "").replace("</mark>", "")
    assert "<i>Bells of the Coast</i>" in page
    assert 'value="quill"' in page


def test_as_many_passages_are_shown_as_the_address_says_and_more_are_a_link(tmp_path: Path) -> None:
    excerpts = "".join(
        f"The bell of pier {number} was rung by hand on foggy nights, {number} times an hour.\n\n"
        f"Quill, Tobias. Bells of Pier {number}. Boston: Tern and Sons, 1951, p. {number}\n\n"
        for number in range(1, 31)
    )
    index_text(tmp_path, f"Piers\n\nBELLS\n\n{excerpts}")

    with served(tmp_path, max_limit=25) as client:
        first = client.get("/", params={"q": "bell of the pier rung by hand"}).text
        (more,) = re.findall(r'<a rel="next" href="(/\?q=[^"]*limit=15)">', first)
        second = client.get(more.replace("&amp;", "&")).text
        last = client.get("/", params={"q": "bell of the pier rung by hand", "limit": 25}).text

        (further,) = re.findall(r'<a rel="next" href="(/\?q=[^"]*)">', last)
        rest = client.get(further.replace("&amp;", "&")).text

    assert [page.count('class="card"') for page in (first, second, last)] == [5, 15, 25]
    assert "limit=25" in second
    assert "offset=25" in further
    assert rest.count('class="card"') == 5
    assert "Passages 26 to 30" in rest
    assert 'rel="next"' not in rest


def test_passages_are_sorted_grouped_and_shown_in_lines(tmp_path: Path) -> None:
    index_text(tmp_path)
    asked: dict[str, str | int] = {"q": "Who rang the fog bell by hand?", "limit": 10}

    with served(tmp_path) as client:
        oldest = client.get("/", params={**asked, "sort": "oldest"}).text
        groups = client.get("/", params={**asked, "view": "works"}).text
        lines = client.get("/", params={**asked, "view": "lines"}).text
        inside = client.get("/", params={**asked, "inside": "by hand"}).text

    assert "<b>oldest</b>" in oldest
    assert groups.count('class="group-of-work"') > 1
    assert '<table class="lines">' in lines
    assert 'class="card"' not in lines
    assert 0 < inside.count('class="card"') < oldest.count('class="card"')
    assert "with: by hand" in inside


def test_a_line_without_a_word_of_the_question_marks_none(client: Client) -> None:
    hit = msgspec.json.decode(client.get("/v1/search", params={"q": "fog bell"}).content, type=AnswerView).hits[0]

    around, beginning = line_of(hit, "Who rang the bells?"), line_of(hit, "Quis custodiet?")

    assert around.keyword.casefold().startswith("bell")
    assert f"{around.left}{around.keyword}{around.right}" in " ".join(hit.text.split())
    assert (beginning.left, beginning.keyword) == ("", "…")
    assert beginning.right in " ".join(hit.text.split())


def test_a_turn_alone_is_drawn_as_on_the_page(tmp_path: Path) -> None:
    index_text(tmp_path)
    asked: dict[str, str] = {"q": "Who rang the fog bell by hand?"}

    with served(tmp_path) as client:
        whole, turn = client.get("/", params=asked).text, client.get("/turn", params=asked).text
        nothing, unknown = client.get("/turn"), client.get("/turn", params={**asked, "sort": "loudest"})

    (passages,) = re.findall(r'<div class="passages">.*', turn, flags=re.DOTALL)
    assert passages.removesuffix("</body>\n</html>").rstrip() in whole
    assert nothing.status_code == 400
    assert unknown.status_code == 400


def test_two_passages_are_compared_and_what_both_say_is_marked(client: Client) -> None:
    first, second = (client.get("/v1/search", params={"q": "fog bell"}).json()["hits"][at]["id"] for at in (0, 1))

    page = client.get("/compare", params={"id": [first, second]}).text

    assert page.count('class="card"') == 2
    assert client.get("/compare", params={"id": [first]}).status_code == 400
    assert client.get("/compare", params={"id": [first, "0" * 16]}).status_code == 404


def test_a_limit_that_is_none_is_refused_on_the_page(client: Client) -> None:
    assert client.get("/?q=bells&limit=9999").status_code == 400
    assert "limit" in client.get("/?q=bells&limit=9999").text


def test_empty_fields_of_the_form_are_no_filters(client: Client) -> None:
    assert client.get("/?q=bells&author=&title=&heading=&year=").status_code == 200


@pytest.mark.parametrize(("query", "told"), [("q=x&year=soon", "year is &#39;soon&#39;"), ("q=%20", "question is empty")])
def test_a_question_that_cannot_be_asked_says_why_on_the_page(client: Client, query: str, told: str) -> None:
    response = client.get(f"/?{query}")

    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
    assert told in response.text.lower()


def test_an_excerpt_has_a_page_with_its_citation_place_and_neighbours(client: Client) -> None:
    page = page_of(client, "sirens replaced bells after the war")

    assert "Sirens replaced bells after the war. They were heard four miles out at sea and hated by everyone ashore." in page
    assert "<i>Bells of the Coast</i>" in page
    assert "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 98" in page
    assert "lighthouses.txt" in page
    assert 'rel="prev"' in page
    assert 'download="' in page
    assert "/citation?format=bibtex" in page


def test_a_work_has_a_page_of_its_passages(client: Client) -> None:
    works = client.get("/sources").text
    (quill,) = [work for work in client.get("/v1/works").json()["works"] if work["label"] == "Quill 1951"]
    page = client.get(f"/sources/{quill['id']}").text

    assert f'href="/sources/{quill["id"]}"' in works
    assert "2 passages quoted from it." in page
    assert "hated by everyone ashore" in page


def test_a_hostile_excerpt_is_shown_as_the_text_it_is(client: Client) -> None:
    page = page_of(client, "fog bell rung by hand")
    listed = client.get("/", params={"q": "fog bell rung by hand"}).text

    assert "&lt;script&gt;alert(&#34;fog&#34;)&lt;/script&gt; was written on its rim &amp; nobody knew why." in page
    assert scripts_of(page) == scripts_of(listed) == OURS


def test_a_hostile_question_is_shown_as_the_text_it_is(client: Client) -> None:
    page = client.get("/", params={"q": '"><script>alert(1)</script>', "author": '"><img src=x>'}).text

    assert scripts_of(page) == OURS
    assert "<img" not in page


def test_a_hostile_citation_is_shown_as_the_text_it_is(tmp_path: Path) -> None:
    index_text(
        tmp_path, TEXT.replace("Bells of the Coast", "Bells <b onclick=x>of</b> the Coast").replace("FOG SIGNALS", "FOG <I>")
    )

    with served(tmp_path) as client:
        page = page_of(client, "sirens replaced bells after the war")

    assert "<b onclick" not in page
    assert "<I>" not in page


def test_pages_name_nothing_outside_the_service(client: Client) -> None:
    for page in (client.get("/").text, page_of(client, "bells"), client.get("/static/ibid.css").text):
        # The name of a vocabulary in JSON-LD is an identifier, which no browser fetches.
        assert "https://" not in page.replace('"@context":"https://schema.org"', "")
        assert " style=" not in page


def test_static_files_are_served_with_their_types(client: Client) -> None:
    assert client.get("/static/ibid.css").headers["content-type"].startswith("text/css")
    assert client.get("/static/icon.svg").headers["content-type"].startswith("image/svg+xml")
