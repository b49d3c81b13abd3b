"""Which other spellings of a word the lexicon offers."""

import pytest

from index.stores import Lexicon
from index.stores.spellings import romanisation_key
from rag.spelling import Speller


def speller(*terms: str) -> Speller:
    return Speller(Lexicon(100, dict.fromkeys(terms, 1), str.split))


def spellings(word: str, *terms: str) -> list[str]:
    return [spelling for spelling, _ in speller(*terms).spell(word).spellings]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("piatakov", "pyatakov"),
        ("bukharin", "buharin"),
        ("trotski", "trotsky"),
        ("tchaikovsky", "tchaikovski"),
        ("wrangel", "vrangel"),
        ("dostoyevsky", "dostoievski"),
    ],
)
def test_romanisations_of_one_name_have_one_key(one: str, other: str) -> None:
    assert romanisation_key(one) == romanisation_key(other)


def test_a_known_name_comes_with_its_other_romanisation_which_counts_less() -> None:
    term = speller("piatakov", "pyatakov", "potato").spell("pyatakov")

    assert term.spellings[0] == ("pyatakov", 1.0)
    assert [spelling for spelling, weight in term.spellings if weight < 1] == ["piatakov"]


@pytest.mark.parametrize("slip", ["concordnce", "concordancce", "concrodance", "concordanxe"])
def test_a_word_the_collection_does_not_have_is_taken_for_one_a_slip_away(slip: str) -> None:
    assert spellings(slip, "concordance", "index") == ["concordance"]


def test_a_word_the_collection_has_is_not_corrected() -> None:
    assert spellings("cited", "cited", "sited", "cites") == ["cited"]


@pytest.mark.parametrize("word", ["cat", "1936", "p264"])
def test_short_words_and_numbers_stand_for_themselves_only(word: str) -> None:
    assert spellings(word, "car", "1937", "p265") == []


def test_two_slips_are_forgiven_in_long_words_only() -> None:
    assert spellings("bibliogrphc", "bibliographic") == ["bibliographic"]
    assert spellings("ndx", "index") == []


def test_a_word_like_no_other_has_no_spelling() -> None:
    assert spellings("zymurgy", "index", "concordance") == []
