"""Folding sets case, accents, quotes and forms aside, and knows words in every script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text import fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Plain TEXT", "plain text"),
        ("“Don’t” ‘x’ «y»", '"don\'t" \'x\' "y"'),
        ("Dvořák cafe\u0301", "dvorak cafe"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁve ½", "five 1⁄2"),
        ("İ", "i"),
        ("a\ud800b", "a?b"),
    ],
)
def test_a_copy_for_comparing_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_scripts_without_spaces_come_out_character_by_character() -> None:
    assert words("東京 and ไทย") == ["東", "京", "and", "ไ", "ท", "ย"]


@given(st.text())
@settings(deadline=None)
def test_folding_twice_changes_no_word(text: str) -> None:
    assert words(fold(text)) == words(text)
