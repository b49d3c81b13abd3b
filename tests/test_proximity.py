"""Which pairs of a question's words stand near each other, judged by looking at every pair of places."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores import LexicalEntry, Term, WordStore
from index.stores.bm25 import Bm25
from index.stores.segments import WordIndex
from rag.lexical import AskedWord, pairs_covered

WORDS = ["alpha", "bravo", "delta", "gamma", "omega"]
texts = st.lists(st.lists(st.sampled_from([*WORDS, "x", "y"]), max_size=25), min_size=1, max_size=6)
questions = st.lists(st.lists(st.sampled_from([*WORDS, "unheard"]), min_size=1, max_size=2, unique=True), max_size=5)


def store_of(*entries: str) -> WordStore:
    return Bm25(WordIndex.of(LexicalEntry(number, text) for number, text in enumerate(entries, 1)))


def asked(store: WordStore, *spellings: str | list[str]) -> list[AskedWord]:
    """A word for each, by the first of its spellings."""
    lists = [[one] if isinstance(one, str) else one for one in spellings]
    return [
        AskedWord(each[0], Term(tuple((word, 1.0) for word in each)), store.lexicon.idf(each[0]), 1, 0, 0, 0) for each in lists
    ]


def covered(store: WordStore, *spellings: str | list[str]) -> list[float]:
    (shares,) = pairs_covered(store, [asked(store, *spellings)]).tolist()
    return list(shares)


def looked_up(store: WordStore, text: list[str], words: list[list[str]]) -> float:
    """The share of the pairs, each by its words' mean idf over their distance in the question."""
    standing: dict[str, int] = {}
    for position in reversed(range(len(words))):
        standing |= dict.fromkeys(words[position], position)
    places = [(place, standing[word]) for place, word in enumerate(text) if word in standing]
    total = held = 0.0
    for one, other in product(range(len(words)), repeat=2):
        if 0 < other - one <= 2:
            weight = (store.lexicon.idf(words[one][0]) + store.lexicon.idf(words[other][0])) / 2 / (other - one)
            total += weight
            if any({a, b} == {one, other} and abs(here - there) <= 8 for here, a in places for there, b in places):
                held += weight
    return held / total if total else 0.0


@given(texts, questions)
@settings(deadline=None, max_examples=200)
def test_the_share_is_that_of_looking_at_every_pair_of_places(texts: list[list[str]], words: list[list[str]]) -> None:
    store = store_of(*(" ".join(text) for text in texts))

    shares = covered(store, *words)

    np.testing.assert_allclose(shares, [looked_up(store, text, words) for text in texts], atol=1e-5)


@given(texts, st.lists(questions, max_size=4))
@settings(deadline=None, max_examples=200)
def test_a_question_has_the_same_share_in_any_company(texts: list[list[str]], several: list[list[list[str]]]) -> None:
    store = store_of(*(" ".join(text) for text in texts))

    together = pairs_covered(store, [asked(store, *words) for words in several])

    assert together.shape == (len(several), len(texts))
    assert together.tolist() == [covered(store, *words) for words in several]


def test_words_near_each_other_in_any_order_cover_their_pair_and_words_far_apart_do_not() -> None:
    far = "alpha " + "x " * 8 + "bravo"
    near = "alpha " + "x " * 7 + "bravo"

    assert covered(store_of("alpha bravo", "bravo y alpha", near, far, "alpha"), "alpha", "bravo") == [1, 1, 1, 0, 0]


def test_words_far_apart_in_the_question_are_no_pair() -> None:
    assert covered(store_of("alpha omega"), "alpha", "bravo", "delta", "omega") == [0]


def test_the_end_of_one_entry_and_the_beginning_of_the_next_are_not_near() -> None:
    assert covered(store_of("x alpha", "bravo x"), "alpha", "bravo") == [0, 0]


def test_any_spelling_of_a_word_will_do() -> None:
    assert covered(store_of("gamma bravo", "delta bravo"), ["alpha", "gamma"], "bravo") == [1, 0]


@pytest.mark.parametrize("words", [(), ("alpha",), ("alpha", "alpha")])
def test_without_two_different_words_there_is_no_pair(words: tuple[str, ...]) -> None:
    assert covered(store_of("alpha alpha"), *words) == [0]


def test_words_that_stand_for_nothing_in_the_collection_cover_nothing() -> None:
    unheard = [AskedWord(word, Term(()), 1.0, 1, 0, 0, 0) for word in ("unheard", "unseen")]

    assert pairs_covered(store_of("alpha bravo"), [unheard]).tolist() == [[0]]


def test_a_pair_weighs_by_its_words_rarity_and_their_distance() -> None:
    store = store_of("alpha bravo", "bravo delta", "x", "x")

    both = covered(store, "alpha", "bravo", "delta")

    rare, common = math.log(1 + 3.5 / 1.5), math.log(1 + 2.5 / 2.5)
    beside, between = (rare + common) / 2, rare / 2
    assert both == pytest.approx([beside / (2 * beside + between), beside / (2 * beside + between), 0, 0])
