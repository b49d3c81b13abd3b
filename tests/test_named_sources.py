"""Authors and titles that a question names as its sources are offered as filters; names that it asks about are not."""

import html
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.collection import Collection
from rag.query import NamedSources, parse_question
from tests.shelf import index_text, served


class Cited(NamedTuple):
    csl: dict[str, Any]


WORKS = [
    Cited({"author": [{"family": "Merrow", "given": "Ada"}], "title": "The Drowned Coast: A History"}),
    Cited({"author": [{"family": "Fenwick", "given": "J. Rowan"}], "title": "Tides"}),
    Cited({"author": [{"family": "van der Lode", "given": "Piet"}], "title": "Dikes and Polders"}),
    Cited({"author": [{"literal": "Harbour Board"}], "title": "Minutes"}),
    Cited({"editor": [{"family": "Мелехов", "given": "Пётр"}], "title": "Записки о приливах"}),
    Cited({}),
]


class Shelf:
    """What names are read from; it counts how often."""

    def __init__(self) -> None:
        self.read = 0

    def works(self) -> list[Cited]:
        self.read += 1
        return WORKS


SHELF = Shelf()
SOURCES = NamedSources(cast("Collection", SHELF))


def suggested(question: str) -> list[tuple[str, str]]:
    return [(each.field, each.value) for each in SOURCES.suggest(parse_question(question))]


@pytest.mark.parametrize(
    ("question", "author"),
    [
        ("What did Merrow write about the flood of 1953?", "Merrow"),
        ("According to Fenwick, how high was the tide?", "Fenwick"),
        ("according to fenwick how high was the tide", "Fenwick"),
        ("How does Ada Merrow explain the breach?", "Ada Merrow"),
        ("Does Merrow really claim that the dike held?", "Merrow"),
        ("What is Fenwick’s view of the polders?", "Fenwick"),
        ("passages by van der Lode on sluices", "van der Lode"),
        ("What does the Harbour Board report on pilots?", "Harbour Board"),
        ("Laut Merrow, wie viele ertranken?", "Merrow"),
        ("Was schreibt Fenwick über die Flut?", "Fenwick"),
        ("Was hat Merrow über die Flut geschrieben?", "Merrow"),
        ("Selon Merrow, combien de morts ?", "Merrow"),
        ("Que dit Fenwick des marées ?", "Fenwick"),
        ("¿Qué escribe Merrow sobre la marea?", "Merrow"),
        ("Что пишет Мелехов о приливах?", "Мелехов"),
    ],
)
def test_who_is_said_to_say_something_is_offered_as_author(question: str, author: str) -> None:
    assert suggested(question) == [("author", author)]


@pytest.mark.parametrize(
    "question",
    [
        "Who arrested Merrow?",
        "Where was Ada Merrow born?",
        "Was the pilot murdered by Fenwick?",
        "Who said that Merrow was a spy?",
        "Who wrote about Fenwick?",
        "What did people say about Merrow?",
        "What did the papers write on Fenwick in 1953?",
        "Wer schrieb über Merrow?",
        "What about Merrow?",
        "When did the drowned coast appear?",
        "How do tides rise?",
        "What did Mallory write about the flood?",
    ],
)
def test_who_is_asked_about_is_not(question: str) -> None:
    assert suggested(question) == []


@pytest.mark.parametrize(
    "question",
    [
        "What does The Drowned Coast say about pilots?",
        "In The Drowned Coast, who built the dike?",
        "Who built the dike in “The Drowned Coast”?",
        "According to The Drowned Coast: A History, who fled?",
    ],
)
def test_a_title_is_offered_where_it_is_named_as_a_source(question: str) -> None:
    ((field, value),) = suggested(question)

    assert field == "title"
    assert value.startswith("The Drowned Coast")


def test_an_author_with_his_book_gives_both() -> None:
    assert suggested("Who is praised in Merrow’s The Drowned Coast?") == [("author", "Merrow"), ("title", "The Drowned Coast")]


def test_two_sources_are_both_offered_and_the_one_spoken_of_is_not() -> None:
    assert suggested("What did Merrow write about Fenwick?") == [("author", "Merrow")]
    assert suggested("Fenwick says one thing; what did Merrow say?") == [("author", "Fenwick"), ("author", "Merrow")]


def test_a_filter_that_the_question_has_is_not_offered_again() -> None:
    assert suggested("author:Merrow What did Merrow write about the flood?") == []


def test_names_are_read_once_and_only_for_questions_that_may_name_a_source() -> None:
    shelf = Shelf()
    sources = NamedSources(cast("Collection", shelf))

    sources.suggest(parse_question("Who built the dike?"))
    assert shelf.read == 0

    for _ in range(3):
        sources.suggest(parse_question("What did Merrow write?"))
    assert shelf.read == 1


def test_applied_filters_are_the_questions_own_and_told() -> None:
    asked = parse_question("title:Coast What did Merrow write about the flood?")

    offered, applied = SOURCES.told(asked), SOURCES.told(asked, apply=True)

    assert (offered.filters, [each.named for each in offered.suggested_filters]) == (asked.filters, ["Merrow"])
    assert (applied.filters.author, applied.filters.title) == (("Merrow",), ("Coast",))
    assert applied.applied_filters == offered.suggested_filters
    assert applied.suggested_filters == ()


# From a question to every interface.


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


ASKED = "What did Quill write about bells and lamps?"
NAMED = {"field": "author", "value": "Quill", "named": "Quill"}


def authors(answer: Any) -> set[str]:
    return {hit["citation"]["raw"].partition(",")[0] for hit in answer["hits"] + answer["nearest"]}


def test_a_suggestion_is_told_and_changes_nothing(client: TestClient[Litestar]) -> None:
    answer = client.post("/v1/ask", json={"question": ASKED}).json()

    assert (answer["suggested_filters"], answer["applied_filters"]) == ([NAMED], [])
    assert answer["question"]["filters"]["author"] == []
    assert authors(answer) == {"Marsh", "Quill"}


def test_suggested_filters_are_applied_where_that_is_asked_and_told(client: TestClient[Litestar]) -> None:
    posted = client.post("/v1/ask", json={"question": ASKED, "filters": "suggested"}).json()
    got = client.get("/v1/search", params={"q": ASKED, "filters": "suggested"}).json()

    for answer in (posted, got):
        assert (answer["suggested_filters"], answer["applied_filters"]) == ([], [NAMED])
        assert answer["question"]["filters"]["author"] == ["Quill"]
        assert authors(answer) == {"Quill"}


def test_no_other_word_stands_for_filters(client: TestClient[Litestar]) -> None:
    assert client.post("/v1/ask", json={"question": ASKED, "filters": "all"}).status_code == 400
    assert client.get("/v1/search", params={"q": ASKED, "filters": "all"}).status_code == 400


def test_the_page_offers_the_filter_as_a_link_that_applies_it(client: TestClient[Litestar]) -> None:
    shown = client.get("/", params={"q": ASKED}).text

    link = re.search(r'<a class="chip" href="([^"]*author=Quill[^"]*)">', shown)
    assert link
    narrowed = client.get(html.unescape(link[1])).text
    assert "Marsh" not in re.sub(r"<title>.*?</title>", "", narrowed)


def test_a_chat_says_how_to_ask_the_source_alone(client: TestClient[Litestar]) -> None:
    body = {"model": "ibid", "messages": [{"role": "user", "content": ASKED}]}

    said = client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]

    assert "The question names author" in said
    assert "Quill" in said
