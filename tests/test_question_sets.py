"""Question sets are read from our JSON lines, SQuAD-style JSON and BEIR folders, and refused where they contradict themselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from rag.errors import QuestionsInvalid
from rag.evaluation.formats import FAR, NEAR, Answer, PlaceInDocument, PlaceInPassage, read_questions

LAMP = {"start": 10, "end": 20, "grade": 3, "quote": "The lamp"}
LINE = {"id": "q1", "question": "What burned?", "type": "lookup", "answers": [LAMP], "short_answer": "Oil."}
CONTEXT = "The lamp burned whale oil until the gas works opened."


def written(folder: Path, *lines: dict[str, Any], name: str = "questions.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def squad(folder: Path, *contexts: str, **changes: Any) -> Path:
    """A file with one question about each context, whose answer is its last word."""
    paragraphs = [
        {
            "context": context,
            "qas": [
                {
                    "id": number,
                    "question": f"Question {number}?",
                    "answers": [{"text": context.split()[-1], "answer_start": context.rindex(context.split()[-1])}],
                    **changes,
                }
            ],
        }
        for number, context in enumerate(contexts, 1)
    ]
    return written(folder, {"data": [{"title": "Lamps", "paragraphs": paragraphs}]}, name="set.json")


def beir(folder: Path, judgements: str = "query-id\tcorpus-id\tscore\nq1\td2\t2\nq1\td1\t0\n") -> Path:
    written(
        folder,
        {"_id": "d1", "title": "Bells", "text": "Rung by hand."},
        {"_id": "d2", "title": "Lamps", "text": ""},
        name="corpus.jsonl",
    )
    written(folder, {"_id": "q1", "text": "Which lamps?"}, {"_id": "q2", "text": "Nobody judged this."}, name="queries.jsonl")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text(judgements, encoding="utf-8")
    return folder


def test_our_lines_give_answers_by_offset_and_grade(tmp_path: Path) -> None:
    read = read_questions(written(tmp_path, LINE, {"id": "q2", "question": "Why?", "type": FAR}))

    assert read.questions[0].answers == (Answer(PlaceInDocument(10, quote="The lamp"), 3),)
    assert [question.answerable for question in read.questions] == [True, False]
    assert (read.right_from, read.files) == (2, ())


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([{"id": "q1", "question": "Why?"}], "line 1"),
        ([LINE, {**LINE, "id": "q2", "answers": [{**LAMP, "grade": 4}]}], "line 2"),
        ([{**LINE, "answers": [{**LAMP, "start": -1}]}], "line 1"),
        ([LINE, LINE], "'q1' twice"),
        ([{**LINE, "id": "q 1"}], "'q 1'"),
        ([{**LINE, "answers": []}], "question q1"),
        ([{**LINE, "answers": [{**LAMP, "grade": 1}]}], "no answer of grade 2"),
        ([{**LINE, "type": NEAR}], "has answers"),
        ([], "holds no question"),
    ],
    ids=["no type", "grade", "start", "twice", "white space", "no answer", "context only", "answered", "empty"],
)
def test_lines_that_contradict_themselves_are_refused_by_name(tmp_path: Path, lines: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(QuestionsInvalid, match=told):
        read_questions(written(tmp_path, *lines))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match=r"cannot be read.*check the path"):
        read_questions(tmp_path / "nowhere.json")


def test_short_contexts_are_excerpts_one_each(tmp_path: Path) -> None:
    read = read_questions(squad(tmp_path, CONTEXT, "The bell was rung by hand."))

    assert [json.loads(line)["text"] for line in read.files[0].data.splitlines()] == [CONTEXT, "The bell was rung by hand."]
    assert read.reader == "jsonl"
    assert read.questions[0].answers == (Answer(PlaceInPassage(CONTEXT, CONTEXT.index("opened."))),)
    assert read.questions[0].id == "1"


def test_long_contexts_are_documents(tmp_path: Path) -> None:
    long = CONTEXT * 60

    read = read_questions(squad(tmp_path, long, f"{long} Again."))

    assert [file.name for file in read.files] == ["0001.txt", "0002.txt"]
    assert read.files[0].data.decode() == long
    assert read.reader == "plain"


def test_impossible_questions_are_near_misses(tmp_path: Path) -> None:
    read = read_questions(squad(tmp_path, CONTEXT, is_impossible=True, answers=[]))

    assert read.questions[0].type == NEAR


def test_white_space_around_an_answer_does_not_matter(tmp_path: Path) -> None:
    read = read_questions(squad(tmp_path, CONTEXT, answers=[{"text": " lamp ", "answer_start": 4}]))

    assert read.questions[0].answers[0].place == PlaceInPassage(CONTEXT, 4)


def test_an_answer_that_does_not_stand_where_it_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match=r"question 1 .*'lamp' at 5"):
        read_questions(squad(tmp_path, CONTEXT, answers=[{"text": "lamp", "answer_start": 5}]))


def test_a_possible_question_without_an_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match=r"question 1 .*no answer"):
        read_questions(squad(tmp_path, CONTEXT, answers=[]))


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"data": 3}', '{"data": []}'])
def test_json_that_is_no_question_set_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(QuestionsInvalid):
        read_questions(path)


def test_a_beir_folder_gives_judged_queries_and_its_corpus(tmp_path: Path) -> None:
    read = read_questions(beir(tmp_path))

    assert [(question.id, question.text) for question in read.questions] == [("q1", "Which lamps?")]
    assert read.questions[0].answers == (Answer(PlaceInPassage("Lamps"), 2),)
    assert [json.loads(line) for line in read.files[0].data.splitlines()] == [
        {"text": "Rung by hand.", "heading": "Bells"},
        {"text": "Lamps"},
    ]


@pytest.mark.parametrize(
    ("judgements", "told"),
    [
        ("q1\td2\t2\nq1 d1 1\n", "line 2"),
        ("q1\td2\tgood\n", "line 1"),
        ("q1\td9\t1\n", "text d9"),
        ("q9\td1\t1\n", "query q9"),
        ("query-id\tcorpus-id\tscore\n", "no question"),
    ],
    ids=["no tabs", "no number", "no such text", "no such query", "none"],
)
def test_judgements_that_lead_nowhere_are_refused(tmp_path: Path, judgements: str, told: str) -> None:
    with pytest.raises(QuestionsInvalid, match=told):
        read_questions(beir(tmp_path, judgements))


def test_a_split_that_is_not_there_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match=r"dev\.tsv.*--split"):
        read_questions(beir(tmp_path), split="dev")
