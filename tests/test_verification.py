"""A quotation pasted in: whether it stands, and whether it stands where it was cited, are two answers."""

from collections.abc import Sequence

import pytest

from index.records import Excerpt
from rag.quotes.findings import Verification
from rag.quotes.match import QuoteIndex
from rag.quotes.verification import verify_quotation
from tests.quotable import passages

EXCERPTS = {excerpt.id: excerpt for excerpt in passages()}
INDEX = QuoteIndex((excerpt.id, excerpt.text) for excerpt in EXCERPTS.values())


def by_id(ids: Sequence[str]) -> list[Excerpt]:
    return [EXCERPTS[excerpt_id] for excerpt_id in ids]


def verified(quote: str, citation: str = "") -> Verification:
    return verify_quotation(quote, citation, INDEX, by_id)


@pytest.mark.parametrize(
    ("quote", "citation", "verdict", "cited"),
    [
        ("Its members feared the cost", "Doe, Jane. The Canal Years. London: Smith, 1950, p. 59", "exact", "agrees"),
        ("Its members feared the cost", "Doe 1950, 58", "exact", "agrees"),
        ("Its members feared the cost", "p. 60", "exact", "agrees"),
        ("Its members feared the cost", "Doe 1950, p. 61", "exact", "differs"),
        ("Its members feared the cost", "Roe, Richard. Harbour Men. Oslo: Aas, 1960, p. 3", "exact", "differs"),
        ("Its members loved the cost of bricks", "Doe 1950, p. 58", "altered", "agrees"),
        ("Its members feared the cost", "", "exact", None),
        ("Penguins dislike accordions", "Doe 1950, p. 58", "not_found", None),
    ],
)
def test_the_two_questions_are_answered_apart(quote: str, citation: str, verdict: str, cited: str | None) -> None:
    verification = verified(quote, citation)

    assert (verification.finding.verdict, verification.cited) == (verdict, cited)


def test_it_says_which_part_of_the_citation_differs() -> None:
    [place] = verified("Its members feared the cost", "Doe, The Canal Years, p. 61").places

    assert [(field.field, field.agreement) for field in place.fields] == [
        ("author", "agrees"),
        ("title", "agrees"),
        ("page", "differs"),
    ]


@pytest.mark.parametrize(
    "quote", ["“Its members feared the cost”", '"Its members feared the cost"', " ‘Its members feared the cost’ "]
)
def test_marks_around_the_whole_are_no_part_of_it(quote: str) -> None:
    assert verified(quote).finding.verdict == "exact"


def test_a_citation_that_cannot_be_read_is_compared_by_its_words() -> None:
    assert verified("Its members feared the cost", "The Canal Years").cited == "agrees"
    assert verified("Its members feared the cost", "Some Other Book").cited == "differs"


@pytest.mark.parametrize("quote", ["", "\x00", "“”", "\ud800 lone", "…"])
def test_no_words_are_not_found(quote: str) -> None:
    assert verified(quote, "Doe").finding.verdict == "not_found"
