"""In a large collection candidates are scored as all excerpts are where it is small, judged by scoring all of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import derived
from index.build import build_index
from index.catalog.reader import Snapshot
from index.collection import Collection
from index.embedders import Embedder
from index.errors import IndexDamaged
from index.home import Home
from index.records import Filters, SourceFile
from index.stores import LexicalEntry, Term
from index.stores.bm25 import Bm25
from index.stores.chosen import WordCandidates
from index.stores.codes import WindowCodes
from index.stores.segments import WordIndex
from index.stores.vectors import FaissFlat
from rag import learning, scoring
from rag.calibration import NOTE, Calibration
from rag.learning import learned
from rag.query import parse_question
from rag.retrieve import Retriever
from rag.scoring import ScoredCandidates, Scorer
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder(dimension=64, max_tokens=16)
WORDS = ["harbour", "lantern", "copper", "granite", "willow", "saddle", "anchor", "thistle", "pewter", "meadow", "the", "of"]
WORDS += [start + end for start in ("bar", "fen", "gol", "mir", "tas", "vel") for end in ("dun", "kip", "lor", "moss", "rick")]
LINES = [
    "the copper lantern of the harbour",
    "who laid the granite anchor near a willow?",
    "",
    "zzzz unheard-of",
    '"copper lantern"',
    "saddle title:first",
    "title:second meadow",
]


def texts(count: int, seed: int) -> str:
    """Excerpts of one to three windows each, cited from one of two works."""
    random = np.random.default_rng(seed)
    lines = []
    for number in range(count):
        sentences = [" ".join(random.choice(WORDS, 9)) + f" {seed} {number}." for _ in range(int(random.integers(1, 4)))]
        title = "First Account" if number % 3 else "Second Account"
        lines.append(f"> {' '.join(sentences)}\n\n— Ann Writer, *{title}* (Press, 19{10 + number % 80}), p. {number + 1}.\n")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("home")
    build_index(folder, files(120, 80), EMBEDDER)
    return folder


def files(*counts: int) -> list[SourceFile]:
    return [SourceFile(f"{number}.md", texts(count, number).encode()) for number, count in enumerate(counts) if count]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection is large from one window, and of it forty windows are candidates of either kind."""
    monkeypatch.setattr(derived, "CODES_FROM", 1)
    monkeypatch.setattr(scoring, "CANDIDATES", 40)


def gather(scorer: Scorer, lines: Sequence[str]) -> list[ScoredCandidates]:
    questions = [parse_question(line) for line in lines]
    return scorer.gather(questions, EMBEDDER.embed([question.words for question in questions], "query"))


@pytest.mark.usefixtures("large")
def test_candidates_have_the_very_evidence_that_they_have_among_all(home: Path) -> None:
    collection = Collection.open(home)
    some, all_of_them = Scorer(collection, Calibration()), Scorer(collection, Calibration(), exact=True)

    for line, ours, exact in zip(LINES, gather(some, LINES), gather(all_of_them, LINES), strict=True):
        found, true = ours.looked_at(), exact.all()
        where = np.searchsorted(true.keys, found.keys)
        assert ours.count < collection.counts.excerpts, line
        assert (ours.count > 0) == (exact.count > 0), line
        for name, column in found._asdict().items():
            assert column.tolist() == getattr(true, name)[where].tolist(), (line, name)


@pytest.mark.usefixtures("large")
def test_the_best_of_all_are_among_the_candidates(home: Path) -> None:
    collection = Collection.open(home)
    some, all_of_them = Scorer(collection, Calibration()), Scorer(collection, Calibration(), exact=True)

    for line, ours, exact in zip(LINES[:2], gather(some, LINES[:2]), gather(all_of_them, LINES[:2]), strict=True):
        assert ours.best(3).keys.tolist() == exact.best(3).keys.tolist(), line


@pytest.mark.usefixtures("large")
def test_more_than_the_candidates_are_looked_for_among_all(home: Path) -> None:
    collection = Collection.open(home)
    some, all_of_them = Scorer(collection, Calibration()), Scorer(collection, Calibration(), exact=True)

    for ours, exact in zip(gather(some, LINES), gather(all_of_them, LINES), strict=True):
        everything = exact.best(collection.counts.excerpts)
        assert ours.best(collection.counts.excerpts).keys.tolist() == everything.keys.tolist()
        assert ours.all().keys.tolist() == exact.all().keys.tolist()


@pytest.mark.usefixtures("large")
def test_candidates_keep_to_filters_and_phrases_and_are_looked_for_without_them_where_asked(home: Path) -> None:
    collection = Collection.open(home)
    limited, exact = (
        gather(Scorer(collection, Calibration(), exact=way), ["harbour title:second", '"copper lantern" the'])
        for way in (False, True)
    )

    for ours, true in zip(limited, exact, strict=True):
        assert set(ours.looked_at().keys.tolist()) <= set(true.all().keys.tolist())
        assert ours.unlimited(3).keys.tolist() == true.unlimited(3).keys.tolist()


@pytest.mark.usefixtures("large")
def test_limits_that_leave_few_windows_leave_all_of_them_as_candidates(home: Path) -> None:
    collection = Collection.open(home)
    question = parse_question("lantern", Filters(year=((1915, 1915),)))
    vector = EMBEDDER.embed([question.words], "query")

    (ours,) = Scorer(collection, Calibration()).gather([question], vector)
    (exact,) = Scorer(collection, Calibration(), exact=True).gather([question], vector)

    assert ours.complete
    assert 0 < ours.count == exact.count


@pytest.mark.usefixtures("large")
def test_hits_are_the_same_and_no_excerpt_is_shown_twice_where_works_are_capped(home: Path) -> None:
    collection = Collection.open(home)
    line = "the copper lantern of the harbour"
    vector = EMBEDDER.embed([line], "query")[0]
    for per_work, limit in ((None, 5), (2, 4), (30, 60), (None, 250)):
        ours, exact = (
            Retriever(collection, exact=way).find(parse_question(line), vector, limit, per_work) for way in (False, True)
        )
        ids = [hit.excerpt.id for hit in (*ours.hits, *ours.nearest)]
        assert len(set(ids)) == len(ids)
        assert set(ids[:3]) == {hit.excerpt.id for hit in (*exact.hits, *exact.nearest)[:3]}
        assert len(ids) == len((*exact.hits, *exact.nearest))


@pytest.mark.usefixtures("large")
def test_codes_grow_with_the_collection_and_are_made_again_where_they_are_damaged(tmp_path: Path) -> None:
    build_index(tmp_path, files(40), EMBEDDER)
    build_index(tmp_path, files(40, 30), EMBEDDER)
    build_index(tmp_path, files(0, 30, 5), EMBEDDER)
    (path,) = (tmp_path / "codes").iterdir()
    exact = [
        each.best(3).keys.tolist() for each in gather(Scorer(Collection.open(tmp_path), Calibration(), exact=True), LINES[:2])
    ]

    assert [each.best(3).keys.tolist() for each in gather(Scorer(Collection.open(tmp_path), Calibration()), LINES[:2])] == exact

    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(IndexDamaged):
        WindowCodes.load(path)
    assert [each.best(3).keys.tolist() for each in gather(Scorer(Collection.open(tmp_path), Calibration()), LINES[:2])] == exact


def test_a_small_collection_has_no_codes(home: Path) -> None:
    assert Collection.open(home).codes is None


# The stores by themselves.

VOCABULARY = ["alpha", "bravo", "delta", "gamma", "omega"]
entries = st.builds(LexicalEntry, id=st.integers(1, 60), text=st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join))
collections = st.lists(entries, max_size=25, unique_by=lambda entry: entry.id)
spellings = st.dictionaries(st.sampled_from([*VOCABULARY, "unknown"]), st.sampled_from([0.5, 1.0, 2.0]), min_size=1, max_size=3)
terms = st.lists(spellings.map(lambda weights: Term(tuple(weights.items()))), max_size=4).map(tuple)


@given(collections, st.lists(terms, max_size=3), st.sets(st.integers(0, 24)))
@settings(deadline=None, max_examples=150)
def test_some_entries_have_the_scores_and_the_words_that_they_have_among_all(
    stored: list[LexicalEntry], questions: list[tuple[Term, ...]], chosen: set[int]
) -> None:
    store = Bm25(WordIndex.of(stored))
    rows = np.array(sorted(row for row in chosen if row < len(stored)), np.int64)

    some = store.some(rows)

    np.testing.assert_array_equal(some.scores(questions), store.scores(questions)[:, rows])
    alone = Bm25(WordIndex.of([entry for entry in stored if entry.id in store.ids[rows]]))
    ours, theirs = (each.places([*VOCABULARY, "unknown"]) for each in (some, alone))
    assert [column.tolist() for column in ours] == [column.tolist() for column in theirs]
    assert some.ends.tolist() == alone.ends.tolist()
    assert some.ids.tolist() == alone.ids.tolist()


@given(collections, terms, st.integers(0, 30), st.none() | st.sets(st.integers(0, 24)))
@settings(deadline=None, max_examples=150)
def test_within_the_budget_all_that_hold_a_word_are_candidates_and_the_best_where_they_are_too_many(
    stored: list[LexicalEntry], asked: tuple[Term, ...], limit: int, among: set[int] | None
) -> None:
    store = Bm25(WordIndex.of(stored))
    single = tuple(Term(term.spellings[:1]) for term in asked)
    mask = None if among is None else np.isin(np.arange(len(stored)), list(among))
    scores = np.where(True if mask is None else mask, store.scores([single])[0], 0)

    rows = store.holding(single, limit, mask)

    assert rows.tolist() == sorted(set(rows.tolist()))
    assert len(rows) == min(limit, int((scores > 0).sum()))
    left = np.delete(scores, rows)
    assert not len(rows) or scores[rows].min() >= left.max(initial=0) - 1e-6
    assert store.holding(single, limit, mask).tolist() == rows.tolist()


def test_the_commonest_words_beyond_the_budget_choose_nothing_but_the_rarest_always_does() -> None:
    stored = [LexicalEntry(number, "alpha" if number > 5 else "alpha bravo") for number in range(1, 41)]
    store = Bm25(WordIndex.of(stored))
    alpha, bravo = (Term(((word, 1.0),)) for word in ("alpha", "bravo"))

    assert WordCandidates(store, budget=10).holding([alpha, bravo], 40).tolist() == [0, 1, 2, 3, 4]
    assert len(WordCandidates(store, budget=10).holding([alpha], 40)) == 40
    assert len(WordCandidates(store, budget=45).holding([alpha, bravo], 40)) == 40


@pytest.mark.parametrize("count", [0, 1, 700])
def test_codes_choose_what_is_nearest(count: int) -> None:
    random = np.random.default_rng(3)
    rows = random.standard_normal((count, 32)).astype(np.float32)
    vectors = FaissFlat(32)
    vectors.update(np.empty(0, np.int64), np.arange(count), rows)
    codes = WindowCodes.of(vectors)
    query = random.standard_normal(32).astype(np.float32)
    even = np.arange(count) % 2 == 0

    near, limited = codes.nearest(query, 200), codes.nearest(query, 200, even)

    order = np.argsort(-(rows @ query)) if count else np.empty(0, np.int64)
    assert len(near) == min(count, 200)
    assert set(order[:3].tolist()) <= set(near.tolist())
    assert even[limited].all()
    assert len(limited) == min(int(even.sum()), 200)
    assert len(set(near.tolist())) == len(near)


def test_scores_of_some_rows_are_those_among_all() -> None:
    random = np.random.default_rng(4)
    vectors = FaissFlat(48)
    vectors.update(np.empty(0, np.int64), np.arange(1037), random.standard_normal((1037, 48)).astype(np.float32))
    query = random.standard_normal((1, 48)).astype(np.float32)
    rows = np.sort(random.choice(1037, 90, replace=False))

    assert vectors.scores_of(query, rows).tolist() == vectors.scores(query)[:, rows].tolist()
    assert vectors.scores_of(query, rows[:0]).shape == (1, 0)


def test_a_large_collection_is_calibrated_again_only_when_much_of_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calibration_of(*counts: int) -> object:
        build_index(tmp_path, files(*counts), EMBEDDER, learn=lambda opened: learned(opened, EMBEDDER))
        return Collection.open(tmp_path).note(NOTE)

    times: list[Collection] = []
    made = learning.calibrate
    monkeypatch.setattr(learning, "CODES_FROM", 50)

    def counted(collection: Collection, embedder: Embedder) -> Calibration:
        times.append(collection)
        return made(collection, embedder)

    monkeypatch.setattr(learning, "calibrate", counted)

    first = calibration_of(60)
    assert calibration_of(60, 2) == first
    assert calibration_of(60, 0, 2) == first
    assert len(times) == 1
    calibration_of(60, 0, 2, 20)
    assert len(times) == 2
    calibration_of(0, 0, 2, 20)
    assert len(times) == 3


def test_vectors_that_grew_are_those_of_the_catalog(tmp_path: Path) -> None:
    for counts in ((30,), (30, 20), (0, 20, 4), (25, 0, 4), (25, 3, 4)):
        build_index(tmp_path, files(*counts), EMBEDDER)
        collection = Collection.open(tmp_path)
        home = Home(tmp_path)
        stored = FaissFlat.load(derived.vectors_path(home, collection.stamp))
        rows = list(Snapshot(home).vectors())

        assert stored.ids.tolist() == np.concatenate([ids for ids, _ in rows]).tolist()
        assert stored.rows(np.arange(len(stored.ids))).tolist() == np.concatenate([each for _, each in rows]).tolist()
