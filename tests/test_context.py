"""The context of an excerpt: what is known of its source, and nothing that is not."""

from typing import Any

import pytest

from index.records import Citation, CslItem, Excerpt, issued_years
from index.windows import Context, context_of, full_names


def context(csl: CslItem | None, headings: tuple[str, ...] = ()) -> Context:
    return context_of(Excerpt("id", "document", 0, 1, "x", headings, Citation("raw", csl=csl)))


def test_authors_are_told_by_family_name_and_bodies_by_their_name() -> None:
    csl = {"author": [{"family": "Marlow", "given": "Ann"}, {"literal": "Library Board"}]}

    assert context(csl).author == "Marlow, Library Board"


def test_editors_stand_in_where_there_is_no_author() -> None:
    assert context({"editor": [{"family": "Oduya"}]}).author == "Oduya"


def test_a_citation_that_could_not_be_parsed_gives_no_context() -> None:
    assert context(None, ("Heading",)) == Context(headings="Heading")


def test_an_excerpt_without_a_citation_has_only_its_headings() -> None:
    assert context_of(Excerpt("id", "document", 0, 1, "x", ("A",))) == Context(headings="A")


@pytest.mark.parametrize(
    ("issued", "years"),
    [
        ({"date-parts": [[1951]]}, (1951, 1951)),
        ({"date-parts": [["1951", "3"]]}, (1951, 1951)),
        ({"date-parts": [[1950], [1953, 2]]}, (1950, 1953)),
        ({"date-parts": [[-44, 3, 15]]}, (-44, -44)),
        ({"raw": "about 1951"}, None),
        ({"date-parts": [[]]}, None),
        ({"date-parts": ["1951"]}, None),
        ("1951", None),
        (None, None),
    ],
)
def test_years_are_read_from_date_parts_and_never_guessed(issued: Any, years: tuple[int, int] | None) -> None:
    assert issued_years({"issued": issued}) == years


def test_full_names_hold_given_names_and_particles() -> None:
    names = full_names({"author": [{"family": "Beauvoir", "given": "Simone", "non-dropping-particle": "de"}]})

    assert " ".join(names[0].split()) == "Simone de Beauvoir"


@pytest.mark.parametrize("author", [None, "Marlow", [None], [{"family": None}], [{}]])
def test_odd_names_of_foreign_csl_are_passed_over(author: Any) -> None:
    assert context({"author": author}).author == ""
