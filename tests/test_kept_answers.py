"""The same question to the same generation is answered from memory, and nothing else is."""

from pathlib import Path

from litestar.testing import TestClient

from index.embedders import TextKind, Vectors
from index.records import Filters
from rag.records import Findings, Question
from service.app import create_app
from service.library import AnswerCache, AnswerKey
from tests.fakes import HashEmbedder
from tests.shelf import TEXT, index_text, library_of, settings_of


class Counting(HashEmbedder):
    """Counts what it embeds."""

    embedded = 0

    def embed(self, texts: list[str], kind: TextKind) -> Vectors:  # type: ignore[override]  # called with lists only
        self.embedded += len(texts)
        return super().embed(texts, kind)


def findings(text: str) -> Findings:
    return Findings(Question(text, text), "answered", 1.0, (), (), (), 1)


def asked(text: str) -> AnswerKey:
    return AnswerKey(text, Filters(), 5, None)


def client_of(home: Path, embedder: HashEmbedder, kept: int) -> TestClient:  # type: ignore[type-arg]  # of the one application there is
    library = library_of(home, embedder, answers_kept=kept)
    return TestClient(create_app(settings_of(home), library))


def ask(client: TestClient, question: str, **wishes: object) -> dict[str, object]:  # type: ignore[type-arg]
    answer: dict[str, object] = client.post("/v1/ask", json={"question": question} | wishes).raise_for_status().json()
    return answer


def test_those_asked_for_longest_ago_go_first() -> None:
    kept = AnswerCache(2)
    for text in ("a", "b"):
        kept.keep(asked(text), findings(text))
    kept.get(asked("a"))

    kept.keep(asked("c"), findings("c"))

    assert [kept.get(asked(text)) is not None for text in "abc"] == [True, False, True]


def test_where_there_is_no_room_nothing_is_kept() -> None:
    kept = AnswerCache(0)

    kept.keep(asked("a"), findings("a"))

    assert kept.get(asked("a")) is None


def test_the_same_question_is_embedded_once_and_answered_alike(tmp_path: Path) -> None:
    embedder = Counting()
    index_text(tmp_path)

    with client_of(tmp_path, embedder, 10) as client:
        first = ask(client, "Who keeps the lamp?")
        before = embedder.embedded
        again = ask(client, "Who keeps the lamp?")

    assert embedder.embedded == before
    assert again["timing"] == {"encode_ms": 0.0, "find_ms": 0.0}
    assert {**first, "timing": 0} == {**again, "timing": 0}


def test_another_limit_filter_or_wording_is_another_question(tmp_path: Path) -> None:
    embedder = Counting()
    index_text(tmp_path)

    with client_of(tmp_path, embedder, 10) as client:
        ask(client, "Who keeps the lamp?")
        before = embedder.embedded
        ask(client, "Who keeps the lamp?", limit=1)
        ask(client, "Who keeps the lamp?", filters={"year": 1951})
        ask(client, "who keeps the lamp?")

    assert embedder.embedded == before + 3


def test_a_newer_generation_knows_no_answer_of_the_older_one(tmp_path: Path) -> None:
    index_text(tmp_path)

    with client_of(tmp_path, HashEmbedder(), 10) as client:
        before = ask(client, "Who keeps the lamp?")
        index_text(tmp_path, TEXT.replace("four", "five"))
        after = ask(client, "Who keeps the lamp?")

    assert (before["generation"], after["generation"]) == (1, 2)
