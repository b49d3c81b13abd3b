"""What of a model's answer may be shown, and what is reported about the rest."""

import random
from itertools import pairwise
from typing import Any

import pytest

from rag.answer_tree import CheckedAnswer
from rag.checking import AnswerCheck
from rag.quotes.match import QuoteIndex
from tests import quotable
from tests.quotable import passages

PASSAGES = passages()
ABSTENTION = "The collection does not answer this."


def checked(text: str, **options: Any) -> CheckedAnswer:
    return quotable.checked(text, PASSAGES, abstention=ABSTENTION, **options)


def verdicts(answer: CheckedAnswer) -> list[tuple[str, str]]:
    return [(quotation.finding.verdict, quotation.action) for quotation in answer.quotations]


def test_a_true_quotation_is_shown_in_the_letters_of_its_source() -> None:
    answer = checked("Doe says that “its members feared the cost of 10,000 bricks” [1].")

    assert answer.text == "Doe says that “Its members feared the cost of 10,000 bricks” [1]."
    assert answer.citations == (1,)
    assert verdicts(answer) == [("normalised", "kept")]
    assert answer.stands


def test_a_quotation_with_one_changed_word_loses_its_marks() -> None:
    answer = checked("Doe says: “The council did approve the canal” [1].")

    assert answer.text == "Doe says: The council did approve the canal [1]."
    assert verdicts(answer) == [("altered", "unquoted")]
    assert answer.sentences[0].cites
    assert not answer.stands


def test_or_it_gives_way_to_the_words_of_the_source() -> None:
    answer = checked("Doe says: “The council did approve the canal” [1].", unproved="source")

    assert answer.text == "Doe says: “The council did not approve the canal” [1]."
    assert verdicts(answer) == [("altered", "replaced")]


def test_the_source_never_speaks_for_a_passage_that_is_not_cited() -> None:
    answer = checked("Roe says: “The council did approve the canal” [2].", unproved="source")

    assert answer.text == "Roe says: The council did approve the canal [2]."


@pytest.mark.parametrize(
    ("text", "shown", "removed"),
    [
        ("It rained [9].", "It rained.", ("[9]",)),
        ("It rained [1, 9].", "It rained [1].", ("[1, 9]",)),
        ("It rained [0][1].", "It rained[1].", ("[0]",)),
        ("It rained [1](https://invented.example).", "It rained [1].", ()),
        ("It rained【1†source】.", "It rained[1].", ()),
        ("It rained [^1].\n\n[^1]: invented\n", "It rained [1].", ("[^1]: invented",)),
        ("It rained `a[9]` [1].", "It rained `a[9]` [1].", ()),
        ("It rained in [1937] [1].", "It rained in [1937\\] [1].", ()),
    ],
)
def test_only_citations_of_passages_that_were_given_are_shown(text: str, shown: str, removed: tuple[str, ...]) -> None:
    answer = checked(text)

    assert answer.text == shown
    assert answer.removed == removed


def test_a_quotation_belongs_to_the_citation_that_follows_it() -> None:
    answer = checked("“Its members feared the cost” [1], and “the pilots refused every order” [2].")
    swapped = checked("“Its members feared the cost” [2], and “the pilots refused every order” [1].")

    assert [verdict for verdict, _ in verdicts(answer)] == ["exact", "exact"]
    assert [verdict for verdict, _ in verdicts(swapped)] == ["misattributed", "misattributed"]


def test_a_citation_before_the_quotation_counts_where_it_is_not_another_ones() -> None:
    answer = checked("As [1] says, “its members feared the cost”, though [2] does not.")

    assert verdicts(answer) == [("normalised", "kept")]


def test_a_block_quote_belongs_to_its_own_citation_or_to_the_sentence_before() -> None:
    own = checked("As told:\n\n> Engineers finished the railway in the spring of 1951\n> — Poe 1970 [3]\n")
    before = checked("Doe writes [1]:\n\n> Engineers finished the railway in the spring of 1951\n")

    assert verdicts(own) == [("exact", "kept")]
    assert verdicts(before) == [("misattributed", "unquoted")]
    assert before.text == "Doe writes [1]:\n\nEngineers finished the railway in the spring of 1951"


def test_a_quotation_in_a_failed_quotation_is_judged_by_itself() -> None:
    answer = checked("“Doe says ‘no man could say’ it” [1].")

    assert verdicts(answer) == [("altered", "unquoted"), ("exact", "kept")]
    assert answer.text == "Doe says “no man could say” it [1]."


def test_citations_inside_a_quotation_do_not_spoil_it() -> None:
    answer = checked("“Its members feared [1] the cost of 10,000 bricks [1].”")

    assert verdicts(answer) == [("normalised", "kept")]
    assert answer.citations == (1,)


def test_the_title_of_a_work_in_marks_is_no_quotation() -> None:
    answer = checked("In “Harbour Men”, Roe says that the pilots refused [2].")

    assert answer.quotations == ()
    assert answer.stands


def test_a_mark_never_closed_hides_nothing() -> None:
    answer = checked("Doe says “The council did approve the canal [1].")

    assert answer.text == "Doe says The council did approve the canal [1]."
    assert verdicts(answer) == [("altered", "unquoted")]


@pytest.mark.parametrize(
    "disguised",
    [
        "<q>the council did approve the canal</q>",
        "<blockquote cite='x'>the council did approve the canal</blockquote>",
        "&quot;the council did approve the canal&quot;",
        "&#8220;the council did approve the canal&#x201D;",
        "&laquo;the council did approve the canal&raquo;",
        "``the council did approve the canal''",
        '\\"the council did approve the canal\\"',
        "❝the council did approve the canal❞",
        "﹁the council did approve the canal﹂",
    ],
)
def test_marks_in_disguise_are_not_shown(disguised: str) -> None:
    assert checked(f"Doe says {disguised} [1].").text == "Doe says the council did approve the canal [1]."


def test_an_apostrophe_in_disguise_stays_one() -> None:
    assert checked("The clerk&rsquo;s rain [1]. Code `&quot;` too [1].").text == "The clerk’s rain [1]. Code `&quot;` too [1]."


def test_what_is_in_the_collection_but_was_not_given_is_told() -> None:
    everything = QuoteIndex([("elsewhere", "The lighthouse keeper kept no log in winter.")])

    answer = checked("“The lighthouse keeper kept no log” [1].", collection=everything)

    assert answer.quotations[0].finding.verdict == "misattributed"
    assert answer.quotations[0].finding.places[0].excerpt_id == "elsewhere"


def test_every_sentence_says_whether_it_is_supported() -> None:
    answer = checked("# Heading\n\nThe rain fell [1]. The ferry was late. Pilots refused [2].")

    assert [(sentence.kind, sentence.cites) for sentence in answer.sentences] == [
        ("heading", False),
        ("sentence", True),
        ("sentence", False),
        ("sentence", True),
    ]
    assert "".join(sentence.text for sentence in answer.sentences) == answer.text
    assert all(answer.text[sentence.span.start : sentence.span.end] == sentence.text for sentence in answer.sentences)


@pytest.mark.parametrize(
    "text", ["", "I know this well. It was so.", "It was so [9].", "“The council did approve the canal” [1]."]
)
def test_an_answer_without_a_sound_sentence_does_not_stand(text: str) -> None:
    assert not checked(text).stands


@pytest.mark.parametrize("text", [ABSTENTION, "the collection does not answer this", f"*{ABSTENTION}*\n"])
def test_the_agreed_sentence_is_known_as_an_abstention(text: str) -> None:
    assert checked(text).abstained


def test_an_abstention_with_more_to_say_is_none() -> None:
    assert not checked(f"{ABSTENTION} But I think it was so.").abstained


MIXED = (
    "In “Harbour Men”, Roe says “the pilots refused every order of Mr. Hart” [2]. He adds “they had been paid in full” [2]! "
    "See [7] and [2, 9].\n\n> “Rain fell for nine days—the ferry stood idle” (Doe, p. 59) [1]\n\n"
    "As ‘few of them heard it’ [3](http://x.y). “Its members feared the cost … and ‘no man could say’” [1] “never closed.\n\n"
    "```\n[9] “code”\n```\nEnd [1]\n\n[1]: http://evil.example\n"
)


@pytest.mark.parametrize("unproved", ["unquote", "source"])
def test_a_streamed_answer_is_checked_as_the_whole_is(unproved: Any) -> None:
    whole = checked(MIXED, unproved=unproved)
    chance = random.Random(1)

    for _ in range(40):
        check = AnswerCheck(PASSAGES, abstention=ABSTENTION, unproved=unproved)
        cuts = [0, *sorted(chance.sample(range(len(MIXED)), 25)), len(MIXED)]
        for start, end in pairwise(cuts):
            check.feed(MIXED[start:end])
        check.finish()
        assert check.answer() == whole


@pytest.mark.parametrize("outlet", ["markdown", "html", "plain"])
@pytest.mark.parametrize(
    "text", [MIXED, "## A heading\n\n", "```\ncode\n```\n", "- one [1].\n- two [1].\n\n", "It rained [1].\n\n"]
)
def test_what_is_given_out_bit_by_bit_is_the_answer_and_nothing_twice(text: str, outlet: Any) -> None:
    check = AnswerCheck(PASSAGES, outlet=outlet)

    given = [sentence for part in text.splitlines(keepends=True) for sentence in check.feed(part)] + check.finish()

    assert "".join(sentence.text for sentence in given) == check.answer().text
    assert all(check.answer().text[each.span.start : each.span.end] == each.text for each in check.answer().sentences)


def test_nothing_is_released_before_its_citation_is_known() -> None:
    check = AnswerCheck(PASSAGES)

    assert check.feed("Doe says “its members feared the cost of") == []
    assert check.feed(" 10,000 bricks” ") == []
    [sentence] = check.feed("[1]. And th")

    assert sentence.text == "Doe says “Its members feared the cost of 10,000 bricks” [1]."


def test_no_passages_leave_no_citation_and_no_quotation() -> None:
    answer = quotable.checked("He said “the ferry stood idle” [1].", [])

    assert answer.text == "He said the ferry stood idle."
    assert not answer.stands
