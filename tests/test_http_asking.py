"""Asking over HTTP: what comes back for a question, and that it can be checked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


def ask(client: Client, question: str, **members: Any) -> Any:
    response = client.post("/v1/ask", json={"question": question, **members})
    assert response.status_code == 200, response.text
    return response.json()


def passages(answer: Any) -> list[Any]:
    return list(answer["hits"] or answer["nearest"])


def test_the_best_passage_comes_first_and_verbatim(client: Client) -> None:
    answer = ask(client, "keeper trimmed the wick of the lamp")

    first = passages(answer)[0]
    assert first["rank"] == 1
    assert first["text"].startswith("The lamp of the northern tower burned whale oil")


def test_a_hit_says_where_it_stands_and_the_place_holds_its_text(client: Client) -> None:
    document = passages(ask(client, "sirens replaced bells"))[0]["document"]

    told = client.get(document["text_url"].removeprefix("http://testserver.local")).json()
    assert TEXT[document["start"] : document["end"]] == told["text"] == passages(ask(client, "sirens replaced bells"))[0]["text"]
    assert (document["name"], document["title"]) == ("lighthouses.txt", "The Lighthouse Reader")
    assert document["sha256"] == told["sha256"]


def test_a_highlight_counts_in_the_excerpt_and_in_the_document(client: Client) -> None:
    hit = passages(ask(client, "sirens replaced bells"))[0]

    assert hit["highlights"]
    for span in hit["highlights"]:
        marked = hit["text"][span["start"] : span["end"]]
        assert marked
        assert marked == TEXT[span["document_start"] : span["document_end"]]


def test_a_citation_is_given_as_written_as_parsed_and_formatted(client: Client) -> None:
    citation = passages(ask(client, "sirens replaced bells"))[0]["citation"]

    assert citation["raw"] == "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 98"
    assert citation["csl"]["author"] == [{"family": "Quill", "given": "Tobias"}]
    assert citation["locator"]["pages"] == [[98, 98]]
    assert citation["style"] == "chicago-notes"
    assert citation["formatted"].endswith("quoted in The Lighthouse Reader.")


def test_a_style_can_be_asked_for(client: Client) -> None:
    citation = passages(ask(client, "sirens replaced bells", style="apa"))[0]["citation"]

    assert citation["formatted"] == "(Quill, 1951, p. 98, as cited in The Lighthouse Reader)"


def test_headings_scores_work_and_page_come_with_each_hit(client: Client) -> None:
    hit = passages(ask(client, "sirens replaced bells"))[0]

    assert hit["headings"] == ["FOG SIGNALS"]
    assert set(hit["scores"]) == {"fused", "dense", "lexical", "reranker", "late_interaction"}
    assert client.get(f"/v1/works/{hit['work']}").json()["source"]["label"] == "Quill 1951"
    assert hit["url"] == f"http://testserver.local/x/{hit['id']}"


@pytest.mark.parametrize("closely", ["yes, please", 1, None])
def test_closely_is_true_or_false(client: Client, closely: object) -> None:
    response = client.post("/v1/ask", json={"question": "keeper lamp", "closely": closely})

    assert response.status_code == 400
    assert "closely" in response.text


def test_a_parameter_that_is_no_truth_value_is_refused(client: Client) -> None:
    assert client.get("/v1/search", params={"q": "keeper lamp", "closely": "perhaps"}).status_code == 400


def test_the_question_comes_back_as_it_was_understood(client: Client) -> None:
    question = ask(client, '"fog bell" author:Quill rung')["question"]

    assert question["text"] == '"fog bell" author:Quill rung'
    assert question["phrases"] == ["fog bell"]
    assert question["filters"]["author"] == ["Quill"]


def test_no_more_hits_come_than_were_asked_for(client: Client) -> None:
    assert len(passages(ask(client, "keeper lamp bell", limit=1))) == 1


def test_no_more_hits_come_from_one_work_than_were_asked_for(client: Client) -> None:
    hits = passages(ask(client, "the keeper the lamp the fog bell the sirens", per_work=1))

    assert sorted(hit["citation"]["csl"]["author"][0]["family"] for hit in hits) == ["Marsh", "Quill"]


@pytest.mark.parametrize(
    ("filters", "authors"),
    [
        ({"author": "quill"}, {"Quill"}),
        ({"author": ["quill", "marsh"]}, {"Quill", "Marsh"}),
        ({"title": "northern lights"}, {"Marsh"}),
        ({"heading": "fog"}, {"Quill"}),
        ({"document": "lighthouses.txt"}, {"Quill", "Marsh"}),
        ({"year": 1936}, {"Marsh"}),
        ({"year": "1950-1952"}, {"Quill"}),
        ({"year": ["1936", "1950-1960"]}, {"Quill", "Marsh"}),
        ({"author": "quill", "year": 1936}, set()),
    ],
)
def test_filters_limit_what_is_found(client: Client, filters: dict[str, Any], authors: set[str]) -> None:
    hits = passages(ask(client, "the keeper the lamp the fog bell the sirens", filters=filters))

    assert {hit["citation"]["csl"]["author"][0]["family"] for hit in hits} == authors


def test_search_answers_as_ask_does(client: Client) -> None:
    asked = ask(client, "fog bell", limit=2, filters={"author": "quill", "year": "1951"}, style="mla")

    searched = client.get(
        "/v1/search", params={"q": "fog bell", "limit": 2, "author": ["quill"], "year": ["1951"], "style": "mla"}
    ).json()

    assert {**searched, "timing": None} == {**asked, "timing": None}


def test_the_public_address_stands_before_every_link(tmp_path: Path) -> None:
    index_text(tmp_path)

    with served(tmp_path, base_url="https://ibid.example.org/reading/", public=True) as client:
        hit = passages(ask(client, "fog bell"))[0]

    assert hit["url"] == f"https://ibid.example.org/reading/x/{hit['id']}"
    assert hit["document"]["text_url"].startswith("https://ibid.example.org/reading/v1/documents/")


@pytest.mark.parametrize(
    "question", ["\x00", "(((", "AND OR NOT", "a" * 2000, "🦉" * 100, "\u202e", '"', "author", "~^*?:\\/[]{}"]
)
def test_no_question_is_too_strange(client: Client, question: str) -> None:
    response = client.post("/v1/ask", json={"question": question})

    assert response.status_code == 200, response.text
