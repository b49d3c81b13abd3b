"""What every WordStore does, judged by BM25 written out over a list of texts."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.stores import LexicalEntry, Scores, Term, WordStore, parts
from index.stores.bm25 import Bm25, Segment
from index.stores.postings import Postings, Terms
from index.stores.segments import WordIndex
from index.stores.spellings import ListedSpellings

Make = Callable[[Sequence[LexicalEntry]], WordStore]


NONE = np.empty(0, np.int64)


def in_memory(entries: Sequence[LexicalEntry]) -> WordStore:
    return Bm25(WordIndex.of(entries))


def grown_entry_by_entry(entries: Sequence[LexicalEntry]) -> WordStore:
    index = WordIndex.of([])
    for entry in sorted(entries, key=lambda entry: entry.id):
        index = index.changed(NONE, [LexicalEntry(entry.id, "of an earlier time")])
        index = index.changed(np.array([entry.id, 4711]), [entry])
    return Bm25(index)


def in_segments(entries: Sequence[LexicalEntry]) -> WordStore:
    """Two entries a segment, and one before them that has gone."""
    ordered = sorted(entries, key=lambda entry: entry.id)
    segments = [
        Segment(Postings.of([LexicalEntry(pair[0].id, "alpha bravo alpha trial x"), *pair]), np.array([0], np.int32))
        for pair in (ordered[at : at + 2] for at in range(0, len(ordered), 2))
    ]
    return Bm25(WordIndex([*segments, Segment(Postings.of([]))]))


STORES = [
    pytest.param(in_memory, id="in memory"),
    pytest.param(grown_entry_by_entry, id="grown entry by entry"),
    pytest.param(in_segments, id="in segments"),
]
# No stemmer changes these.
VOCABULARY = ["alpha", "bravo", "delta", "gamma", "omega"]
K1, B = 0.82, 0.68

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
    scores = {entry.id: 0.0 for entry in stored}
    for term in asked:
        best: dict[int, float] = {}
        for spelling, weight in term.spellings:
            for number, score in bm25(stored, spelling).items():
                best[number] = max(best.get(number, 0), weight * score)
        for number, score in best.items():
            scores[number] += score
    return scores


def scored(store: WordStore, asked: Sequence[Term]) -> Scores:
    """The scores of one question."""
    scores: Scores = store.scores([asked])[0]
    return scores


def found(store: WordStore, text: str) -> list[int]:
    """The ids of all entries that score."""
    holding = scored(store, [Term(((term, 1.0),)) for term in store.lexicon.terms(text)]) > 0
    ids: list[int] = store.ids[holding].tolist()
    return ids


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


@pytest.mark.parametrize("make", STORES)
@given(collections, terms)
@settings(deadline=None, max_examples=150)
def test_scores_are_those_of_bm25_written_out(make: Make, stored: list[LexicalEntry], asked: tuple[Term, ...]) -> None:
    store = make(stored)

    scores = scored(store, asked)

    exact = expected(stored, asked)
    assert store.ids.tolist() == sorted(exact)
    np.testing.assert_allclose(scores, [exact[number] for number in sorted(exact)], rtol=1e-4)
    assert scores.dtype == np.float32


@given(collections, st.lists(terms, max_size=5))
@settings(deadline=None, max_examples=150)
def test_a_question_scores_the_same_in_any_company(stored: list[LexicalEntry], questions: list[tuple[Term, ...]]) -> None:
    store = in_memory(stored)

    together = store.scores(questions)

    assert together.shape == (len(questions), len(store.ids))
    for asked, scores in zip(questions, together, strict=True):
        np.testing.assert_array_equal(scores, scored(store, asked))


def test_common_and_rare_terms_score_alike(make: Make) -> None:
    stored = [LexicalEntry(number, "alpha" if number % 5 else "alpha bravo") for number in range(1, 81)]
    stored.append(LexicalEntry(81, "delta bravo"))

    scores = scored(make(stored), [Term(((word, 1.0),)) for word in ("alpha", "bravo", "delta")])

    exact = expected(stored, [Term(((word, 1.0),)) for word in ("alpha", "bravo", "delta")])
    np.testing.assert_allclose(scores, [exact[entry.id] for entry in stored], rtol=1e-4)


def test_a_term_stands_at_places_among_the_words_of_all_entries(make: Make) -> None:
    store = make([LexicalEntry(7, "bravo alpha bravo", context="gamma"), LexicalEntry(3, ""), LexicalEntry(5, "alpha delta")])

    places, which = store.places(["bravo", "omega", "alpha", "gamma", "delta"])

    assert places.tolist() == [3, 5, 0, 4, 2, 1]
    assert which.tolist() == [0, 0, 2, 2, 3, 4]
    assert [each.tolist() for each in store.places([])] == [[], []]
    assert store.ids.tolist() == [3, 5, 7]
    assert store.ends.tolist() == [0, 2, 6]


@given(st.text(), st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_asked_and_any_text_can_be_stored(text: str, asked: str) -> None:
    store = in_memory([LexicalEntry(1, text, text)])

    assert found(store, asked) in ([], [1])


def test_the_context_is_searched_with_the_text(make: Make) -> None:
    store = make([LexicalEntry(1, "x", context="alpha"), LexicalEntry(2, "x")])

    assert found(store, "alpha") == [1]


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
def test_words_match_across_endings_accents_forms_and_scripts(make: Make, text: str, asked: str) -> None:
    store = make([LexicalEntry(1, text), LexicalEntry(2, "something else")])

    assert found(store, asked) == [1]


def test_common_words_are_not_dropped(make: Make) -> None:
    store = make([LexicalEntry(1, "to be or not to be"), LexicalEntry(2, "something else")])

    assert found(store, "to be") == [1]


def test_a_spelling_without_weight_and_a_term_without_spellings_score_nothing(make: Make) -> None:
    store = make([LexicalEntry(1, "alpha"), LexicalEntry(2, "bravo")])

    assert scored(store, [Term((("alpha", 0.0),)), Term(())]).tolist() == [0, 0]


def test_a_term_asked_twice_counts_twice(make: Make) -> None:
    store = make([LexicalEntry(1, "alpha"), LexicalEntry(2, "bravo")])
    alpha = Term((("alpha", 1.0),))

    assert scored(store, [alpha, alpha])[0] == pytest.approx(2 * scored(store, [alpha])[0])


def test_an_empty_store_scores_nothing_and_knows_no_word(make: Make) -> None:
    store = make([])

    assert scored(store, [Term((("alpha", 1.0),))]).tolist() == []
    assert (store.lexicon.entries, dict(store.lexicon.frequencies)) == (0, {})


def test_the_lexicon_counts_the_entries_that_hold_each_stem(make: Make) -> None:
    store = make([LexicalEntry(1, "a trial and trials", context="Trials"), LexicalEntry(2, "x", context="the trial")])

    lexicon = store.lexicon

    assert lexicon.terms("Trials, UNKNOWN") == ["trial", "unknown"]
    assert (lexicon.entries, lexicon.frequencies["trial"], lexicon.frequencies.get("unknown")) == (2, 2, None)
    assert lexicon.idf("trial") == pytest.approx(math.log(1 + 0.5 / 2.5))
    assert lexicon.idf("unknown") == pytest.approx(math.log(1 + 2.5 / 0.5))


runs = st.lists(st.tuples(st.lists(words, max_size=6), st.sets(st.integers(1, 40), max_size=4)), max_size=8)


@given(runs, st.sampled_from([0, 3, 8192]), st.lists(terms, max_size=3))
@settings(deadline=None, max_examples=150)
def test_whatever_was_added_and_taken_away_before_all_is_as_if_made_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[list[str], set[int]]],
    together: int,
    questions: list[tuple[Term, ...]],
) -> None:
    """Each run adds some entries, takes some away, is saved beside the one before, and read again from there."""
    folder = tmp_path_factory.mktemp("words")
    left: dict[int, LexicalEntry] = {}
    index, number = WordIndex.of([]), 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "_TOGETHER", together)
        for run, (texts, removed) in enumerate(changes):
            added = [LexicalEntry(number + place, text) for place, text in enumerate(texts, 1)]
            number += len(texts)
            index.changed(np.array(sorted(removed), np.int64), added).save(folder / f"run{run}.safetensors")
            for before in folder.glob(f"run{run - 1}.*"):
                before.unlink()
            index = WordIndex.load(folder / f"run{run}.safetensors")
            left = {one: entry for one, entry in left.items() if one not in removed} | {entry.id: entry for entry in added}

    store, once = Bm25(index), Bm25(WordIndex.of(left.values()))
    assert index.whole().same_as(Postings.of(left.values()))
    assert store.scores(questions).tolist() == once.scores(questions).tolist()
    assert dict(store.lexicon.frequencies) == dict(once.lexicon.frequencies)
    assert [each.tolist() for each in store.places(VOCABULARY)] == [each.tolist() for each in once.places(VOCABULARY)]
    assert (store.ids.tolist(), store.ends.tolist()) == (once.ids.tolist(), once.ends.tolist())


NAMES = "piatakov pyatakov Пятаков bukharin buharin car index indexes 東京都 zoë zoëé concordance".split()


@given(st.lists(st.lists(st.sampled_from(NAMES), max_size=4).map(" ".join), max_size=9), st.sampled_from(NAMES))
@settings(deadline=None, max_examples=40)
def test_terms_in_files_are_spelled_as_those_in_a_list(texts: list[str], word: str) -> None:
    store = in_segments([LexicalEntry(number, text) for number, text in enumerate(texts, 1)])
    listed = ListedSpellings(dict(store.lexicon.frequencies))

    assert [*store.lexicon.spellings.romanised(word)] == [*listed.romanised(word)]
    for length in range(15):
        assert [*store.lexicon.spellings.of_length(length)] == [*listed.of_length(length)]


def test_there_are_few_segments_and_only_the_newest_is_written() -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "_TOGETHER", 0)
        index = WordIndex.of([])
        for number in range(1, 65):
            index = index.changed(NONE, [LexicalEntry(number, f"alpha number{number}")])

    sizes = [segment.count for segment in index.segments]
    assert len(sizes) <= 6
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == 64


def test_a_term_is_found_among_those_in_the_file_whatever_its_letters() -> None:
    index = WordIndex.of([LexicalEntry(1, "zebra é 東京 a 𝔸x")])
    terms = index.segments[0].postings.terms

    assert [terms.number_of(term) for term in terms] == [*range(len(terms))]
    assert [*terms] == sorted(terms) == [terms[at] for at in range(len(terms))]
    assert terms.number_of("unknown") == terms.number_of("") == terms.number_of("\ud800") == -1
    many = Terms.of(sorted(f"{number}é" for number in range(1000)))
    assert [many.number_of(term) for term in many] == [*range(1000)]
    assert many.number_of("0") == many.number_of("5000é") == many.number_of("ü") == -1


@given(collections)
@settings(deadline=None, max_examples=20)
def test_saved_and_mapped_again_they_are_the_same(tmp_path_factory: pytest.TempPathFactory, stored: list[LexicalEntry]) -> None:
    path: Path = tmp_path_factory.mktemp("words") / "some.safetensors"
    postings = Postings.of(stored)

    postings.save(path)

    assert Postings.load(path).same_as(postings)
