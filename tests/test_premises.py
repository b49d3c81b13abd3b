"""What a question takes for granted has to stand in a leading passage for it to count as answered."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from index.stores import Term
from rag.calibration import NOTHING_BELOW, WEAK_BELOW, Judgement, allowance, judge
from rag.calibration import Calibration as Read
from rag.lexical import AskedWord, AskedWords
from rag.limits import Held, across_languages, within_premise

ROOT = Path(__file__).parents[1]
SURE = Judgement("answered", 0.9)
FUNCTION = frozenset("did why how was the a to of who what when hat wer in".split())


def terms(text: str) -> list[str]:
    return [word.strip("?.,’'").removesuffix("ed") for word in text.lower().split()]


def asked(question: str, language: str = "en", **spellings: str) -> AskedWords:
    words = [word for word in terms(question) if word not in FUNCTION]
    return AskedWords([_word(word, spellings.get(word, word)) for word in words], language)


def _word(term: str, spelling: str) -> AskedWord:
    return AskedWord(term, Term(((spelling, 1.0 if spelling == term else 0.9),)), 2.0, 1.0, 1.0, 1.0, 1)


def window(*sentences: str, context: str = "") -> Held:
    return Held(frozenset(terms(context)), [frozenset(terms(sentence)) for sentence in sentences])


def told(question: str, *windows: Held, language: str = "en") -> str:
    return within_premise(SURE, question, asked(question, language), windows, terms).status


def test_names_that_stand_together_nowhere_answer_nothing_for_sure() -> None:
    apart = [window("Marsh kept the lamp."), window("Quill rang the bell.")]

    assert told("Where did Marsh meet with Quill?", *apart) == "weak"
    assert told("Where did Marsh meet with Quill?", *apart, window("Marsh would meet Quill at sea.")) == "answered"


def test_a_number_that_no_passage_holds_is_no_answer_for_sure() -> None:
    assert told("What burned in 1936?", window("The mill burned in 1951.")) == "weak"
    assert told("What burned in 1936?", window("The mill burned in 1936.")) == "answered"


def test_a_clause_has_to_stand_in_one_sentence_where_it_names_two() -> None:
    question = "Did Marsh murder Quill?"

    assert told(question, window("Marsh admired Quill.", "They feared a murder by Marsh.")) == "weak"
    assert told(question, window("They say Marsh would murder Quill.")) == "answered"
    assert told(question, window("Marsh hated Quill.", context="The murder of 1936")) == "answered"


def test_a_clause_about_one_needs_a_part_of_its_other_words_only() -> None:
    question = "Why did Marsh burn the old lamp house?"

    assert told(question, window("Marsh kept bees."), window("The lamp house.")) == "weak"
    assert told(question, window("Marsh set fire to the house.", "It was old.")) == "answered"


@pytest.mark.parametrize("question", ["who kept the lamp?", "Who kept the lamp?", "Why was the lamp kept?"])
def test_a_question_without_names_is_judged_by_its_evidence_alone(question: str) -> None:
    assert told(question, window("nothing of it")) == "answered"


def test_german_nouns_are_not_taken_for_names() -> None:
    assert told("Warum brannte die Lampe im Turm?", window("nichts"), language="de") == "answered"


def test_of_two_weak_ones_the_likelier_stays_so_and_none_is_refused() -> None:
    question, nowhere = "Did Marsh murder Quill?", [window("no names")]

    found = [
        within_premise(Judgement("answered", confidence), question, asked(question), nowhere, terms).confidence
        for confidence in (0.5, 0.7, 0.99)
    ]

    assert NOTHING_BELOW <= found[0] < found[1] < found[2] < WEAK_BELOW


REFUSED = Judgement("nothing_relevant", 0.02)


def test_a_name_carries_a_question_into_another_language() -> None:
    question = "Wer hat Trotzki ermordet?"
    words = asked(question, "de", trotzki="trotski")

    found = across_languages(REFUSED, question, words, [window("trotski was killed")], terms)

    assert (found.status, found.confidence) == ("weak", NOTHING_BELOW)
    assert across_languages(REFUSED, question, words, [window("somebody was killed")], terms) == REFUSED


def test_a_slip_of_the_finger_is_not_the_same_name() -> None:
    guessed = AskedWords([AskedWord("trotzki", Term((("trotting", 0.6),)), 2.0, 1.0, 1.0, 1.0, 1)], "de")

    assert across_languages(REFUSED, "Wer hat Trotzki ermordet?", guessed, [window("trotting on")], terms) == REFUSED


# What is allowed for where the embedder does not know a language.


def test_nothing_is_allowed_for_where_the_embedder_knows_the_language() -> None:
    assert allowance(1.0, foreign=False) == allowance(1.0, foreign=True) == 0


def test_the_less_is_known_the_more_is_allowed_for_and_more_across_languages() -> None:
    assert 0 < allowance(0.8, foreign=False) < allowance(0.5, foreign=False) == allowance(0, foreign=False)
    assert allowance(0.5, foreign=False) < allowance(0.5, foreign=True)


@pytest.mark.parametrize("known", [0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("foreign", [False, True])
def test_a_question_to_which_nothing_is_near_is_refused_whatever_is_allowed_for(known: float, foreign: bool) -> None:
    import numpy as np

    nothing = judge(np.zeros(10, np.float32), Read(foreign=0.26), allowance(known, foreign=foreign))

    assert nothing.status == "nothing_relevant"


# The question set of false premises.


def lines() -> Sequence[dict[str, Any]]:
    text = (ROOT / "benchmarks" / "questions" / "premises-handbook.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_false_premises_are_as_many_and_as_long_as_the_questions_that_are_answered() -> None:
    answered = [len(line["question"].split()) for line in lines() if line["answers"]]
    missed = [len(line["question"].split()) for line in lines() if not line["answers"]]

    assert len(answered) == len(missed) >= 60
    assert mean(answered) == pytest.approx(mean(missed), abs=0.4)


def test_every_answer_stands_where_the_set_says() -> None:
    text = (ROOT / "index" / "sample" / "ibid-handbook.txt").read_text(encoding="utf-8")

    for line in lines():
        for answer in line["answers"]:
            stands = text[answer["start"] : answer["end"]]
            assert hashlib.sha256(stands.encode()).hexdigest()[:12] == answer["sha256"], line["question"]
