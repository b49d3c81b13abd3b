"""Run by the environment of verbatim-rag: `build MODEL LINES FOLDER` or `ask MODEL FOLDER QUESTION`; retrieval alone, dense."""

import json
import sys
from pathlib import Path

from verbatim_rag import Document, VerbatimIndex  # type: ignore[import-not-found]  # it lives in an environment of its own
from verbatim_rag.document import Chunk, ProcessedChunk  # type: ignore[import-not-found]
from verbatim_rag.embedding_providers import SentenceTransformersProvider  # type: ignore[import-not-found]
from verbatim_rag.vector_stores import LocalMilvusStore  # type: ignore[import-not-found]


def main(words: list[str]) -> None:
    """Does what the words say."""
    match words:
        case ["build", model, lines, folder]:
            texts = [json.loads(line)["text"] for line in Path(lines).read_text(encoding="utf-8").splitlines()]
            Path(folder).mkdir()
            index(model, folder).add_documents_bulk([document(number, text) for number, text in enumerate(texts)])
        case ["ask", model, folder, question]:
            print(json.dumps([found.text for found in index(model, folder).query(question, k=5)]))


def index(model: str, folder: str) -> VerbatimIndex:
    """Its index in a folder; Milvus Lite offers it no search for words."""
    store = LocalMilvusStore(str(Path(folder) / "milvus.db"), enable_sparse=False)
    return VerbatimIndex(store, SentenceTransformersProvider(model))


def document(number: int, text: str) -> Document:
    """A paragraph as a document of one chunk, so that all peers search the same."""
    key = str(number)
    return Document(key, key, key, chunks=[Chunk(key, key, text, processed_chunks=[ProcessedChunk(key, key, text)])])


# Milvus Lite may start processes that import this file.
if __name__ == "__main__":
    main(sys.argv[1:])
