"""Other frameworks retrieve from a collection through their own interfaces; each test needs the framework itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ibid
from ibid import ExtraMissing, Ibid, Settings
from index.embedders import Embedder
from tests.fakes import HashEmbedder
from tests.shelf import index_text

QUESTION = "Who rang the fog bell by hand?"
BELL = "The fog bell was rung by hand;"
CITED = "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 7"


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ibid]:
    monkeypatch.setattr("ibid.asking_embedder", _fake)
    index_text(tmp_path)
    with Ibid.open(settings=Settings(home=tmp_path)) as opened:
        yield opened


def _fake(_settings: Settings, _built_with: object, *_home: object) -> Embedder:
    return HashEmbedder()


def test_langchain_gets_documents_with_their_citation(collection: Ibid) -> None:
    pytest.importorskip("langchain_core", reason="pip install langchain-core")

    documents = ibid.langchain_retriever(collection, limit=2).invoke(QUESTION)

    assert documents[0].page_content.startswith(BELL)
    assert documents[0].metadata["citation_as_written"] == CITED
    assert len(documents) <= 2


def test_llamaindex_gets_nodes_with_scores(collection: Ibid) -> None:
    pytest.importorskip("llama_index.core", reason="pip install llama-index-core")

    nodes = ibid.llamaindex_retriever(collection, limit=2).retrieve(QUESTION)

    assert nodes[0].node.get_content().startswith(BELL)
    assert nodes[0].metadata["citation_as_written"] == CITED
    assert [node.score for node in nodes] == sorted((node.score for node in nodes), reverse=True)


def test_haystack_gets_documents_in_a_pipeline(collection: Ibid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAYSTACK_TELEMETRY_ENABLED", "False")
    haystack: Any = pytest.importorskip("haystack", reason="pip install haystack-ai")

    pipeline = haystack.Pipeline()
    pipeline.add_component("passages", ibid.haystack_retriever(collection, limit=2))
    documents = pipeline.run({"passages": {"query": QUESTION}})["passages"]["documents"]

    assert documents[0].content.startswith(BELL)
    assert documents[0].meta["citation_as_written"] == CITED


@pytest.mark.parametrize(
    ("name", "package"),
    [("langchain", "langchain_core"), ("llamaindex", "llama_index"), ("haystack", "haystack")],
)
def test_a_framework_that_is_not_installed_is_named_with_the_command(
    collection: Ibid, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, f"service.adapters.{name}", None)

    with pytest.raises(ExtraMissing, match=rf"pip install 'ibid-rag\[{name}\]'"):
        getattr(ibid, f"{name}_retriever")(collection)
