"""Answers are found in a collection by document and offset, or by the passage they stand in; never lost silently."""

from pathlib import Path

import pytest

from index.build import build_index
from index.collection import Collection
from index.records import SourceFile
from rag.errors import QuestionsInvalid
from rag.evaluation.formats import FAR, Answer, AskedQuestion, PlaceInDocument, PlaceInPassage, QuestionSet
from rag.evaluation.gold import Gold, gold_of
from tests.fakes import HashEmbedder
from tests.shelf import TEXT

BELL = TEXT.index("The fog bell")
OIL = TEXT.index("whale oil")
TITLE = TEXT.index("LAMPS AND KEEPERS")
PLAIN = "Gulls nest on the gallery in spring. The keeper lets them."


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home = tmp_path_factory.mktemp("home")
    build_index(home, [SourceFile("lighthouses.txt", TEXT.encode()), SourceFile("gulls.txt", PLAIN.encode())], HashEmbedder())
    return Collection.open(home)


def gold(collection: Collection, *answers: Answer, right_from: int = 1) -> Gold:
    asked = AskedQuestion("q1", "What burned in the lamp?", "lookup", answers)
    return gold_of(QuestionSet("set", (asked,), right_from), collection)[0]


def texts(collection: Collection, found: Gold) -> list[str]:
    return [excerpt.text[:12] for excerpt in collection.excerpts(sorted(found.right))]


def test_an_offset_leads_to_the_excerpt_it_falls_into(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInDocument(OIL, "lighthouses.txt")))

    assert texts(collection, found) == ["The lamp of "]
    assert list(found.starts.values()) == [(OIL - TEXT.index("The lamp of"),)]


def test_a_quote_tells_which_document_is_meant(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInDocument(BELL, quote="The fog bell was rung")))

    assert texts(collection, found) == ["The fog bell"]


def test_a_document_may_be_named_by_its_sha256(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInDocument(0, SourceFile("", PLAIN.encode()).sha256)))

    assert texts(collection, found) == ["Gulls nest o"]


@pytest.mark.parametrize(
    "place",
    [PlaceInDocument(OIL), PlaceInDocument(OIL, "elsewhere.txt"), PlaceInDocument(OIL, "lighthouses.txt", "coal")],
    ids=["not told", "unknown", "another text"],
)
def test_a_document_that_cannot_be_told_is_an_error(collection: Collection, place: PlaceInDocument) -> None:
    with pytest.raises(QuestionsInvalid, match=r"question q1.*exactly one document"):
        gold(collection, Answer(place))


def test_a_place_outside_every_excerpt_is_an_error_that_names_the_question(collection: Collection) -> None:
    with pytest.raises(QuestionsInvalid, match="question q1, 'What burned in the lamp"):
        gold(collection, Answer(PlaceInDocument(TITLE, "lighthouses.txt")))


def test_an_answer_outside_every_excerpt_is_counted_where_another_one_stands(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInDocument(TITLE, "lighthouses.txt")), Answer(PlaceInDocument(OIL, "lighthouses.txt")))

    assert (len(found.right), found.unplaced) == (1, 1)


def test_only_grades_that_are_right_make_an_excerpt_right(collection: Collection) -> None:
    context = Answer(PlaceInDocument(BELL, "lighthouses.txt"), 1)
    answer = Answer(PlaceInDocument(OIL, "lighthouses.txt"), 3)

    found = gold(collection, context, answer, right_from=2)

    assert texts(collection, found) == ["The lamp of "]
    assert sorted(found.grades.values()) == [1, 3]


def test_a_passage_that_is_an_excerpt_is_found_whatever_white_space_surrounds_it(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInPassage(f"\n {PLAIN} ", 2 + PLAIN.index("The keeper"))))

    assert list(found.starts.values()) == [(PLAIN.index("The keeper"),)]


def test_a_passage_within_a_document_is_found_by_its_text(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInPassage(TEXT, BELL)))

    assert texts(collection, found) == ["The fog bell"]


def test_a_passage_that_answers_as_a_whole_makes_all_its_excerpts_right(collection: Collection) -> None:
    found = gold(collection, Answer(PlaceInPassage(TEXT)))

    assert len(found.right) == 4
    assert found.starts == {}


def test_an_unanswerable_question_has_no_gold(collection: Collection) -> None:
    asked = AskedQuestion("q1", "Who won the match?", FAR)

    assert gold_of(QuestionSet("set", (asked,)), collection)[0].right == frozenset()


def test_the_set_it_was_made_for_maps_whole(real_data: Path, tmp_path: Path) -> None:
    from rag.evaluation.formats import read_questions

    file = next(real_data.glob("000_*.txt"))
    build_index(tmp_path, [SourceFile(file.name, file.read_bytes())], HashEmbedder())
    collection = Collection.open(tmp_path)

    found = gold_of(read_questions(real_data / "fifth-column-questions.jsonl"), collection)

    assert (len(found), sum(gold.question.answerable for gold in found)) == (90, 70)
    assert sum(gold.unplaced for gold in found) == 0
