"""The verdict on a quotation: what is accepted, what is not, and why."""

import time

import pytest

from rag.quotes.findings import Place
from rag.quotes.judge import look_up, look_up_cited
from rag.quotes.match import QuoteIndex
from tests.quotable import CANAL, HARBOUR, RAILWAY, passages

EXCERPTS = passages()
INDEX = QuoteIndex((excerpt.id, excerpt.text) for excerpt in EXCERPTS)
TEXTS = {excerpt.id: excerpt.text for excerpt in EXCERPTS}


def shown(place: Place) -> str:
    return TEXTS[place.excerpt_id][place.start : place.end]


@pytest.mark.parametrize(
    "quote", ["The council did not approve the canal", "10,000 bricks, and “no man could say,”", "café", CANAL]
)
def test_words_as_they_stand_are_exact(quote: str) -> None:
    finding = look_up(quote, INDEX)

    assert finding.verdict == "exact"
    assert [shown(place) for place in finding.places] == [quote]


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ('"no man could say," wrote the clerk', "“no man could say,” wrote the clerk"),
        ("‘no man could say,’ wrote the clerk", "“no man could say,” wrote the clerk"),
        ("the canal in 1936-37", "the canal in 1936–37"),
        ("nine days -- the ferry", "nine days—the ferry"),
        ("before the bridge. The mayor’s speech", "before the bridge.\n\nThe mayor's speech"),
        ("found the of\ufb01ce \ufb01ne", "found the office fine"),
        ("THE CAFE\u0301, HOWEVER", "The café, however"),
        ("paid in full . . . the café", "paid in full… The café"),
        ("the ferry stood idle.", "the ferry stood idle"),
        ("its members feared the cost,", "Its members feared the cost"),
        ("[t]he council did not approve", "The council did not approve"),
        ("the council [sic] did not approve", "The council did not approve"),
        ("the **council** did not approve", "The council did not approve"),
    ],
)
def test_typography_and_editors_marks_are_normalised(quote: str, source: str) -> None:
    finding = look_up(quote, INDEX)

    assert finding.verdict == "normalised"
    assert shown(finding.places[0]) == source


@pytest.mark.parametrize(
    "quote",
    [
        "Its members feared the cost … and “no man could say,”",
        "Its members feared the cost ... and “no man could say,”",
        "Its members feared the cost […] and “no man could say,”",
        "Its members feared the cost. . . . “no man could say,”",
        "…its members feared the cost of 10,000 bricks",
        "Engineers finished the railway … two years before the bridge",
        "Its members feared … of 10,000 bricks",
    ],
)
def test_whole_pieces_joined_by_an_ellipsis_are_elided(quote: str) -> None:
    assert look_up(quote, INDEX).verdict == "elided"


@pytest.mark.parametrize(
    ("quote", "hidden"),
    [
        ("The council did … approve the canal", "not"),
        ("The council … approve the canal in 1936", "not"),
        ("the pilots […] every order of Mr. Hart", "refused"),
        ("They had ... been paid in full", "never"),
        ("and … who would pay", "no"),
    ],
)
def test_an_ellipsis_never_hides_a_negation_of_what_is_quoted(quote: str, hidden: str) -> None:
    finding = look_up(quote, INDEX)

    assert finding.verdict in ("altered", "stitched", "not_found")
    assert not finding.accepted
    if finding.note:
        assert f"“{hidden}”" in finding.note


def test_an_ellipsis_may_stand_for_a_whole_sentence_even_one_that_negates() -> None:
    index = QuoteIndex([("a", "He came early in May. He did not stay. He left in June of that year.")])

    assert look_up("He came early in May. … He left in June", index).verdict == "elided"


def test_single_words_are_not_joined_from_sentence_to_sentence() -> None:
    finding = look_up("The council … stood idle", INDEX)

    assert not finding.accepted


@pytest.mark.parametrize(
    ("quote", "kind", "quoted", "source"),
    [
        ("The council did approve the canal", "dropped", "", "not"),
        ("The council did not ever approve the canal", "added", "ever", ""),
        ("The council did not approve the tunnel in 1936", "replaced", "tunnel", "canal"),
        ("Its members feared the cost of 10000 bricks", "replaced", "10000", "10,000"),
        ("the railway in the spring of 1952, two years before", "replaced", "1952", "1951"),
        ("The council [of elders] did not approve", "added", "[of elders]", ""),
    ],
)
def test_one_changed_word_is_altered_and_the_diff_names_it(quote: str, kind: str, quoted: str, source: str) -> None:
    finding = look_up(quote, INDEX)

    assert finding.verdict == "altered"
    assert (kind, quoted, source) in [(change.kind, change.quoted, change.source) for change in finding.changes]


@pytest.mark.parametrize(
    "quote",
    [
        "ouncil did not approve the canal",
        "The council did not approve the can",
        "did not approve the canal in 1936",  # of 1936–37, which is one word
        "feared the cost of 10",
        "known lock-gates.” Rain fell",
        "officials of the U.S",
        "On the third day 5",
        "5 degrees",  # below zero
        "fell for nine days the ferry",  # no dash
        "They had never been paid in full The café, however",  # the source's own ellipsis is gone
        "the well — known lock-gates",
        "the p\u0430tience",
        "the mayor speech",
    ],
)
def test_a_word_cut_or_joined_is_never_accepted(quote: str) -> None:
    assert not look_up(quote, INDEX).accepted


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("A non–existent plot of 10 000 men.", "existent plot"),
        ("A non–existent plot of 10 000 men.", "plot of 10"),
        ("A non–existent plot of 10 000 men.", "000 men"),
        ("It ran on C++ at AT&T.", "it ran on C"),
        ("It ran on C++ at AT&T.", "on C++ at AT"),
        ("Boards of 2×4 were sold.", "boards of 2"),
    ],
)
def test_neither_a_prefix_nor_a_number_nor_a_name_is_cut(source: str, quote: str) -> None:
    assert not look_up(quote, QuoteIndex([("a", source)])).accepted


def test_words_from_two_places_are_stitched_and_both_are_named() -> None:
    finding = look_up("The council did not approve the railway in the spring of 1951", INDEX)

    assert finding.verdict == "stitched"
    assert [shown(place) for place in finding.places] == ["The council did not approve the", "railway in the spring of 1951"]


@pytest.mark.parametrize(
    "quote",
    ["Rain fell for nine days … The council did not approve", "Its members feared the cost … the wind blew from the sea"],
)
def test_pieces_out_of_order_or_from_two_excerpts_are_stitched(quote: str) -> None:
    assert look_up(quote, INDEX).verdict == "stitched"


@pytest.mark.parametrize("quote", ["", " ", "…", "“”", "\u200b", "—", "Nobody ever wrote such things about penguins", "lantern"])
def test_what_is_nowhere_is_not_found(quote: str) -> None:
    assert look_up(quote, INDEX).verdict == "not_found"


def test_exact_words_of_another_passage_are_misattributed() -> None:
    finding = look_up_cited("Its members feared the cost", INDEX, {EXCERPTS[1].id}, None)

    assert finding.verdict == "misattributed"
    assert finding.places[0].excerpt_id == EXCERPTS[0].id


def test_words_of_a_passage_that_was_not_given_are_misattributed() -> None:
    given = QuoteIndex([(EXCERPTS[1].id, HARBOUR)])

    assert look_up_cited("Its members feared the cost", given, set(), INDEX).verdict == "misattributed"


def test_a_quotation_without_citation_may_stand_in_any_passage() -> None:
    assert look_up_cited("Its members feared the cost", INDEX, set(), None).verdict == "exact"


def test_a_term_of_two_words_is_exact_in_its_passage_and_elsewhere_not_found() -> None:
    assert look_up_cited("nine days", INDEX, {EXCERPTS[0].id}, None).verdict == "exact"
    assert look_up_cited("nine days", INDEX, {EXCERPTS[2].id}, INDEX).verdict == "not_found"


def test_an_empty_collection_holds_nothing() -> None:
    assert look_up("anything at all", QuoteIndex([])).verdict == "not_found"


@pytest.mark.parametrize("quote", ["a " * 500_000, "“" * 100_000, "… " * 200_000, "the council did not " * 20_000, CANAL * 3000])
def test_a_megabyte_is_judged_in_seconds(quote: str) -> None:
    started = time.process_time()

    finding = look_up(quote, INDEX)

    assert not finding.accepted
    assert time.process_time() - started < 20


def test_the_cause_of_a_bad_dash_is_told() -> None:
    finding = look_up("who would pay for the well — known lock-gates", INDEX)

    assert finding.verdict == "altered"
    assert "dash" in finding.note


def test_curly_or_straight_the_apostrophe_is_the_same_letter() -> None:
    assert look_up("the workers’ patience", QuoteIndex([("r", RAILWAY)])).accepted


@pytest.mark.parametrize("negated", ["didn’t", "didnʼt", "didn`t", "didn´t", "n’osait"])
def test_an_ellipsis_hides_no_negation_whatever_its_apostrophe(negated: str) -> None:
    index = QuoteIndex([("1", f"The members of the council {negated} in any way approve the canal that year.")])

    assert not look_up("The members of the council … approve the canal", index).accepted
