"""Further judgements of support: a language model asked in a fixed form, and the passage reader's answer."""

from collections.abc import Sequence

import pytest

from prompts import load_prompt
from rag.answer_tree import Support
from rag.answering import Opinions
from rag.errors import SettingInvalid
from rag.opinions import MOST_SENTENCES, SupportJudge, read_support
from rag.passage_reader import Reading, ReadWindow
from service.settings import Settings
from tests.fakes import ScriptedModel
from tests.quotable import CANAL, checked, passages
from tests.test_answering import events, outcome, shown

OWN_WORDS = "The councillors were afraid that it would be dear [1]. The pilots refused every order of Mr. Hart [2]."
WRONG_YEAR = "The council did not approve the canal in 1946–47 [1]."


def judged(answer: str, *replies: str, fails_after: int | None = None) -> tuple[list[Support], ScriptedModel]:
    judge = ScriptedModel(*replies, fails_after=fails_after)
    told = events(ScriptedModel(answer), opinions=Opinions(SupportJudge(load_prompt("support"), judge)))
    assert shown(told) == outcome(told).text
    found = outcome(told).checked
    assert found is not None
    return [sentence.support for sentence in found.sentences], judge


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("SUPPORTED", "supported"),
        ("supported.", "supported"),
        ("**CONTRADICTED**", "contradicted"),
        ("UNCLEAR", "unclear"),
        ("I think it is SUPPORTED", "unclear"),
        ("NOT SUPPORTED", "unclear"),
        ("", "unclear"),
    ],
)
def test_a_reply_in_the_fixed_form_judges_and_any_other_does_not(reply: str, verdict: str) -> None:
    support, _ = judged("The councillors were afraid that it would be dear [1].", reply)

    assert support[0].verdict == verdict
    assert support[0].reasons[-1].startswith("scripted was asked and ")


def test_each_sentence_is_asked_about_with_its_own_passage_alone() -> None:
    _, judge = judged(OWN_WORDS, "UNCLEAR")

    asked = [message.content for messages in judge.asked for message in messages if message.role == "user"]
    assert len(asked) == 2
    assert [("afraid" in each, CANAL in each) for each in asked] == [(True, True), (False, False)]


def test_no_model_overrules_a_contradiction_that_can_be_shown() -> None:
    support, _ = judged(WRONG_YEAR, "SUPPORTED")

    assert support[0].verdict == "contradicted"
    assert "1936" in support[0].reasons[0]


def test_a_model_that_fails_leaves_the_signals_judgement_and_says_so() -> None:
    support, _ = judged(OWN_WORDS, "SUPPORTED", fails_after=0)

    assert [each.verdict for each in support] == ["unclear", "supported"]
    assert all(each.reasons[-1] == "scripted was asked and gave no judgement" for each in support)


def test_what_one_passage_bears_out_another_need_not() -> None:
    support, _ = judged("The councillors were afraid that it would be dear [1][2].", "CONTRADICTED", "SUPPORTED")

    assert support[0].verdict == "supported"


def test_a_long_answer_asks_no_more_than_so_often() -> None:
    _, judge = judged("The councillors feared that it would be dear [1]. " * (MOST_SENTENCES + 5), "UNCLEAR")

    assert len(judge.asked) == MOST_SENTENCES


class _Finds:
    """Reads one place as the answer, as surely as it is told."""

    def __init__(self, words: str, margin: float) -> None:
        self._words = words
        self._margin = margin

    def read(self, _question: str, windows: Sequence[ReadWindow]) -> list[Reading]:
        starts = [window.text.find(self._words) for window in windows]
        return [
            Reading(1.0, self._margin if start >= 0 else -1.0, max(start, 0), max(start, 0) + len(self._words))
            for start in starts
        ]


@pytest.mark.parametrize(
    ("said", "words", "margin", "verdict"),
    [
        ("It was the cost of so many bricks that they shrank from [1].", "the cost of 10,000 bricks", 2.0, "unclear"),
        ("They shrank from it, because the cost frightened them [1].", "the cost", 2.0, "supported"),
        ("They shrank from it, because the cost frightened them [1].", "the cost", -0.5, "unclear"),
        ("They shrank from it, because the mayor frightened them [1].", "the cost", 2.0, "unclear"),
        ("They shrank from the cost of it in 1977 [1].", "the cost", 2.0, "unclear"),
    ],
)
def test_the_reader_bears_out_a_sentence_that_says_what_it_found(said: str, words: str, margin: float, verdict: str) -> None:
    answer = read_support(checked(said, passages()), passages(), "Why no canal?", _Finds(words, margin))

    assert answer.sentences[0].support.verdict == verdict


def test_a_support_model_that_is_no_backend_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="support_model"):
        Settings(support_model="nobody")
