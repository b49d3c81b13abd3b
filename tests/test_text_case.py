"""Capitals of titles: English ones by CSL's rules, all others as they stand."""

import pytest

from index.citations.markup import mark
from index.citations.styles import format_bibliography
from index.citations.text_case import cased, english


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a quiet life between the wars", "A Quiet Life between the Wars"),
        ("well-being and self-made men", "Well-Being and Self-Made Men"),
        ("the either/or question", "The Either/or Question"),
        ("what we wait for", "What We Wait For"),
        ("lamps: a study of light", "Lamps: A Study of Light"),
        ("why? and how", "Why? And How"),
        ("the iPhone and the eBay years", "The iPhone and the eBay Years"),
        ("letters from x to y", "Letters from x to y"),
        ("#ledgers of our time", "#ledgers of Our Time"),
        ("the 3rd man of 2nd street", "The 3rd Man of 2nd Street"),
        ("o'clock and don't", "O'clock and Don't"),
    ],
)
def test_an_english_title_is_set_in_title_case(written: str, shown: str) -> None:
    assert cased(written, "title", "en") == shown


@pytest.mark.parametrize(
    "title",
    [
        "Die stille Stadt und der laute Fluss",
        "Histoire de la lampe à huile",
        "Тихая река и старый дом",
        "Il lume della città nuova",
        "El reloj del puerto viejo",
    ],
)
def test_a_title_in_another_language_keeps_its_capitals(title: str) -> None:
    assert cased(title, "title", "") == title
    assert not english(title, "")


def test_the_language_of_the_item_decides_before_the_words_do() -> None:
    assert cased("silent numbers", "title", "de-DE") == "silent numbers"
    assert cased("silent numbers", "title", "eng") == "Silent Numbers"


def test_protected_words_keep_their_capitals() -> None:
    marked = mark('on <span class="nocase">van der blick</span> and others')

    assert "van der blick" in cased(marked, "title", "en")


def test_sentence_case_leaves_names_with_inner_capitals_and_abbreviations() -> None:
    assert cased("The Lamps Of NASA And McKay", "sentence", "en") == "The lamps of NASA and McKay"
    assert cased("Die Lampen der Stadt", "sentence", "de") == "Die Lampen der Stadt"


def test_a_bibliography_sets_only_the_english_title_in_title_case() -> None:
    entries = format_bibliography([{"type": "book", "title": "Lichter und lange Schatten"}], "chicago-notes")

    assert entries[0].startswith("Lichter und lange Schatten")
