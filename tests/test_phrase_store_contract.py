"""What every PhraseStore does, judged by looking at the words one by one."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores import Ids, LexicalEntry, PhraseStore
from index.stores.phrases import TantivyPhrases

STORES = [pytest.param(TantivyPhrases, id="tantivy")]
NONE: Ids = np.empty(0, np.int64)
VOCABULARY = ["alpha", "bravo", "delta"]

words = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)
entries = st.builds(LexicalEntry, id=st.integers(1, 60), text=words, context=words)
collections = st.lists(entries, max_size=25, unique_by=lambda entry: entry.id)
phrases = st.lists(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3).map(" ".join), max_size=2)

Make = Callable[[], PhraseStore]


def filled(make: Make, *stored: LexicalEntry) -> PhraseStore:
    store = make()
    store.update(NONE, stored)
    return store


def found(store: PhraseStore, *asked: str, among: Ids | None = None) -> list[int]:
    ids: list[int] = store.holding(asked, among).tolist()
    return ids


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.mark.parametrize("make", STORES)
@given(
    st.lists(st.tuples(st.lists(st.integers(1, 60), max_size=10), collections), min_size=1, max_size=4),
    phrases,
    st.none() | st.lists(st.integers(1, 60), max_size=30),
)
@settings(deadline=None, max_examples=60)
def test_after_any_updates_exactly_the_entries_with_all_phrases_are_found(
    make: Make, steps: list[tuple[list[int], list[LexicalEntry]]], asked: list[str], among: list[int] | None
) -> None:
    store = make()
    stored: dict[int, LexicalEntry] = {}
    for removed, added in steps:
        store.update(np.array(removed, np.int64), added)
        stored = {number: entry for number, entry in stored.items() if number not in removed}
        stored |= {entry.id: entry for entry in added}

    ids = found(store, *asked, among=None if among is None else np.array(among, np.int64))

    holding = [number for number, entry in stored.items() if all(f" {phrase} " in f" {entry.text} " for phrase in asked)]
    assert ids == sorted(number for number in holding if among is None or number in among)


@pytest.mark.parametrize("make", STORES)
@given(st.text(), st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_is_a_phrase_and_any_text_can_be_stored(make: Make, text: str, asked: str) -> None:
    store = filled(make, LexicalEntry(1, text, text))

    assert found(store, asked) in ([], [1])
    assert found(store, text) == [1]


def test_what_a_query_parser_would_read_as_syntax_is_only_text(make: Make) -> None:
    store = filled(make, LexicalEntry(1, "text: alpha AND (NOT bravo^9"), LexicalEntry(2, "bravo"))

    assert found(store, 'alpha" AND NOT bravo^9') == [1]


def test_a_phrase_must_stand_in_the_text_itself_word_for_word(make: Make) -> None:
    store = filled(
        make,
        LexicalEntry(1, "the honest man quoted"),
        LexicalEntry(2, "the man was honest"),
        LexicalEntry(3, "the man", context="honest man"),
    )

    assert found(store, "honest man") == [1]
    assert found(store, "honest") == [1, 2]
    assert found(store, "honest men") == []


def test_a_phrase_without_words_limits_nothing(make: Make) -> None:
    store = filled(make, LexicalEntry(2, "one"), LexicalEntry(1, "two"))

    assert found(store, "…", "!") == [1, 2]


@pytest.mark.parametrize("asked", ["don't panic", "don’t panic", "DON’T PANIC", "don′t  panic"])
def test_a_phrase_is_found_whatever_its_quotes_and_case(make: Make, asked: str) -> None:
    store = filled(make, LexicalEntry(1, "He said: “Don’t\nPanic!”"))

    assert found(store, asked) == [1]


@pytest.mark.parametrize("among", [range(1, 200), range(1, 200, 2), []], ids=["one run", "many runs", "none"])
def test_only_what_is_among_the_ids_given_is_found(make: Make, among: Sequence[int]) -> None:
    store = filled(make, *(LexicalEntry(number, "alpha") for number in range(1, 301)))

    assert found(store, "alpha", among=np.array(among, np.int64)) == list(among)


def test_an_empty_store_finds_nothing_and_knows_no_word(make: Make) -> None:
    store = make()

    assert found(store, "alpha") == []
    assert dict(store.words) == {}


def test_words_are_counted_as_they_are_written_by_the_entries_that_hold_them(make: Make) -> None:
    store = filled(make, LexicalEntry(1, "Trials and trials", context="left out"), LexicalEntry(2, "a trial"))
    store.update(NONE, [LexicalEntry(3, "trials")])

    assert dict(store.words) == {"trials": 2, "and": 1, "a": 1, "trial": 1}
