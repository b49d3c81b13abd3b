"""What every LexicalStore does, judged by BM25 written out over a list of texts."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores import Ids, LexicalEntry, LexicalQuery, LexicalStore, Term
from index.stores.tantivy_bm25 import TantivyBm25

STORES = [pytest.param(TantivyBm25, id="tantivy-bm25")]
NONE: Ids = np.empty(0, np.int64)
# No stemmer changes these, and texts this short have exact lengths.
VOCABULARY = ["alpha", "bravo", "delta", "gamma", "omega"]
K1, B = 1.2, 0.75

words = st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join)
entries = st.builds(LexicalEntry, id=st.integers(1, 60), text=words, context=words)
collections = st.lists(entries, max_size=25, unique_by=lambda entry: entry.id)
spellings = st.dictionaries(st.sampled_from(VOCABULARY), st.sampled_from([0.5, 1.0, 2.0]), min_size=1, max_size=3)
terms = st.lists(spellings.map(lambda weights: Term(tuple(weights.items()))), max_size=3).map(tuple)


def bm25(stored: Sequence[LexicalEntry], word: str) -> dict[int, float]:
    """Lucene's BM25 of each entry that holds a word (Robertson and Zaragoza 2009, section 3.3)."""
    texts = {entry.id: [*entry.context.split(), *entry.text.split()] for entry in stored}
    holding = {number: text for number, text in texts.items() if word in text}
    idf = math.log(1 + (len(texts) - len(holding) + 0.5) / (len(holding) + 0.5))
    mean = sum(map(len, texts.values())) / len(texts) if texts else 0
    return {
        number: idf * text.count(word) * (K1 + 1) / (text.count(word) + K1 * (1 - B + B * len(text) / mean))
        for number, text in holding.items()
    }


def expected(stored: Sequence[LexicalEntry], asked: Sequence[Term]) -> dict[int, float]:
    """Of each term the best spelling counts, times its weight."""
    scores: dict[int, float] = {}
    for term in asked:
        best: dict[int, float] = {}
        for spelling, weight in term.spellings:
            for number, score in bm25(stored, spelling).items():
                best[number] = max(best.get(number, 0), weight * score)
        for number, score in best.items():
            scores[number] = scores.get(number, 0) + score
    return scores


def filled(make: Callable[[], LexicalStore], *stored: LexicalEntry) -> LexicalStore:
    store = make()
    store.update(NONE, stored)
    return store


def asking(store: LexicalStore, text: str, *phrases: str) -> LexicalQuery:
    return LexicalQuery(tuple(Term(((term, 1.0),)) for term in store.lexicon.terms(text)), phrases)


def found(store: LexicalStore, query: LexicalQuery, limit: int = 10, among: Ids | None = None) -> list[int]:
    found_ids: list[int] = store.search(query, limit, among)[0].tolist()
    return found_ids


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest) -> Callable[[], LexicalStore]:
    made: Callable[[], LexicalStore] = request.param
    return made


@pytest.mark.parametrize("make", STORES)
@given(collections, terms, st.integers(0, 30), st.none() | st.lists(st.integers(1, 60), max_size=30))
@settings(deadline=None, max_examples=150)
def test_scores_and_ranks_are_those_of_bm25_written_out(
    make: Callable[[], LexicalStore],
    stored: list[LexicalEntry],
    asked: tuple[Term, ...],
    limit: int,
    among: list[int] | None,
) -> None:
    store = filled(make, *stored)
    exact = {number: score for number, score in expected(stored, asked).items() if among is None or number in among}

    ids, scores = store.search(LexicalQuery(asked), limit, None if among is None else np.array(among, np.int64))

    assert len(ids) == min(limit, len(exact))
    np.testing.assert_allclose(scores, [exact[number] for number in ids.tolist()], rtol=1e-4)
    np.testing.assert_allclose(scores, sorted(exact.values(), reverse=True)[: len(ids)], rtol=1e-4)
    assert scores.dtype == np.float32
    assert ids.tolist() == [number for _, number in sorted(zip((-scores).tolist(), ids.tolist(), strict=True))]


@pytest.mark.parametrize("make", STORES)
@given(st.lists(st.tuples(st.lists(st.integers(1, 60), max_size=10), collections), min_size=1, max_size=4), words)
@settings(deadline=None, max_examples=40)
def test_after_any_updates_exactly_the_entries_with_a_word_are_found(
    make: Callable[[], LexicalStore], steps: list[tuple[list[int], list[LexicalEntry]]], asked: str
) -> None:
    store = make()
    stored: dict[int, LexicalEntry] = {}
    for removed, added in steps:
        store.update(np.array(removed, np.int64), added)
        stored = {number: entry for number, entry in stored.items() if number not in removed}
        stored |= {entry.id: entry for entry in added}

    ids = found(store, asking(store, asked), 100)

    held = {number: {*entry.text.split(), *entry.context.split()} for number, entry in stored.items()}
    assert sorted(ids) == sorted(number for number, there in held.items() if there & set(asked.split()))


@pytest.mark.parametrize("make", STORES)
@given(st.text(), st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_is_a_query_and_any_text_can_be_stored(make: Callable[[], LexicalStore], text: str, asked: str) -> None:
    store = filled(make, LexicalEntry(1, text, text))

    assert found(store, asking(store, asked, asked)) in ([], [1])


def test_what_a_query_parser_would_read_as_syntax_is_only_text(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "alpha text"), LexicalEntry(2, "bravo"))

    assert sorted(found(store, asking(store, 'text:bravo^9 AND (NOT "alpha'))) == [1, 2]


def test_of_equal_entries_the_lowest_ids_come_first_whatever_the_order_of_adding(make: Callable[[], LexicalStore]) -> None:
    store = make()
    for start in (200, 100, 0):
        store.update(NONE, [LexicalEntry(start + number, "alpha bravo") for number in range(100, 0, -1)])

    assert found(store, asking(store, "alpha"), 150) == list(range(1, 151))


def test_the_context_is_searched_with_the_text(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "x", context="alpha"), LexicalEntry(2, "x"))

    assert found(store, asking(store, "alpha")) == [1]


def test_a_phrase_must_stand_in_the_text_itself_word_for_word(make: Callable[[], LexicalStore]) -> None:
    store = filled(
        make,
        LexicalEntry(1, "the honest man quoted"),
        LexicalEntry(2, "the man was honest"),
        LexicalEntry(3, "the man", context="honest man"),
    )

    assert found(store, asking(store, "man", "honest man")) == [1]
    assert sorted(found(store, asking(store, "man", "honest"))) == [1, 2]
    assert found(store, asking(store, "man", "honest men")) == []


def test_all_phrases_must_stand_there(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "one two three"), LexicalEntry(2, "one two four"))

    assert found(store, asking(store, "one", "one two", "two three")) == [1]


def test_a_phrase_alone_finds_entries_and_scores_nothing(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(2, "one two"), LexicalEntry(1, "one two"), LexicalEntry(3, "two one"))

    ids, scores = store.search(LexicalQuery((), ("one two",)), 5)

    assert (ids.tolist(), scores.tolist()) == ([1, 2], [0, 0])


@pytest.mark.parametrize("asked", ["don't panic", "don’t panic", "DON’T PANIC", "don′t  panic"])
def test_a_phrase_is_found_whatever_its_quotes_and_case(make: Callable[[], LexicalStore], asked: str) -> None:
    store = filled(make, LexicalEntry(1, "He said: “Don’t\nPanic!”"))

    assert found(store, LexicalQuery((), (asked,))) == [1]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("the trials were running", "trial runs"),
        ("Café Zoë", "cafe zoe"),
        ("cafe", "cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ﬁling ½", "filing"),
        ("Привет мир", "привет"),
        ("東京都の歴史", "歴史"),
        ("ประเทศไทย", "ไทย"),
        ("हिन्दी भाषा", "हिन्दी"),
        ("İstanbul", "istanbul"),
        ("Œuvre Øre", "oeuvre"),
    ],
)
def test_words_match_across_endings_accents_forms_and_scripts(make: Callable[[], LexicalStore], text: str, asked: str) -> None:
    store = filled(make, LexicalEntry(1, text), LexicalEntry(2, "something else"))

    assert found(store, asking(store, asked)) == [1]


def test_common_words_are_not_dropped(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "to be or not to be"), LexicalEntry(2, "something else"))

    assert found(store, asking(store, "to be")) == [1]


def test_a_spelling_without_weight_finds_nothing(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "alpha"), LexicalEntry(2, "bravo"))

    assert found(store, LexicalQuery((Term((("alpha", 0.0),)), Term((("bravo", 1.0),))))) == [2]
    assert found(store, LexicalQuery((Term(()),))) == []


def test_a_term_asked_twice_counts_twice(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "alpha"), LexicalEntry(2, "bravo"))

    once = store.search(asking(store, "alpha"), 5)[1]
    twice = store.search(asking(store, "alpha Alpha"), 5)[1]

    assert twice[0] == pytest.approx(2 * once[0])


@pytest.mark.parametrize("among", [range(1, 200), range(1, 200, 2), []], ids=["one run", "many runs", "none"])
def test_only_what_is_among_the_ids_given_is_found(make: Callable[[], LexicalStore], among: Sequence[int]) -> None:
    store = filled(make, *(LexicalEntry(number, "alpha") for number in range(1, 301)))

    assert found(store, asking(store, "alpha"), 400, np.array(among, np.int64)) == list(among)


def test_an_empty_store_finds_nothing_and_knows_no_word(make: Callable[[], LexicalStore]) -> None:
    store = make()

    assert found(store, asking(store, "alpha", "alpha")) == []
    assert (store.lexicon.entries, dict(store.lexicon.frequencies)) == (0, {})


def test_the_lexicon_counts_the_entries_that_hold_each_stem(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "a trial and trials", context="Trials"), LexicalEntry(2, "x", context="the trial"))

    lexicon = store.lexicon

    assert lexicon.terms("Trials, UNKNOWN") == ["trial", "unknown"]
    assert (lexicon.entries, lexicon.frequencies["trial"], lexicon.frequencies.get("unknown")) == (2, 2, None)
    assert lexicon.idf("trial") == pytest.approx(math.log(1 + 0.5 / 2.5))
    assert lexicon.idf("unknown") == pytest.approx(math.log(1 + 2.5 / 0.5))


def test_the_lexicon_knows_what_was_added_last(make: Callable[[], LexicalStore]) -> None:
    store = filled(make, LexicalEntry(1, "alpha"))

    store.update(NONE, [LexicalEntry(2, "bravo")])

    assert dict(store.lexicon.frequencies) == {"alpha": 1, "bravo": 1}
