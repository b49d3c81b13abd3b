"""How each chat window is told of sources, and that each way can be switched off."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from service.settings import Settings
from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]
QUESTION = "Who rang the fog bell by hand?"
ROMAN = TEXT.replace("1951, p. 7", "1951, p. xii")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home, dialects=(*Settings().dialects, "streamed-annotations")) as client:
        yield client


def whole(client: Client) -> Any:
    body = {"model": "ibid", "messages": [{"role": "user", "content": QUESTION}]}
    return client.post("/v1/chat/completions", json=body).json()


def chunks(client: Client) -> list[Any]:
    body = {"model": "ibid", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    lines = client.post("/v1/chat/completions", json=body).text.splitlines()
    assert lines[-2] == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def source_events(told: list[Any]) -> list[Any]:
    return [chunk["event"] for chunk in told if "event" in chunk]


def test_open_webui_gets_an_event_with_the_quotation_itself(client: Client) -> None:
    first = source_events(chunks(client))[0]

    assert first["type"] == "source"
    data = first["data"]
    assert data["source"]["name"] == "Quill 1951, p. 7"
    assert data["document"] == [
        'The fog bell was rung by hand; \\<script\\>alert("fog")\\</script\\> was written on its rim & nobody knew why.'
    ]
    assert data["metadata"][0]["source_url"].startswith("http://testserver.local/x/")
    assert 0 <= data["distances"][0] <= 1


def test_the_events_come_before_the_text_in_the_order_of_their_numbers(client: Client) -> None:
    told = chunks(client)

    assert told[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [bool(chunk.get("event")) for chunk in told[1:6]] == [True, True, True, True, False]
    assert all(chunk["choices"] == [] for chunk in told if "event" in chunk)
    numbered = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in told if chunk["choices"])
    for number, event in enumerate(source_events(told), start=1):
        assert event["data"]["metadata"][0]["source_url"] in numbered.split(f"[{number}] ")[1].split("\n\n[")[0]


def test_its_ids_are_no_addresses_so_that_no_browser_asks_a_third_party_for_an_icon(client: Client) -> None:
    for event in source_events(chunks(client)):
        assert "://" not in event["data"]["source"]["id"]
        assert "://" not in event["data"]["metadata"][0]["source"]


def test_its_page_counts_from_zero(client: Client) -> None:
    pages = {
        event["data"]["metadata"][0]["name"]: event["data"]["metadata"][0]["page"] for event in source_events(chunks(client))
    }

    assert pages == {"Quill 1951, p. 7": 6, "Quill 1951, p. 98": 97, "Marsh 1936, pp. 40-41": 39, "Marsh 1936, p. 12": 11}


def test_a_roman_page_has_no_number(tmp_path: Path) -> None:
    index_text(tmp_path, ROMAN)

    with served(tmp_path) as client:
        first = source_events(chunks(client))[0]["data"]["metadata"][0]

    assert first["name"] == "Quill 1951, p. xii"
    assert "page" not in first


def test_addresses_and_results_stand_in_the_first_chunk_and_beside_the_first_words(client: Client) -> None:
    told = chunks(client)
    bearing = [chunk for chunk in told if "citations" in chunk or "search_results" in chunk]

    assert bearing[0] is told[0]
    assert [bool(chunk["choices"][0]["delta"]["content"]) for chunk in bearing] == [False, True]
    assert bearing[0]["citations"] == bearing[1]["citations"]
    assert len(bearing[0]["citations"]) == len(bearing[0]["search_results"]) == 4
    assert bearing[0]["search_results"][0] == {
        "title": "Quill 1951, p. 7",
        "url": bearing[0]["citations"][0],
        "date": "1951",
        "snippet": 'The fog bell was rung by hand; <script>alert("fog")</script> was written on its rim & nobody knew why.',
        "source": "ibid",
    }


def test_annotations_come_with_the_last_chunk(client: Client) -> None:
    told = [chunk for chunk in chunks(client) if chunk["choices"]]
    annotated = [chunk for chunk in told if "annotations" in chunk["choices"][0]["delta"]]

    assert annotated == [told[-1]]
    assert annotated[0]["choices"][0]["finish_reason"] == "stop"
    assert annotated[0]["choices"][0]["delta"]["annotations"] == whole(client)["choices"][0]["message"]["annotations"]


@pytest.mark.parametrize("dialect", ["open-webui", "annotations", "streamed-annotations", "citations", "search-results"])
def test_each_can_be_spoken_alone(tmp_path: Path, dialect: str) -> None:
    index_text(tmp_path)

    with served(tmp_path, dialects=(dialect,)) as client:
        told, answer = chunks(client), whole(client)

    spoken = {
        "open-webui": bool(source_events(told)),
        "annotations": "annotations" in answer["choices"][0]["message"],
        "streamed-annotations": any("annotations" in chunk["choices"][0]["delta"] for chunk in told if chunk["choices"]),
        "citations": "citations" in answer,
        "search-results": "search_results" in answer,
    }
    assert {name for name, heard in spoken.items() if heard} == {dialect}
    assert "[Open the passage](http://testserver.local/x/" in answer["choices"][0]["message"]["content"]


def test_open_webui_would_list_each_source_twice_so_streams_have_no_annotations_unless_wanted() -> None:
    assert "streamed-annotations" not in Settings().dialects
