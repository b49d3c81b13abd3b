"""How the line a user types becomes words, phrases and filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Filters
from rag.errors import FilterInvalid
from rag.query import parse_question
from rag.records import Correction


@pytest.mark.parametrize("marks", ['""', "“”", "„“", "«»", "»«", "「」"])
def test_words_in_any_quotation_marks_are_a_phrase_and_words_too(marks: str) -> None:
    question = parse_question(f"who wrote of the {marks[0]}fifth wheel{marks[1]} of a cart?")

    assert question.phrases == ("fifth wheel",)
    assert question.words == "who wrote of the fifth wheel of a cart?"


@pytest.mark.parametrize(("typed", "field"), [("autor", "author"), ("titel", "title"), ("jahr", "year"), ("год", "year")])
def test_a_field_that_is_nearly_one_is_applied_and_told(typed: str, field: str) -> None:
    question = parse_question(f"{typed}:1931 lamps")

    assert getattr(question.filters, field) in (("1931",), ((1931, 1931),))
    assert question.words == "lamps"
    assert question.corrections == (Correction(f"{typed}:", f"{field}:"),)


def test_other_words_before_a_colon_stay_words() -> None:
    assert parse_question("note:this and http://example.org").words == "note:this and http://example.org"


@pytest.mark.parametrize("line", ["it's the reader's task", "5'10\" tall", '"unclosed quotation', 'empty "" marks'])
def test_apostrophes_inches_and_unclosed_or_empty_marks_are_no_phrase(line: str) -> None:
    assert parse_question(line).phrases == ()


def test_fields_become_filters_and_leave_the_words() -> None:
    question = parse_question('what is an index? author:Marlow title:"The Patient Indexer" year:1949-1951 heading:words')

    assert question.words == "what is an index?"
    assert question.filters == Filters(
        author=("Marlow",), title=("The Patient Indexer",), year=((1949, 1951),), heading=("words",)
    )


def test_fields_of_the_line_join_the_filters_given_beside_it() -> None:
    question = parse_question("cards author:Oduya", Filters(author=("Marlow",), year=((1950, 1960),)))

    assert question.filters == Filters(author=("Marlow", "Oduya"), year=((1950, 1960),))


def test_a_line_of_fields_only_is_searched_by_their_values() -> None:
    assert parse_question("author:Marlow year:1951").words == "Marlow 1951"


@pytest.mark.parametrize(
    "line", ["re: the index", "subauthor:Marlow", "http://example.org/a", "Note:this", "what year: 1936 or 1937?", "the author:"]
)
def test_other_words_with_a_colon_are_words(line: str) -> None:
    question = parse_question(line)

    assert not question.filters
    assert question.words == line


@pytest.mark.parametrize("line", ['title:""', "heading:“ ”", "author:«»"])
def test_a_field_without_a_value_is_refused_with_how_to_write_it(line: str) -> None:
    with pytest.raises(FilterInvalid, match=r"has no value; .* write (author|title|heading):word or"):
        parse_question(line)


@pytest.mark.parametrize("years", ["1938-1936", "then", "12345", "1936-", "19x6"])
def test_a_year_that_is_none_is_refused(years: str) -> None:
    with pytest.raises(FilterInvalid, match="write 1936 or 1936-1938"):
        parse_question(f"cards year:{years}")


@given(st.text())
def test_any_line_without_fields_is_understood_and_kept_as_typed(line: str) -> None:
    try:
        question = parse_question(line)
    except FilterInvalid:
        return

    assert question.text == line
    assert all(phrase in line and phrase.strip() for phrase in question.phrases)
