"""A question whose own limits leave nothing is told so, with what exists: not the same as a collection without an answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.text import joined, name_words
from tests.shelf import TEXT, index_text, served

BELL = "Who rang the fog bell by hand?"
MORE = """
OFFICES

The K.G.B.O. of the southern harbour counted 12,500 lanterns in one night, and nobody asked it why.

Müllner, Åsa. Ledgers of the Sea. Berlin: Hafen Verlag, 1962, p. 3
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = tmp_path_factory.mktemp("home")
    index_text(home, TEXT + MORE)
    with served(home) as running:
        yield running


def ask(client: TestClient[Litestar], question: str, **more: Any) -> dict[str, Any]:
    answered = client.post("/v1/ask", json={"question": question, **more})
    assert answered.status_code == 200
    found: dict[str, Any] = answered.json()
    return found


def families(answer: dict[str, Any]) -> set[str]:
    return {hit["citation"]["csl"]["author"][0]["family"] for hit in answer["hits"] + answer["nearest"]}


@pytest.mark.parametrize(
    ("field", "value", "nearest"),
    [
        ("author", "Quil", "Tobias Quill"),
        ("title", "Bells of the Cost", "Bells of the Coast"),
        ("heading", "Fog Signal", "FOG SIGNALS"),
    ],
)
def test_a_filter_value_that_nothing_has_is_told_with_the_nearest_that_exist(
    client: TestClient[Litestar], field: str, value: str, nearest: str
) -> None:
    answer = ask(client, BELL, filters={field: value})

    assert answer["status"] == "no_such_filter_value"
    assert (answer["limits"][0]["field"], answer["limits"][0]["value"]) == (field, value)
    assert nearest in answer["limits"][0]["nearest"]
    assert f"No {field} in this collection matches “{value}”" in answer["explanation"]


def test_a_value_like_no_other_names_no_nearest(client: TestClient[Litestar]) -> None:
    answer = ask(client, f"{BELL} document:zzzzqqqq")

    assert answer["status"] == "no_such_filter_value"
    assert answer["limits"][0]["nearest"] == []


def test_answers_outside_the_filters_are_counted(client: TestClient[Litestar]) -> None:
    answer = ask(client, BELL, filters={"author": "Müllner"})

    assert answer["status"] in {"filtered_out", "weak"}
    if answer["status"] == "filtered_out":
        assert answer["limits"][0]["outside"] >= 1
        assert "outside" in answer["explanation"]


def test_a_phrase_that_occurs_nowhere_is_told_and_its_words_are_searched_for(client: TestClient[Litestar]) -> None:
    answer = ask(client, '"the fog bell was rung by foot"')

    assert answer["status"] == "phrase_absent"
    assert answer["question"]["absent_phrases"] == ["the fog bell was rung by foot"]
    assert any("fog bell was rung by hand" in hit["text"] for hit in answer["hits"] + answer["nearest"])


def test_a_phrase_that_occurs_still_limits(client: TestClient[Litestar]) -> None:
    answer = ask(client, '"four miles out at sea"')

    assert [hit["citation"]["locator"]["value"] for hit in answer["hits"]] == ["98"]
    assert answer["limits"] == []


def test_an_answer_needs_no_explanation_and_a_refusal_has_one(client: TestClient[Litestar]) -> None:
    answered = ask(client, BELL)

    assert (answered["status"], answered["explanation"]) == ("answered", "") or answered["explanation"].startswith("Little here")


@pytest.mark.parametrize("written", ["KGBO", "K.G.B.O.", "K.G.B.O", "kgbo"])
def test_an_acronym_is_found_with_and_without_its_points(client: TestClient[Litestar], written: str) -> None:
    answer = ask(client, written)

    assert "K.G.B.O." in (answer["hits"] or answer["nearest"])[0]["text"]


@pytest.mark.parametrize("written", ["12500", "12,500", "12.500"])
def test_a_number_is_found_with_and_without_its_separator(client: TestClient[Litestar], written: str) -> None:
    answer = ask(client, f"{written} lanterns")

    assert "12,500" in (answer["hits"] or answer["nearest"])[0]["text"]


@pytest.mark.parametrize("written", ["Müllner", "Muellner", "Mullner", "muellner", "Aasa", "Asa"])
def test_an_author_is_found_however_the_umlaut_is_written(client: TestClient[Litestar], written: str) -> None:
    answer = ask(client, "lanterns", filters={"author": written})

    assert families(answer) == {"Müllner"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The N.A.T.O. treaty", "The NATO  treaty"),
        ("J. R. Smith", "J. R. Smith"),
        ("1.250.000 and 12'500", "1250000 and 12500"),
        ("3.14 on p. 12. Next", "3.14 on p. 12. Next"),
        ("1936,1938", "1936,1938"),
        ("1,2345", "1,2345"),
        ("www.a.b.com", "www.a.b.com"),
    ],
)
def test_only_acronyms_and_grouped_numbers_are_joined(text: str, expected: str) -> None:
    assert joined(text) == expected


def test_names_have_both_spellings_once() -> None:
    assert name_words("Müllner") == ["mullner", "muellner"]
    assert name_words("Muellner") == ["muellner", "mullner"]
    assert name_words("Marsh") == ["marsh"]


def test_the_cli_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from service.cli import command
    from tests.fakes import HashEmbedder

    monkeypatch.setattr("ibid.asking_embedder", lambda *_: HashEmbedder())
    index_text(tmp_path)

    shown = CliRunner().invoke(command, ["ask", "--home", str(tmp_path), "--author", "Quil", BELL])

    assert "No author in this collection matches “Quil”. The nearest: Tobias Quill" in " ".join(shown.output.split())
