"""What the seed collection's citation lines say, pinned by counts and bibliographic facts."""

from pathlib import Path

import pytest

from index.citations.parse import parse_citation
from index.citations.recognise import is_citation
from index.citations.works import merge_works
from index.records import Citation, Work

SEED = "000_74679c296b4caa77.txt"


@pytest.fixture(scope="module")
def citations(real_data: Path) -> list[Citation]:
    lines = (real_data / SEED).read_text(encoding="utf-8").splitlines()
    return [parse_citation(line) for line in lines if is_citation(line)]


@pytest.fixture(scope="module")
def works(citations: list[Citation]) -> list[Work]:
    return merge_works(citations)[0]


def by_author(works: list[Work], family: str) -> list[Work]:
    return [work for work in works if family in {person.get("family") for person in work.csl.get("author", [])}]


def test_every_citation_line_is_recognised_and_nothing_else(citations: list[Citation]) -> None:
    assert len(citations) == 379  # one of them an in-text reference that stands on a line of its own


def test_every_line_is_parsed_with_pages(citations: list[Citation]) -> None:
    assert all(citation.csl for citation in citations)
    assert all(citation.locator is not None and citation.locator.label == "page" for citation in citations)
    assert sum(citation.locator is not None and not citation.locator.pages for citation in citations) == 4  # roman


def test_only_a_street_address_is_left_over(citations: list[Citation]) -> None:
    problems = [citation for citation in citations if citation.problem]

    assert {citation.csl["author"][0]["family"] for citation in problems if citation.csl} == {"Martens"}
    assert len(problems) == 5


def test_there_are_ninety_works(works: list[Work]) -> None:
    assert len(works) == 90
    assert sum(work.excerpts for work in works) == 379


def test_five_works_are_called_stalin(works: list[Work]) -> None:
    authors = {work.csl["author"][0]["family"] for work in works if work.csl["title"] == "Stalin"}

    assert authors == {"Barbusse", "Basseches", "Murphy", "Service", "Trotsky"}


def test_every_work_names_somebody_and_a_title(works: list[Work]) -> None:
    assert all(work.csl.get("author") or work.csl.get("editor") or work.csl.get("translator") for work in works)
    assert sum("author" not in work.csl for work in works) == 7
    assert {work.csl["type"] for work in works} == {"book", "article-magazine"}
    assert sum("issued" not in work.csl for work in works) == 1


def test_conquest_wrote_one_work_in_three_spellings(works: list[Work]) -> None:
    (work,) = by_author(works, "Conquest")

    assert (work.csl["title"], work.excerpts, len(work.spellings)) == ("The Great Terror", 8, 3)


def test_davis_is_not_davies(works: list[Work]) -> None:
    assert [work.csl["author"][0]["given"] for work in by_author(works, "Davis")] == ["Jerome"]
    assert [work.csl["author"][0]["given"] for work in by_author(works, "Davies")] == ["Joseph E."]
