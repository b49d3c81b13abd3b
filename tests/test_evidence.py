"""Evidence on questions that are asked together, judged by asking each alone and by looking at all excerpts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.records import Filters
from rag import scoring as evidence
from rag.calibration import Calibration
from rag.query import parse_question
from rag.records import Question
from rag.scoring import Evidence, ScoredCandidates, Scorer
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

EMBEDDER = HashEmbedder(dimension=64)
LINES = [
    "do rare words say more about a passage than common ones?",
    "",
    'quotation "rare words"',
    "which book lists every word with its places",
    '"occurs nowhere in these books"',
    "the of and",
    "title:indexing words",
    "unheard-of gibberish zzzz",
]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home: Path = tmp_path_factory.mktemp("home")
    build_index(home, [indexing(), quoting()], EMBEDDER)
    return Collection.open(home)


@pytest.fixture(params=[1, 100, 1_000_000])
def searches(collection: Collection, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Scorer:
    """With arrays of one question, of a few, and of all of them."""
    monkeypatch.setattr(evidence, "_NUMBERS", request.param)
    monkeypatch.setattr(evidence, "LEADING", 3)
    return Scorer(collection, Calibration())


def gather(searches: Scorer, lines: Sequence[str]) -> list[ScoredCandidates]:
    questions: list[Question] = [parse_question(line) for line in lines]
    return searches.gather(questions, EMBEDDER.embed([question.words for question in questions], "query"))


def columns(found: Evidence) -> dict[str, list[float]]:
    return {name: column.tolist() for name, column in found._asdict().items()}


def test_a_question_is_gathered_the_same_for_in_any_company(searches: Scorer) -> None:
    together = gather(searches, LINES)

    for line, gathered in zip(LINES, together, strict=True):
        (alone,) = gather(searches, [line])
        assert columns(gathered.all()) == columns(alone.all()), line
        assert columns(gathered.best(2)) == columns(alone.best(2)), line


def test_the_best_are_the_best_of_all_however_many_are_asked_for(searches: Scorer) -> None:
    for gathered in gather(searches, LINES):
        everything = gathered.all()
        order = np.argsort(-everything.fused, kind="stable")
        for limit in (1, 3, 4, len(order), len(order) + 7):
            assert columns(gathered.best(limit)) == columns(everything.among(order[:limit]))


def test_an_excerpt_has_the_evidence_of_its_windows(searches: Scorer, collection: Collection) -> None:
    (gathered,) = gather(searches, LINES[:1])
    found = gathered.all()

    cosines = collection.vectors.scores(EMBEDDER.embed([parse_question(LINES[0]).words], "query"))[0]
    owners = collection.window_map.excerpts_of(collection.window_map.ids(np.arange(collection.window_map.count)))
    assert found.dense.tolist() == [cosines[owners == key].max() for key in found.keys.tolist()]
    assert owners[found.place].tolist() == found.keys.tolist()


def test_only_what_filters_and_phrases_leave_is_gathered(searches: Scorer, collection: Collection) -> None:
    everything, phrase, nowhere = gather(searches, [LINES[0], LINES[2], LINES[4]])

    assert len(everything.all().keys) == collection.counts.excerpts
    assert 0 < len(phrase.all().keys) < collection.counts.excerpts
    assert not len(nowhere.all().keys)
    assert not len(nowhere.best(5).keys)


def test_no_questions_and_no_excerpts_give_no_evidence(searches: Scorer, tmp_path: Path) -> None:
    build_index(tmp_path, [quoting()], EMBEDDER)
    build_index(tmp_path, [], EMBEDDER)
    with_nothing = Scorer(Collection.open(tmp_path), Calibration())

    assert gather(searches, []) == []
    assert [len(each.all().keys) for each in gather(with_nothing, LINES)] == [0] * len(LINES)


def test_filters_of_the_request_count_like_those_of_the_line(searches: Scorer) -> None:
    limited = parse_question("words", Filters(title=("indexing",)))
    (by_request,) = searches.gather([limited], EMBEDDER.embed([limited.words], "query"))
    (by_line,) = gather(searches, ["words title:indexing"])

    assert by_request.all().keys.tolist() == by_line.all().keys.tolist()
