"""Which embedder a name or a card leads to: the export where there can be one, else sentence-transformers."""

import shutil
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from index.embedders.model_config import ModelFolder
from index.embedders.onnx_embedder import ExportedEmbedder
from index.embedders.registry import load_embedder, open_embedder
from index.embedders.sentence_transformer import PooledEmbedder, SentenceTransformerEmbedder
from index.errors import EmbedderMismatch, EmbedderUnusable, ExtraMissing, NotExportable

TEXTS = ["the cat", "where does the cat sleep?", ""]


def test_a_model_that_can_be_exported_is_served_by_its_export(bert: Path, tmp_path: Path) -> None:
    embedder = load_embedder(str(bert), tmp_path)

    assert isinstance(embedder, ExportedEmbedder)


def test_a_model_that_cannot_be_exported_is_served_by_sentence_transformers(max_pooled: Path, tmp_path: Path) -> None:
    embedder = load_embedder(str(max_pooled), tmp_path)

    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.embed(TEXTS, "query").shape == (3, 32)


def test_without_a_place_for_exports_sentence_transformers_serves(bert: Path) -> None:
    assert isinstance(load_embedder(str(bert)), SentenceTransformerEmbedder)


def test_both_ways_to_serve_a_model_have_the_same_fingerprint_and_vectors(bert: Path, tmp_path: Path) -> None:
    exported, loaded = load_embedder(str(bert), tmp_path), load_embedder(str(bert))

    assert exported.card == loaded.card
    np.testing.assert_allclose(exported.embed(TEXTS, "query"), loaded.embed(TEXTS, "query"), atol=2e-4)
    assert exported.count_tokens(TEXTS) == loaded.count_tokens(TEXTS)


def test_an_index_is_opened_from_its_export_when_the_model_is_gone(bert: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(bert, tmp_path / "model"))
    card = load_embedder(str(model), tmp_path / "exports").card
    shutil.rmtree(model)

    embedder = open_embedder(card, tmp_path / "exports")

    assert embedder.card.fingerprint == card.fingerprint


def test_an_index_is_opened_from_its_model_when_the_export_is_gone(bert: Path, tmp_path: Path) -> None:
    card = load_embedder(str(bert), tmp_path / "first", precision="int8").card

    embedder = open_embedder(card, tmp_path / "second")

    assert embedder.card == card


def test_another_model_under_the_same_name_is_refused_with_the_remedy(bert: Path, tmp_path: Path) -> None:
    card = msgspec.structs.replace(load_embedder(str(bert), tmp_path).card, weights_sha256="0" * 64)

    with pytest.raises(EmbedderMismatch, match="rebuild the index"):
        open_embedder(card, tmp_path)


def test_an_index_whose_model_and_export_are_gone_is_an_error_that_names_the_model(bert: Path, tmp_path: Path) -> None:
    card = msgspec.structs.replace(load_embedder(str(bert), tmp_path).card, name="./gone", weights_sha256="0" * 64)

    with pytest.raises(EmbedderUnusable, match=r"\./gone"):
        open_embedder(card, tmp_path)


def test_int8_of_a_model_that_cannot_be_exported_is_an_error(max_pooled: Path, tmp_path: Path) -> None:
    with pytest.raises(NotExportable, match="pools by max; only an exported model computes in int8; set `precision` to fp32"):
        load_embedder(str(max_pooled), tmp_path, precision="int8")


def test_without_pytorch_a_model_that_needs_it_is_refused_with_the_remedy(
    max_pooled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ExtraMissing, match="pip install sentence-transformers"):
        load_embedder(str(max_pooled), tmp_path).embed(["a text"], "passage")


def test_several_devices_share_portions_and_the_pool_is_stopped_even_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        stopped = 0

        def start_multi_process_pool(self, devices: list[str]) -> dict[str, list[str]]:
            return {"devices": devices}

        def stop_multi_process_pool(self, pool: dict[str, list[str]]) -> None:
            self.stopped += bool(pool)

        def encode_document(self, texts: list[str], pool: dict[str, list[str]], **_: object) -> np.ndarray:
            if "bad" in texts:
                raise RuntimeError("a device is gone")
            assert pool == {"devices": ["cuda:0", "cuda:1"]}
            return np.array([[len(text), 1.0] for text in texts])

    monkeypatch.setattr("index.embedders.sentence_transformer._POOLED", 2)
    embedder, model = PooledEmbedder(ModelFolder("m", Path("m")), ["cuda:0", "cuda:1"]), Model()
    embedder.__dict__["_loaded"] = model
    texts = ["x" * count for count in range(1, 8)]

    portions = list(embedder.embed_each(texts, "passage"))

    assert [places for places, _ in portions] == [[0, 1, 2, 3], [4, 5, 6]]
    assert np.concatenate([rows for _, rows in portions])[:, 0].tolist() == [1, 2, 3, 4, 5, 6, 7]
    with pytest.raises(RuntimeError):
        list(embedder.embed_each([*texts, "bad"], "passage"))
    assert model.stopped == 2


def test_devices_compute_in_fp32_only() -> None:
    assert isinstance(load_embedder(devices=["cuda:0"]), PooledEmbedder)
    with pytest.raises(EmbedderUnusable, match="leave devices empty"):
        load_embedder(devices=["cuda:0"], precision="int8")
