"""What the reader is trained and judged on: pairs of a question and a window, and the question sets of the project."""

import hashlib
import json
import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from scripts.reader_pairs import Asked, Pair, PairSource, change, held_out

QUESTIONS = Path(__file__).parents[1] / "benchmarks" / "questions"
SAMPLE = Path(__file__).parents[1] / "index" / "sample" / "ibid-handbook.txt"

ABBEY = (
    "Brookvale Abbey was founded in 1132 by Maud Ferrers. Its abbot Edwin Marsh sold the bees to John Lynn in 1412. Rain fell."
)
MILL = "The mill of Harrow Ford burned in 1503. A widow, Alice Dunn, built it again with forty oaks from the bishop's forest."


def asked(question: str, paragraph: str, answer: str, title: str = "Brookvale") -> Asked:
    return Asked(question, title, paragraph, ((paragraph.index(answer), answer),) if answer else (), placed=True)


SQUAD = [
    asked("Who founded Brookvale Abbey?", ABBEY, "Maud Ferrers"),
    asked("To whom did Edwin Marsh sell the bees in 1412?", ABBEY, "John Lynn"),
    asked("When did the mill of Harrow Ford burn?", MILL, "1503", "Harrow Ford"),
    asked("Who built the mill again, according to Harrow Ford?", MILL, "Alice Dunn", "Harrow Ford"),
]
SQUAD2 = [
    asked("What did the monks of the abbey sell?", ABBEY, "the bees"),
    asked("Who sold the abbey?", ABBEY, ""),
    asked("How many oaks did the bishop keep?", MILL, "", "Harrow Ford"),
    asked("How many oaks did the mill need?", MILL, "forty", "Harrow Ford"),
]


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def drawn(seed: int, count: int = 200) -> list[tuple[Pair, Pair]]:
    return list(islice(PairSource(SQUAD, SQUAD2, count_words, seed).groups(), count))


def test_every_group_has_an_answered_pair_and_then_one_without_an_answer() -> None:
    assert {(first.answered, second.answered) for first, second in drawn(1)} == {(True, False)}


def test_the_span_of_an_answered_pair_is_the_answer_and_a_whole_window_holds_it() -> None:
    answers = {each.question: each.answers[0][1] for each in [*SQUAD, *SQUAD2] if each.answers}

    for answered, _ in drawn(2):
        assert answered.span is not None
        assert answered.passage.text[slice(*answered.span)] == answers[answered.question]


def test_a_window_that_was_retrieved_for_the_same_question_does_not_hold_the_answer() -> None:
    answers = {each.question: each.answers[0][1] for each in SQUAD}

    retrieved = [(first, second) for first, second in drawn(3) if first.question == second.question]

    assert retrieved
    assert all(answers[second.question] not in second.passage.text for _, second in retrieved)


def test_the_same_seed_draws_the_same_groups() -> None:
    assert drawn(4) == drawn(4) != drawn(5)


def test_a_changed_question_names_a_year_that_the_window_does_not_hold() -> None:
    for seed in range(20):
        changed = change("What was sold in 1412?", ABBEY, [], random.Random(seed))

        assert changed is not None
        assert changed.startswith("What was sold in 1")
        assert changed.removeprefix("What was sold in ").rstrip("?") not in ABBEY


def test_a_changed_question_names_somebody_whom_the_window_does_not_name() -> None:
    names = ["Alice Dunn", "Maud Ferrers"]

    changed = {change("Why did old Edwin Marsh sell bees?", ABBEY, names, random.Random(seed)) for seed in range(20)}

    assert changed == {"Why did old Alice Dunn sell bees?"}


def test_two_persons_change_places() -> None:
    changed = {change("When did Edwin Marsh sell bees to John Lynn?", ABBEY, [], random.Random(seed)) for seed in range(5)}

    assert changed == {"When did John Lynn sell bees to Edwin Marsh?"}


def test_a_question_without_years_and_names_is_not_changed() -> None:
    assert change("Was rain welcome?", ABBEY, ["Alice Dunn"], random.Random(1)) is None


def test_about_one_article_in_so_many_is_kept_back_and_always_the_same() -> None:
    kept = [title for title in map(str, range(4000)) if held_out(title, 4)]

    assert len(kept) == pytest.approx(1000, rel=0.1)
    assert kept == [title for title in map(str, range(4000)) if held_out(title, 4)]


@pytest.mark.model
def test_a_batch_is_learned_and_an_interrupted_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    import torch

    from scripts.train_reader import MAX_TOKENS, Reader, Training, bundled_folder, collate, tokenizer_of

    torch.manual_seed(7)
    batch = collate(drawn(6, 2), tokenizer_of(bundled_folder(), MAX_TOKENS))
    training = Training(Reader(bundled_folder()), tmp_path, seconds=60)
    training.model.train()
    training.elapsed = 30.0

    losses = [training.learn(batch) for _ in range(6)]
    training.save()
    again = Training(Reader(bundled_folder()), tmp_path, seconds=60)
    again.resume()

    assert losses[-1] < losses[0]
    assert (again.step, again.elapsed) == (6, 30.0)
    kept, resumed = training.model.state_dict(), again.model.state_dict()
    assert all(torch.equal(kept[name], resumed[name]) for name in kept)


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["reader-handbook.jsonl", "reader-collection.jsonl"])
def test_near_misses_are_as_many_and_as_long_as_the_questions_that_are_answered(name: str) -> None:
    answered = [line["question"].split() for line in questions(name) if line["answers"]]
    missed = [line["question"].split() for line in questions(name) if not line["answers"]]

    assert len(answered) == len(missed) >= 90
    assert mean(map(len, answered)) == pytest.approx(mean(map(len, missed)), abs=0.1)


def test_every_answer_in_the_sample_stands_where_the_set_says() -> None:
    text = SAMPLE.read_text(encoding="utf-8")

    for line in questions("reader-handbook.jsonl"):
        for answer in line["answers"]:
            stands = text[answer["start"] : answer["end"]]
            assert hashlib.sha256(stands.encode()).hexdigest()[:12] == answer["sha256"], line["question"]


def test_no_text_of_the_collection_is_kept_with_its_questions() -> None:
    assert {key for line in questions("reader-collection.jsonl") for answer in line["answers"] for key in answer} == {
        "start",
        "end",
        "grade",
        "sha256",
    }
