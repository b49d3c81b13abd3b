"""Which stretches of an answer are quotations."""

import time

import pytest

from rag.quotes.extract import find_quotations


def quoted(text: str) -> list[str]:
    return [quotation.words for quotation in find_quotations(text)]


@pytest.mark.parametrize(
    "text",
    [
        "He said “a b”.",
        'He said "a b".',
        "Er sagte „a b“.",
        "Er sagte »a b«.",
        "Il dit «a b».",
        "Il dit ‹a b›.",
        "He said ‘a b’.",
        "He said 'a b'.",
        "彼は「a b」と言った。",
        "Hon sade ”a b”.",
        'He said “a b".',
        "He said—“a b”—and left.",
        "(“a b”)",
        "> a b\n",
        "> “a b” (Doe 1950, p. 3) [1]\n",
        "> a b\n> — Doe, 1950 [1]\n",
        "He said “a b and left it so".replace(" and left it so", ""),
    ],
)
def test_quotations_of_every_style_are_found(text: str) -> None:
    assert quoted(text) == ["a b"]


@pytest.mark.parametrize(
    "text",
    [
        "It's the workers' and the '30s, ’tis rock 'n' roll.",
        "A 5\" shell and a 6' wall.",
        'Code `"a b"` and\n```\n"a b"\n```\n',
        'A [link](https://example.org "a title") and <a href="x">tag</a>.',
        "",
        "\n\n",
    ],
)
def test_apostrophes_code_links_and_measures_are_no_quotations(text: str) -> None:
    assert quoted(text) == []


def test_a_possessive_inside_single_marks_does_not_end_the_quotation() -> None:
    assert quoted("'The workers' rights were ignored' was his phrase.") == ["The workers' rights were ignored"]


def test_quotations_inside_quotations_know_what_they_are_in() -> None:
    outer, inner = find_quotations("“He said ‘no’ to it” was told.")

    assert (outer.words, outer.inside) == ("He said ‘no’ to it", None)
    assert (inner.words, inner.inside) == ("no", 0)


def test_straight_marks_nest_by_what_stands_beside_them() -> None:
    assert quoted('"He said "no" to me" was told.') == ['He said "no" to me', "no"]


def test_a_quotation_runs_over_paragraphs_that_begin_with_its_mark() -> None:
    [quotation] = find_quotations("“One.\n\n“Two.\n\n“Three.” And so on.")

    assert quotation.words == "One.\n\nTwo.\n\nThree."
    assert len(quotation.marks) == 4


def test_a_mark_never_closed_quotes_to_the_end_of_its_paragraph() -> None:
    first, second = find_quotations("He said “one two. Three.\n\nAnd “four”.")

    assert (first.words, first.closed) == ("one two. Three.", False)
    assert second.words == "four"


def test_a_block_quote_is_quoted_whole_with_its_paragraphs() -> None:
    [quotation] = find_quotations("As told:\n\n> One\n> two.\n>\n> Three.\n\nAfter.")

    assert quotation.kind == "block"
    assert quotation.words == "One\ntwo.\n\nThree."


def test_words_beside_the_marks_of_a_block_quote_are_not_passed_over() -> None:
    [block, inner] = find_quotations("> “One two” and other things that nobody wrote anywhere\n")

    assert block.words.endswith("nobody wrote anywhere")
    assert inner.words == "One two"


@pytest.mark.parametrize("piece", ['"', "“", "” “", "' ", "‘a ", "> ", "> a\n", "\n\n“", "“a\n\n", "`", "<!--", "]("])
def test_a_long_run_of_anything_is_read_in_seconds(piece: str) -> None:
    started = time.monotonic()

    find_quotations(piece * (200_000 // len(piece)))

    assert time.monotonic() - started < 20
