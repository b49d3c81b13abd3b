"""The doctor tells what is installed, indexed and wrong, with what to do; it changes nothing."""

import shutil
from pathlib import Path

import pytest

from index.build import build_index
from index.doctor import examine
from index.embedders.registry import load_embedder
from index.home import Home
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting


@pytest.fixture
def home(tmp_path: Path) -> Home:
    build_index(tmp_path, [indexing(), quoting()], HashEmbedder())
    return Home(tmp_path)


def test_the_doctor_tells_what_there_is(home: Home) -> None:
    diagnosis = examine(home.folder)

    assert diagnosis.model is not None
    assert diagnosis.model.card.weights_sha256.startswith("53aa5117")
    assert diagnosis.index is not None
    assert (diagnosis.index.generation, diagnosis.index.counts.excerpts) == (1, 5)
    assert diagnosis.index.bytes > 1000
    assert diagnosis.libraries["faiss-cpu"] != "not installed"


def test_the_doctor_tells_that_the_index_was_built_with_another_model(home: Home) -> None:
    [finding] = examine(home.folder).findings

    assert "built with hash" in finding.found
    assert "ibid index" in finding.remedy


def test_the_doctor_tells_of_derived_files_that_are_behind(home: Home) -> None:
    shutil.rmtree(home.vectors)

    assert "vector index" in {finding.subject for finding in examine(home.folder).findings}


def test_the_doctor_tells_of_no_index_and_no_model_with_what_to_do(tmp_path: Path) -> None:
    diagnosis = examine(tmp_path, "./no-such-model")

    assert (diagnosis.model, diagnosis.index) == (None, None)
    assert [finding.subject for finding in diagnosis.findings] == ["embedding model", "index"]
    assert all(finding.remedy for finding in diagnosis.findings)


def test_the_doctor_tells_that_a_model_is_going_to_be_exported_and_exports_nothing(bert: Path, tmp_path: Path) -> None:
    [index] = (diagnosis := examine(tmp_path, str(bert))).findings

    assert index.subject == "index"
    assert diagnosis.model is not None
    assert diagnosis.model.served_by == "ONNX Runtime, once `ibid index` has exported it"
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_tells_why_sentence_transformers_serves_a_model(max_pooled: Path, tmp_path: Path) -> None:
    model = examine(tmp_path, str(max_pooled)).model

    assert model is not None
    assert model.served_by == f"sentence-transformers, because the model in {max_pooled} pools by max"


def test_the_doctor_tells_that_nothing_serves_a_model_in_a_precision_that_needs_an_export(
    max_pooled: Path, tmp_path: Path
) -> None:
    diagnosis = examine(tmp_path, str(max_pooled), precision="int8")

    assert diagnosis.model is None
    assert diagnosis.findings[0].found.endswith("pools by max; only an exported model computes in int8")
    assert "fp32" in diagnosis.findings[0].remedy


def test_the_doctor_compares_the_index_with_the_model_in_the_precision_that_is_set(bert: Path, tmp_path: Path) -> None:
    build_index(tmp_path, [indexing()], load_embedder(str(bert), Home(tmp_path).models, precision="int8"))

    same, other = examine(tmp_path, str(bert), precision="int8"), examine(tmp_path, str(bert))

    assert same.model is not None
    assert (same.model.served_by, same.findings) == ("ONNX Runtime", ())
    assert [finding.found for finding in other.findings] == [
        f"the index was built with {bert} (int8), the settings name {bert} (fp32)"
    ]
