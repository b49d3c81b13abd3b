"""A cross-encoder orders the best hits anew, and nothing else."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.errors import EmbedderUnusable, ExtraMissing
from index.stores import Scores
from rag.cross_encoder import load_reranker
from rag.query import parse_question
from rag.ranking import BEST, Reranker, rerank
from rag.retrieve import Retriever
from service.settings import Settings
from service.wiring import reranker_of
from tests.encoders import save_encoder
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

EMBEDDER = HashEmbedder(dimension=256)
QUESTION = parse_question("do rare words say more than common ones?")


class Shortest:
    """Prefers short passages."""

    def score(self, question: str, passages: Sequence[str]) -> Scores:  # noqa: ARG002 — as the contract has it
        return np.array([-len(passage) for passage in passages], np.float32)


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home = tmp_path_factory.mktemp("home")
    build_index(home, [indexing(), quoting()], EMBEDDER)
    return Collection.open(home)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of a few kilobytes with random weights, saved as sentence-transformers saves one."""
    return save_cross_encoder(tmp_path_factory.mktemp("cross-encoder"))


def save_cross_encoder(folder: Path, labels: int = 1) -> Path:
    import torch
    import transformers
    from sentence_transformers import CrossEncoder

    torch.manual_seed(7)
    letters = "abcdefghijklmnopqrstuvwxyz?."
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = transformers.BertTokenizer(vocab={piece: number for number, piece in enumerate(pieces)})
    configuration = transformers.BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_attention_heads=2,
        num_hidden_layers=1,
        intermediate_size=32,
        max_position_embeddings=256,
        num_labels=labels,
        initializer_range=0.5,
    )
    transformers.BertForSequenceClassification(configuration).save_pretrained(folder / "bare")
    tokenizer.save_pretrained(folder / "bare")
    CrossEncoder(str(folder / "bare"), device="cpu").save_pretrained(str(folder / "saved"))
    return folder / "saved"


def find(collection: Collection, reranker: Reranker | None) -> list[Any]:
    vector = EMBEDDER.embed([QUESTION.words], "query")[0]
    return list(Retriever(collection, reranker).find(QUESTION, vector, 10).hits)


def test_only_the_best_are_read_again() -> None:
    order = np.arange(30)[::-1].copy()

    again, scores = rerank(Shortest(), "why?", order, lambda rows: ["x" * (row + 1) for row in rows.tolist()])

    assert again.tolist() == [*range(10, 30), *range(9, -1, -1)]
    assert len(scores) == BEST
    assert scores[10] == -11


def test_ties_stay_as_they_were() -> None:
    order = np.array([4, 2, 7])

    again, _ = rerank(Shortest(), "why?", order, lambda rows: ["same"] * len(rows))

    assert again.tolist() == [4, 2, 7]


def test_no_reranker_changes_nothing() -> None:
    order = np.array([4, 2, 7])

    again, scores = rerank(None, "why?", order, lambda _: [])

    assert (again.tolist(), scores) == ([4, 2, 7], {})


def test_hits_come_in_the_order_of_the_reranker_and_show_its_scores(collection: Collection) -> None:
    plain, reranked = find(collection, None), find(collection, Shortest())

    scores = [hit.scores.reranker for hit in reranked]
    assert scores == sorted(scores, reverse=True)
    assert {hit.excerpt.id for hit in reranked} == {hit.excerpt.id for hit in plain}
    assert [hit.excerpt.id for hit in reranked] != [hit.excerpt.id for hit in plain]
    assert all(hit.scores.reranker is None for hit in plain)


def test_a_question_that_nothing_answers_is_refused_whatever_the_reranker_says(collection: Collection) -> None:
    question = parse_question("zebra crossing")
    vector = EMBEDDER.embed([question.words], "query")[0]

    assert (
        Retriever(collection, Shortest()).find(question, vector, 5).status
        == Retriever(collection).find(question, vector, 5).status
    )


def test_a_real_cross_encoder_reranks_and_scores_each_pair_alone(collection: Collection, model: Path) -> None:
    from sentence_transformers import CrossEncoder

    reranker = load_reranker(str(model))
    hits = find(collection, reranker)

    passages = ["short words", "a much longer passage about rare words and common ones"]
    bare = CrossEncoder(str(model), device="cpu").predict([("why?", passage) for passage in passages], show_progress_bar=False)
    assert reranker.score("why?", passages).tolist() == pytest.approx(bare.tolist(), abs=1e-5)
    assert [hit.scores.reranker for hit in hits] == sorted((hit.scores.reranker for hit in hits), reverse=True)
    assert len({hit.scores.reranker for hit in hits}) > 1


def test_a_cross_encoder_takes_no_passages_and_any_text(model: Path) -> None:
    reranker = load_reranker(str(model))

    assert reranker.score("why?", []).shape == (0,)
    assert np.isfinite(reranker.score("\ud800 why?", ["", "word " * 5000, "\udfff"])).all()


def test_threads_may_share_a_cross_encoder(model: Path) -> None:
    reranker = load_reranker(str(model))
    alone = reranker.score("why?", ["one", "another one"]).tolist()
    scores: list[list[float]] = []

    threads = [
        threading.Thread(target=lambda: scores.append(reranker.score("why?", ["one", "another one"]).tolist())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert scores == [pytest.approx(alone, abs=1e-5)] * 8


def test_an_encoder_without_a_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match="BertModel"):
        load_reranker(str(save_encoder(tmp_path, "bert")))


def test_a_classifier_of_several_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match="gives 3 scores"):
        load_reranker(str(save_cross_encoder(tmp_path, labels=3)))


@pytest.mark.parametrize("written", [None, "not JSON", "{}"])
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "config.json").write_text(written)

    with pytest.raises(EmbedderUnusable, match="cross-encoder"):
        load_reranker(str(tmp_path))


def test_the_settings_say_whether_there_is_a_reranker(model: Path) -> None:
    assert reranker_of(Settings()) is None
    assert reranker_of(Settings(reranker=str(model))) is not None


def test_without_pytorch_a_reranker_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ExtraMissing, match="pip install sentence-transformers"):
        load_reranker("some/cross-encoder")
