"""Refinements: what late interaction and the reader add to the fused scores, and what they change in findings."""

from collections.abc import Sequence

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.embedders import TextKind, TokenVectors
from rag.errors import SettingInvalid
from rag.late_interaction import LateInteraction
from rag.passage_reader import Reading, ReadWindow
from rag.query import parse_question
from rag.records import Findings
from rag.refining import NONE, READ, Refinements, raised, shares
from rag.retrieve import Retriever
from rag.scoring import Evidence
from service.refinements import When, late_interaction_of, passage_reader_of, refinements_for
from service.settings import Settings, read_settings
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

EMBEDDER = HashEmbedder(dimension=256)


@pytest.mark.parametrize(
    ("when", "for_a_person", "runs"),
    [("auto", True, True), ("auto", False, False), ("always", False, True), ("never", True, False)],
)
def test_a_setting_says_which_questions_are_refined(when: When, for_a_person: bool, runs: bool) -> None:
    told = Settings(read=when, late_interaction="never")

    assert refinements_for(told, for_a_person=for_a_person) == Refinements(late_interaction=False, read=runs)


def test_what_is_never_wanted_is_not_loaded() -> None:
    told = Settings(read="never", late_interaction="never")

    assert passage_reader_of(told) is None
    assert late_interaction_of(told, EMBEDDER) is None


def test_an_embedder_without_vectors_of_tokens_has_no_late_interaction() -> None:
    assert late_interaction_of(Settings(late_interaction="always"), EMBEDDER) is None


@pytest.mark.parametrize("setting", ["read", "late_interaction"])
def test_a_setting_takes_three_values(setting: str) -> None:
    with pytest.raises(SettingInvalid, match=setting.upper()):
        read_settings({f"IBID_{setting.upper()}": "sometimes"})


def evidence(fused: Sequence[float]) -> Evidence:
    """Excerpts 100, 101 … with these fused scores."""
    zeros = np.zeros(len(fused), np.float32)
    keys = np.arange(100, 100 + len(fused))
    return Evidence(keys, keys - 100, np.array(fused, np.float32), zeros, zeros, zeros, zeros, zeros, zeros)


def reading(answers: float) -> Reading:
    return Reading(answers, answers, 0, 3)


def test_what_is_added_orders_the_first_anew_and_leaves_the_rest() -> None:
    refined = raised(evidence([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 0.0, 0.5], np.float32))

    assert refined.keys.tolist() == [102, 100, 101, 103]
    assert refined.fused.tolist() == pytest.approx([1.2, 0.9, 0.8, 0.6])


def test_ties_stay_in_their_order() -> None:
    refined = raised(evidence([0.5, 0.5, 0.5]), np.array([0.25, 0.25, 0.25], np.float32))

    assert refined.keys.tolist() == [100, 101, 102]


def test_scores_that_were_raised_still_fall() -> None:
    added = np.random.default_rng(7).random(20).astype(np.float32)
    refined = raised(evidence(np.linspace(2, 1, 30).tolist()), added)

    assert (np.diff(refined.fused) <= 0).all()
    assert sorted(refined.keys.tolist()) == list(range(100, 130))


def test_the_evidence_given_is_not_written_to() -> None:
    before = evidence([0.9, 0.8])
    raised(before, np.array([0.0, 1.0], np.float32))

    assert before.fused.tolist() == pytest.approx([0.9, 0.8])


def test_a_share_lies_on_a_line_between_bounds() -> None:
    told = [reading(-100), reading(-3), reading(0), reading(3), reading(100)]

    assert shares(told).tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1])


class Finds:
    """A PassageReader that finds an answer wherever a window holds one phrase, and counts what it reads."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        self.read_windows = 0

    def read(self, question: str, windows: Sequence[ReadWindow]) -> list[Reading]:  # noqa: ARG002 — as the contract has it
        self.read_windows += len(windows)
        return [self._reading(window.text.find(self.phrase)) for window in windows]

    def _reading(self, at: int) -> Reading:
        return Reading(-6.0, -6.0, 0, 0) if at < 0 else Reading(6.0, 6.0, at, at + len(self.phrase))


class Likes:
    """A TokenEmbedder that sees every question in one window only: the one with this phrase."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase

    def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[TokenVectors]:
        return [self._tokens(text, kind) for text in texts]

    def _tokens(self, text: str, kind: TextKind) -> TokenVectors:
        seen = kind == "query" or self.phrase in text
        vector = np.array([[1.0, 0.0] if seen else [0.0, 1.0]], np.float32)
        return TokenVectors(vector, np.array([[0, len(text)]]))


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home = tmp_path_factory.mktemp("home")
    build_index(home, [indexing(), quoting()], EMBEDDER)
    return Collection.open(home)


def find(retriever: Retriever, wanted: Refinements, text: str = "do rare words say more than common ones?") -> Findings:
    question = parse_question(text)
    (vector,) = EMBEDDER.embed([question.words], "query")
    return retriever.find(question, vector, 5, None, wanted)


def second_phrase(collection: Collection) -> str:
    """Words that stand in the second hit and in no other."""
    return find(Retriever(collection), NONE).hits[1].excerpt.text[:40]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refinement counts more than all else."""
    monkeypatch.setattr("rag.refining.READER_WEIGHT", 10.0)
    monkeypatch.setattr("rag.late_interaction.WEIGHT", 10.0)


@pytest.mark.usefixtures("trusted")
def test_what_the_reader_finds_rises(collection: Collection) -> None:
    phrase = second_phrase(collection)

    hits = find(Retriever(collection, reader=Finds(phrase)), Refinements(read=True)).hits

    assert phrase in hits[0].excerpt.text
    assert hits[0].scores.fused > hits[1].scores.fused


@pytest.mark.usefixtures("trusted")
def test_what_the_reader_found_is_the_highlight(collection: Collection) -> None:
    phrase = second_phrase(collection)

    (first, *_) = find(Retriever(collection, reader=Finds(phrase)), Refinements(read=True)).hits

    (span,) = first.highlights
    assert phrase in first.excerpt.text[span.start : span.end]
    assert span.end - span.start <= 150


def test_only_the_leading_windows_are_read(collection: Collection) -> None:
    reader = Finds("nowhere")

    find(Retriever(collection, reader=reader), Refinements(read=True))

    assert 0 < reader.read_windows <= READ


def test_a_question_in_another_language_than_the_reader_s_is_not_read_for(collection: Collection) -> None:
    reader = Finds("nowhere")

    find(Retriever(collection, reader=reader), Refinements(read=True), "Wer hat die Lampe gelöscht, und warum ist das geschehen?")

    assert reader.read_windows == 0


@pytest.mark.usefixtures("trusted")
def test_late_interaction_orders_anew_and_is_told(collection: Collection) -> None:
    phrase = second_phrase(collection)
    retriever = Retriever(collection, late=LateInteraction(Likes(phrase)))

    hits = find(retriever, Refinements(late_interaction=True)).hits

    assert phrase in hits[0].excerpt.text
    assert hits[0].scores.late_interaction == pytest.approx(1, abs=0.01)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_what_is_not_wanted_is_not_run(collection: Collection) -> None:
    reader = Finds("nowhere")
    refined = Retriever(collection, late=LateInteraction(Likes("nowhere")), reader=reader)

    assert find(refined, NONE) == find(Retriever(collection), NONE)
    assert reader.read_windows == 0


def test_what_is_wanted_and_not_at_hand_is_left_out(collection: Collection) -> None:
    assert find(Retriever(collection), Refinements(late_interaction=True, read=True)) == find(Retriever(collection), NONE)


def test_a_question_without_candidates_is_refined_to_nothing(collection: Collection) -> None:
    retriever = Retriever(collection, late=LateInteraction(Likes("nowhere")), reader=Finds("nowhere"))

    findings = find(retriever, Refinements(late_interaction=True, read=True), '"a phrase that stands nowhere at all"')

    assert findings.hits == findings.nearest == ()
    assert findings.confidence == 0


def test_a_reader_that_finds_nothing_lowers_the_confidence_and_one_that_does_raises_it(collection: Collection) -> None:
    before = find(Retriever(collection), NONE).confidence
    phrase = second_phrase(collection)

    without = find(Retriever(collection, reader=Finds("nowhere")), Refinements(read=True)).confidence
    found = find(Retriever(collection, reader=Finds(phrase)), Refinements(read=True)).confidence

    assert without < before
    assert without < found
