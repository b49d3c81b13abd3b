"""The ``[n]`` of an answer in all the ways models write them."""

import pytest

from rag.citation_marks import find_citations, groups, without_citations


def numbers(text: str) -> list[tuple[int, ...]]:
    return [mark.numbers for mark in find_citations(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a [1].", [(1,)]),
        ("a [1, 2] and [3; 4] and [5 & 6].", [(1, 2), (3, 4), (5, 6)]),
        ("a [1-3] and [2–4].", [(1, 2, 3), (2, 3, 4)]),
        ("a [1][2].", [(1,), (2,)]),
        ("a【1】 and 【2†source】.", [(1,), (2,)]),
        ("a [Passage 1] and [source 2] and [^3].", [(1,), (2,), (3,)]),
        ("a \\[1\\].", [(1,)]),
        ("a [1](https://example.org/x).", [(1,)]),
        ("a [3-1].", [(3, 1)]),
        ("a [0] and [999].", [(0,), (999,)]),
    ],
)
def test_every_form_is_read(text: str, expected: list[tuple[int, ...]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize("text", ["in [1937]", "[a]", "[]", "[1", "1]", "[1.5]", "(1)"])
def test_years_and_other_brackets_are_no_citations(text: str) -> None:
    assert numbers(text) == []


def test_only_numbers_of_passages_that_were_given_are_shown() -> None:
    [mark] = find_citations("so [1, 7, 2].")

    assert mark.kept(given=2) == (1, 2)
    assert mark.kept(given=0) == ()


def test_citations_side_by_side_belong_together() -> None:
    text = "one [1][2] two [3] , [4]."

    assert [[mark.numbers for mark in group] for group in groups(text, find_citations(text))] == [[(1,), (2,)], [(3,), (4,)]]


def test_a_text_is_read_without_its_citations() -> None:
    assert without_citations("one [1] two [2, 3].") == "one two."
