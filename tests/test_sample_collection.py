"""The collection that travels with the package is a model of its format."""

from itertools import pairwise
from pathlib import Path

import pytest

import index
from index.readers import read_file
from index.records import Citation, Reading, SourceFile

SAMPLE = Path(index.__file__).parent / "sample" / "ibid-handbook.txt"


@pytest.fixture(scope="module")
def reading() -> Reading:
    (only,) = read_file(SourceFile(SAMPLE.name, SAMPLE.read_bytes()))
    return only


@pytest.fixture(scope="module")
def citations(reading: Reading) -> list[Citation]:
    return [excerpt.citation for excerpt in reading.excerpts if excerpt.citation is not None]


def test_it_is_read_as_cited_excerpts_under_its_title(reading: Reading) -> None:
    assert reading.document.reader == "excerpts"
    assert reading.document.title == "The Ibid Handbook of Citing and Finding"
    assert len(reading.excerpts) == 99
    assert len({excerpt.headings for excerpt in reading.excerpts}) == 27


def test_its_first_and_last_excerpt_are_what_the_file_begins_and_ends_with(reading: Reading) -> None:
    first, last = reading.excerpts[0], reading.excerpts[-1]

    assert first.headings == ("WHAT A CITATION IS FOR",)
    assert first.text.startswith("A citation is a promise with an address.")
    assert last.headings == ("HOW THIS HANDBOOK MAY BE USED",)
    assert last.text.endswith("see whether it admits that it does not know.")


def test_every_excerpt_cites_the_handbook_itself(reading: Reading, citations: list[Citation]) -> None:
    assert len(citations) == len(reading.excerpts)
    assert {citation.problem for citation in citations} == {""}
    assert {(citation.csl or {}).get("title") for citation in citations} == {"The Ibid Handbook of Citing and Finding"}


def test_its_pages_run_on(citations: list[Citation]) -> None:
    pages = [citation.locator.pages[0] for citation in citations if citation.locator is not None]

    assert len(pages) == len(citations)
    assert pages[0][0] == 1
    assert all(before[1] <= after[0] for before, after in pairwise(pages))


def test_nothing_but_its_title_is_left_over(reading: Reading) -> None:
    left = [reading.document.text[block.start : block.end] for block in reading.blocks if block.kind == "furniture"]

    assert left == [reading.document.title]
