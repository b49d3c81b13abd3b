"""A question set is asked through the real pipeline, and every figure is told."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index.build import build_index
from index.collection import Collection
from index.embedders import Embedder
from index.records import SourceFile
from index.stores import Scores
from rag.evaluation.formats import FAR, NEAR, Answer, AskedQuestion, PlaceInDocument, QuestionSet
from rag.evaluation.gold import gold_of
from rag.evaluation.outcomes import Asking, Outcome
from rag.evaluation.report import Report, report_on, runs_of
from rag.evaluation.statistics import MEASURES
from rag.learning import learn
from service.cli import command
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.shelf import TEXT

EMBEDDER = HashEmbedder(dimension=256)


def asked(name: str, text: str, answer: str = "", kind: str = "lookup", grade: int = 3) -> AskedQuestion:
    answers = (Answer(PlaceInDocument(TEXT.index(answer)), grade),) if answer else ()
    return AskedQuestion(name, text, kind, answers)


QUESTIONS = QuestionSet(
    "lighthouses",
    (
        asked("oil", "What did the lamp of the northern tower burn?", "burned whale oil"),
        asked("post", "Which keeper lost his post on the same day?", "lost his post"),
        asked("bell", "Who rang the fog bell by hand?", "was rung by hand", kind="topic"),
        asked("wrong", "Who hated sirens ashore?", "was rung by hand", kind="topic"),
        asked("far", "best recipe of pancake batter", kind=FAR),
        asked("near", "How tall was the northern tower?", kind=NEAR),
    ),
    right_from=2,
)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home = tmp_path_factory.mktemp("home")
    build_index(home, [SourceFile("lighthouses.txt", TEXT.encode())], EMBEDDER)
    collection = Collection.open(home)
    learn(collection, EMBEDDER)
    return collection


@pytest.fixture(scope="module")
def outcomes(collection: Collection) -> list[Outcome]:
    return Asking(collection, EMBEDDER).ask(gold_of(QUESTIONS, collection), 10, lambda _done, _total: None)


@pytest.fixture(scope="module")
def report(outcomes: list[Outcome], collection: Collection) -> Report:
    return report_on(outcomes, collection)


def test_every_stage_is_scored_over_the_answerable_questions(report: Report) -> None:
    assert list(report.stages) == ["lexical", "dense", "rrf", "fused"]
    assert all(list(figures) == list(MEASURES) for figures in report.stages.values())
    # Three questions are answered first; the fourth asks what stands elsewhere.
    assert report.stages["fused"]["hit@1"] == 0.75
    assert report.intervals["fused"]["hit@1"][0] < 0.75 <= report.intervals["fused"]["hit@1"][1]


def test_types_are_scored_apart(report: Report) -> None:
    assert report.questions == {"lookup": 2, "topic": 2, FAR: 1, NEAR: 1}
    assert {kind: stages["fused"]["hit@1"] for kind, stages in report.types.items()} == {"lookup": 1, "topic": 0.5}


def test_abstention_is_scored_against_far_misses_near_misses_and_answers_taken_out(report: Report) -> None:
    told = report.abstention

    assert told.auroc_far == 1
    assert told.auroc_near is not None
    assert told.auroc_removed is not None
    assert told.refused_far == 1
    assert told.false_refusal == 0
    assert set(told.intervals) == {"auroc_far", "auroc_near", "auroc_removed"}


def test_without_its_right_excerpts_a_question_is_answered_with_less_confidence(outcomes: list[Outcome]) -> None:
    assert all(outcome.removed < outcome.confidence for outcome in outcomes[:3])
    assert [outcome.removed for outcome in outcomes[4:]] == [outcome.confidence for outcome in outcomes[4:]]


def test_highlights_are_counted_among_first_hits_that_are_right(report: Report) -> None:
    assert report.highlight.hits == 3
    assert report.highlight.share == 1


def test_failures_tell_what_was_found_instead(report: Report) -> None:
    failure = next(failure for failure in report.failures if failure.question == "wrong")

    assert (failure.failing, failure.rank) == ("not first", 4)
    assert failure.found
    assert "hated by everyone ashore" in failure.found.text
    assert failure.found.citation.endswith("p. 98")
    assert failure.right
    assert failure.right.text.startswith("…was rung by hand")


def test_a_set_of_unanswerable_questions_alone_has_no_stages_to_score(collection: Collection) -> None:
    only = QuestionSet("far", QUESTIONS.questions[4:5])

    report = report_on(Asking(collection, EMBEDDER).ask(gold_of(only, collection), 10, lambda _done, _total: None), collection)

    assert (report.stages, report.types, report.abstention.auroc_far) == ({}, {}, None)


def test_a_reranker_is_a_stage_of_its_own_and_decides_what_ships(collection: Collection) -> None:
    class Sirens:
        def score(self, question: str, passages: Sequence[str]) -> Scores:  # noqa: ARG002 — as the contract has it
            return np.array(["Sirens" in passage for passage in passages], np.float32)

    outcomes = Asking(collection, EMBEDDER, Sirens()).ask(gold_of(QUESTIONS, collection), 10, lambda _done, _total: None)
    report = report_on(outcomes, collection)

    assert list(runs_of(outcomes)) == ["lexical", "dense", "rrf", "fused", "reranked"]
    assert report.stages["reranked"]["hit@1"] == 0
    assert report.stages["fused"]["hit@1"] == 0.75
    assert report.highlight.hits == 0


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with questions and what they are about; models are fakes."""
    monkeypatch.chdir(tmp_path)
    for place in ("asking_embedder", "indexing_embedder"):
        monkeypatch.setattr(f"service.cli.evaluation.{place}", _fake)
    (tmp_path / "lighthouses.txt").write_text(TEXT, encoding="utf-8")
    lines = [
        {
            "id": question.id,
            "question": question.text,
            "type": question.type,
            "answers": [{"start": answer.place.start, "grade": answer.grade} for answer in question.answers if _placed(answer)],
        }
        for question in QUESTIONS.questions
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


def _placed(answer: Answer) -> bool:
    return isinstance(answer.place, PlaceInDocument)


def _fake(_settings: Settings, _built_with: object, *_home: object) -> Embedder:
    return EMBEDDER


def evaluate(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["evaluate", *arguments], prog_name="ibid")


def told(*arguments: str) -> Any:
    result = evaluate(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_has_every_figure_in_one_object(here: Path) -> None:
    figures = told("questions.jsonl", "--collection", "lighthouses.txt")

    assert figures["stages"]["fused"]["hit@1"] == 0.75
    assert set(figures["stages"]["fused"]) >= {"hit@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"}
    assert set(figures["abstention"]) >= {"auroc_far", "auroc_near", "false_refusal"}


def test_tables_and_failures_are_for_people(here: Path) -> None:
    result = evaluate("questions.jsonl", "--collection", "lighthouses.txt")

    assert result.exit_code == 0
    for shown in (
        "6 questions",
        "lexical",
        "fused",
        "0.750",
        "AUROC against near misses",
        "Highlight",
        "Failures",
        "hated by everyone ashore",
    ):
        assert shown in result.stdout


def test_the_index_at_home_is_asked_where_nothing_else_is_named(here: Path) -> None:
    build_index(here / ".ibid", [SourceFile("lighthouses.txt", TEXT.encode())], EMBEDDER)

    assert told("questions.jsonl")["collection"]["excerpts"] == 4
    assert not (here / ".ibid" / "evaluation").exists()


def test_the_folder_of_an_index_can_be_named(here: Path) -> None:
    build_index(here / "elsewhere", [SourceFile("lighthouses.txt", TEXT.encode())], EMBEDDER)

    assert told("questions.jsonl", "--collection", "elsewhere")["collection"]["excerpts"] == 4


def test_without_an_index_the_remedy_is_told(here: Path) -> None:
    result = evaluate("questions.jsonl")

    assert result.exit_code == 1
    assert "error: there is no index" in result.stderr


def test_what_a_set_brings_along_is_indexed_once(here: Path) -> None:
    text = "The lamp burned whale oil."
    question = {"id": 1, "question": "What burned?", "answers": [{"text": "whale", "answer_start": text.index("whale")}]}
    (here / "set.json").write_text(json.dumps({"data": [{"paragraphs": [{"context": text, "qas": [question]}]}]}))

    first = told("set.json")
    calls = EMBEDDER.calls
    second = told("set.json")

    assert first["stages"] == second["stages"]
    assert first["highlight"]["share"] == 1
    # The question, and what calibration asks; not the collection again.
    assert len(list((here / ".ibid" / "evaluation").iterdir())) == 1
    assert EMBEDDER.calls - calls == calls_without_the_collection()


def calls_without_the_collection() -> int:
    from rag.calibration import EVERYDAY

    return 1 + 3 * len(EVERYDAY)


def test_each_stage_leaves_a_run_and_two_runs_are_compared(here: Path) -> None:
    told("questions.jsonl", "--collection", "lighthouses.txt", "--run", "today.run")

    compared = told("questions.jsonl", "--collection", "lighthouses.txt", "--compare", "today.dense.run", "today.run")[
        "comparison"
    ]

    assert {path.name for path in here.glob("*.run")} == {f"today{stage}.run" for stage in ("", ".lexical", ".dense", ".rrf")}
    assert compared["hit@1"]["second"] == 0.75
    assert 0 < compared["hit@1"]["p"] <= 1
    shown = evaluate("questions.jsonl", "--collection", "lighthouses.txt", "--compare", "today.dense.run", "today.run").stdout
    assert "randomisation" in shown
    assert "today.dense.run" in shown


def test_candidates_are_told_against_scoring_every_excerpt(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(here / ".ibid", [SourceFile("lighthouses.txt", TEXT.encode())], EMBEDDER)
    small = told("questions.jsonl", "--against", "exact")
    monkeypatch.setattr("index.derived.CODES_FROM", 1)
    monkeypatch.setattr("rag.scoring.CANDIDATES", 2)

    large = told("questions.jsonl", "--against", "exact")

    assert (small["recall"], small["same_first"], small["largest_difference"], small["candidates"]) == (1, 1, 0, False)
    assert large["candidates"]
    assert 0 < large["recall"] <= 1
    assert large["largest_difference"] == 0
    assert "recall of the exact first ten" in evaluate("questions.jsonl", "--against", "exact").output
    assert evaluate("questions.jsonl", "--against", "nearly").exit_code == 2


def test_a_question_that_cannot_be_mapped_is_an_error(here: Path) -> None:
    line = {"id": "lost", "question": "Where?", "type": "lookup", "answers": [{"start": TEXT.index("FOG SIGNALS"), "grade": 3}]}
    (here / "lost.jsonl").write_text(json.dumps(line))

    result = evaluate("lost.jsonl", "--collection", "lighthouses.txt")

    assert result.exit_code == 1
    assert "question lost" in result.stderr


def test_a_question_that_cannot_be_asked_is_an_error_that_names_it(here: Path) -> None:
    line = {
        "id": "odd",
        "question": "year:sometime which?",
        "type": "lookup",
        "answers": [{"start": TEXT.index("whale"), "grade": 3}],
    }
    (here / "odd.jsonl").write_text(json.dumps(line))

    result = evaluate("odd.jsonl", "--collection", "lighthouses.txt")

    assert result.exit_code == 1
    assert "question odd cannot be asked" in result.stderr


def test_a_collection_that_cannot_be_read_is_an_error(here: Path) -> None:
    (here / "empty").mkdir()
    (here / "empty" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe")

    result = evaluate("questions.jsonl", "--collection", "empty")

    assert result.exit_code == 1
    assert "picture.png cannot be indexed" in result.stderr
