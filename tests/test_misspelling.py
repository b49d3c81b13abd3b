"""Questions are misspelt for the benchmark as fingers misspell them, the same each time."""

import random

from rapidfuzz.distance import OSA

from benchmarks.misspelling import SHARE, SHORTEST, misspell

TEXT = "Which marginal note took more than three centuries to prove, according to the handbook? " * 40


def test_a_slip_changes_one_place_of_a_word_and_not_its_first_letter() -> None:
    for word, slipped in zip(TEXT.split(), misspell(TEXT, random.Random(1)).split(), strict=True):
        assert OSA.distance(word, slipped) <= 1
        assert word[0] == slipped[0]


def test_short_words_stay_as_they_are() -> None:
    short = "who is it and why so far off"

    assert misspell(short, random.Random(1)) == short
    assert all(len(word) < SHORTEST for word in short.split())


def test_about_the_share_told_of_the_longer_words_is_misspelt() -> None:
    pairs = zip(TEXT.split(), misspell(TEXT, random.Random(1)).split(), strict=True)
    longer = [word != slipped for word, slipped in pairs if len(word.strip("?,")) >= SHORTEST]

    # A slip now and then puts the letter that was there.
    assert SHARE - 0.1 < sum(longer) / len(longer) < SHARE + 0.05


def test_slips_are_the_same_each_time() -> None:
    assert misspell(TEXT, random.Random(1)) == misspell(TEXT, random.Random(1))
