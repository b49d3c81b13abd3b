"""Checking a quotation that was sent in: over HTTP and on the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from litestar import Litestar
from litestar.testing import TestClient

from service.cli import command
from tests.shelf import TEXT, index_text, served

Client = TestClient[Litestar]
QUOTE = "Sirens replaced bells after the war."
CITATION = "Quill, Bells of the Coast (1951), p. 98"


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[Client]:
    with served(home, max_quote=500) as client:
        yield client


def verify(client: Client, quote: str, citation: str = "") -> Any:
    response = client.post("/v1/verify", json={"quote": quote, "citation": citation})
    assert response.status_code == 200, response.text
    return response.json()


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["verify-quote", *arguments, "--home", str(home)], prog_name="ibid")


def test_words_that_stand_in_the_collection_are_found_with_their_place(client: Client) -> None:
    told = verify(client, QUOTE)

    assert (told["verbatim"], told["finding"]["verdict"], told["cited"], told["read_as"]) == (True, "exact", None, None)
    (place,) = told["finding"]["places"]
    assert TEXT[place["document_start"] : place["document_end"]] == place["text"] == QUOTE
    assert client.get(place["url"].removeprefix("http://testserver.local")).status_code == 200


def test_typography_may_differ(client: Client) -> None:
    told = verify(client, "“sirens  replaced bells after the war.”")

    assert (told["verbatim"], told["finding"]["verdict"]) == (True, "normalised")


def test_one_added_not_is_shown_and_not_accepted(client: Client) -> None:
    told = verify(client, "Sirens did not replace bells after the war.")

    assert not told["verbatim"]
    assert told["finding"]["verdict"] in {"altered", "not_found"}


def test_each_change_is_shown(client: Client) -> None:
    told = verify(client, "Sirens replaced bells before the war.")

    assert told["finding"]["verdict"] == "altered"
    changed = [change for change in told["finding"]["changes"] if change["kind"] != "same"]
    assert changed == [{"kind": "replaced", "quoted": "before", "source": "after"}]


@pytest.mark.parametrize(
    ("citation", "agreement"),
    [
        (CITATION, "agrees"),
        ("Quill, Bells of the Coast (1951), p. 7", "differs"),
        ("Marsh 1936, p. 98", "differs"),
        ("p. 98", "agrees"),
    ],
)
def test_where_words_were_cited_is_a_question_of_its_own(client: Client, citation: str, agreement: str) -> None:
    told = verify(client, QUOTE, citation)

    assert (told["verbatim"], told["cited"]) == (True, agreement)
    assert told["read_as"]["raw"] == citation
    assert told["places"][0]["citation"] == "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 98"


def test_a_misquotation_can_be_cited_rightly(client: Client) -> None:
    told = verify(client, "Sirens replaced bells before the war.", CITATION)

    assert (told["verbatim"], told["cited"]) == (False, "agrees")


def test_what_stands_nowhere_is_cited_nowhere(client: Client) -> None:
    told = verify(client, "Owls are the gulls of the forest.", CITATION)

    assert (told["finding"]["verdict"], told["finding"]["places"], told["cited"], told["places"]) == ("not_found", [], None, [])


@pytest.mark.parametrize("quote", ["…", "1", "🦉", "\u202e", "the", "\x00", '""', "a" * 500])
def test_no_quotation_is_too_strange(client: Client, quote: str) -> None:
    assert verify(client, quote, quote)["quote"] == quote


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "missing required field quote"),
        ({"quote": ""}, "the quotation is empty"),
        ({"quote": " \n"}, "the quotation is empty"),
        ({"quote": "x" * 501}, "at most 500"),
        ({"quote": 5}, "expected str, got int"),
        ({"quote": "x", "citation": None}, "expected str, got null"),
        ({"quote": "x", "cite": "y"}, "use one of quote, citation"),
        ([], "expected object, got array"),
    ],
)
def test_a_wrong_request_is_refused(client: Client, body: Any, told: str) -> None:
    response = client.post("/v1/verify", json=body)

    assert response.status_code == 400
    assert told in response.json()["detail"]


def test_a_newer_collection_is_looked_through(tmp_path: Path) -> None:
    index_text(tmp_path)

    with served(tmp_path) as client:
        before = verify(client, "Owls are the gulls of the forest.")
        index_text(tmp_path, TEXT.replace("Sirens replaced bells", "Owls are the gulls of the forest. Sirens replaced bells"))
        after = verify(client, "Owls are the gulls of the forest.")

    assert (before["verbatim"], after["verbatim"]) == (False, True)
    assert after["generation"] > before["generation"]


def test_the_command_line_agrees(home: Path) -> None:
    result = run(home, QUOTE, "--citation", CITATION)

    assert result.exit_code == 0
    assert "These very words stand in the collection." in result.output
    assert "They stand where the citation says." in result.output


def test_the_command_line_shows_each_change_and_fails(home: Path) -> None:
    result = run(home, "Sirens replaced bells before the war.")

    assert result.exit_code == 1
    assert "quoted 'before', the source has 'after'" in result.output


def test_the_command_line_fails_where_words_stand_elsewhere_than_cited(home: Path) -> None:
    result = run(home, QUOTE, "--citation", "Marsh 1936, p. 98")

    assert result.exit_code == 1
    assert "They do not stand where the citation says." in result.output
    assert "Marsh', the source has 'Tobias Quill': differs" in result.output


def test_the_command_line_writes_what_the_service_answers(home: Path, client: Client) -> None:
    told = msgspec.json.decode(run(home, QUOTE, "--json").output)

    served_ = verify(client, QUOTE)
    assert told["finding"]["places"][0]["text"] == served_["finding"]["places"][0]["text"]
    assert set(told) == set(served_)


def test_the_command_line_refuses_an_empty_quotation(home: Path) -> None:
    result = run(home, " ")

    assert result.exit_code == 1
    assert "error: the quotation is empty" in result.stderr


def test_the_command_line_needs_an_index(tmp_path: Path) -> None:
    result = run(tmp_path, QUOTE)

    assert result.exit_code == 1
    assert "ibid index" in result.stderr
