"""What every Embedder does, judged by what sentence-transformers itself gives where there is a real model."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedders import Embedder, Vectors
from index.embedders.model_config import find_model
from index.embedders.onnx_embedder import ExportedEmbedder
from index.embedders.registry import load_embedder
from index.embedders.sentence_transformer import SentenceTransformerEmbedder
from tests.fakes import HashEmbedder

TEXTS = [
    "A short one.",
    "Where does the word stand?",
    "",
    " \n\t",
    "half \ud800 a pair",
    "a\0b",
    "汉字 мир مرحبا 😀",
    "x" * 3000,
    "the word stands on every page of the book " * 60,
    "[CLS] [PAD] <s>",
]
EQUAL = 0.99999


REAL = [
    pytest.param("sentence-transformers", id="sentence-transformers", marks=pytest.mark.model),
    pytest.param("exported", id="exported", marks=pytest.mark.model),
]


def make(kind: str, exports: Path) -> Embedder:
    if kind == "hash":
        return HashEmbedder()
    return load_embedder() if kind == "sentence-transformers" else load_embedder(None, exports)


@pytest.fixture(scope="module", params=[pytest.param("hash", id="hash"), *REAL])
def embedder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return make(request.param, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module", params=REAL)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return make(request.param, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def bare() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_model().folder), device="cpu")


def cosines(first: Vectors, second: Vectors) -> list[float]:
    return np.einsum("ij,ij->i", first, second).tolist()  # type: ignore[no-any-return]  # einsum is typed Any


def test_the_implementations_are_the_ones_named(tmp_path: Path) -> None:
    assert isinstance(load_embedder(), SentenceTransformerEmbedder)
    assert isinstance(load_embedder(None, tmp_path), ExportedEmbedder)


def test_each_text_has_one_row_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS, "passage")

    assert vectors.shape == (len(TEXTS), embedder.card.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_rows_stand_in_the_order_given_whatever_is_embedded_together(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS, "query")

    alone = np.concatenate([embedder.embed([text], "query") for text in TEXTS])

    assert min(cosines(together, alone)) > EQUAL


def test_the_same_text_has_the_same_vector_again(embedder: Embedder) -> None:
    first, second = embedder.embed(TEXTS[:3], "passage"), embedder.embed(TEXTS[:3], "passage")

    np.testing.assert_array_equal(first, second)


def test_different_texts_have_different_vectors(embedder: Embedder) -> None:
    first, second = embedder.embed(TEXTS[:2], "passage")

    assert float(first @ second) < 0.9


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_no_texts_give_no_rows_of_the_right_width(embedder: Embedder, kind: Any) -> None:
    assert embedder.embed([], kind).shape == (0, embedder.card.dimension)


def test_tokens_are_counted_beyond_what_is_read(embedder: Embedder) -> None:
    counts = embedder.count_tokens(TEXTS)

    assert len(counts) == len(TEXTS)
    assert counts[8] > embedder.card.max_tokens
    assert embedder.count_tokens([]) == []


def test_an_empty_text_is_its_special_tokens_and_words_add_to_them(embedder: Embedder) -> None:
    empty, one, two = embedder.count_tokens(["", "word", "word word"])

    assert 0 <= empty < one < two
    assert two - one == one - empty


def test_many_threads_embed_at_once(embedder: Embedder) -> None:
    expected = embedder.embed(TEXTS[:3], "query")
    seen: list[Vectors] = []
    threads = [threading.Thread(target=lambda: seen.append(embedder.embed(TEXTS[:3], "query"))) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 6
    assert all(min(cosines(vectors, expected)) > EQUAL for vectors in seen)


def test_the_card_tells_the_vectors_apart(embedder: Embedder) -> None:
    card = embedder.card

    assert len(card.weights_sha256) == 64
    assert card.dimension == embedder.embed(["x"], "query").shape[1]
    assert card.max_tokens > 0


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_real_vectors_are_those_of_the_bare_library(real: Embedder, bare: Any, kind: Any) -> None:
    expected = bare.encode([text.replace("\ud800", "\ufffd") for text in TEXTS], normalize_embeddings=True)

    assert min(cosines(real.embed(TEXTS, kind), expected)) > EQUAL


def test_real_tokens_are_those_of_the_models_own_tokenizer(real: Embedder, bare: Any) -> None:
    texts = [text for text in TEXTS if "\ud800" not in text]

    expected = [len(ids) for ids in bare.tokenizer(texts, truncation=False, padding=False, verbose=False)["input_ids"]]

    assert real.count_tokens(texts) == expected
