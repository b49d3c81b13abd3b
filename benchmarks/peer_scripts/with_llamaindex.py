"""Run by the environment of LlamaIndex: `build MODEL LINES FOLDER` or `ask MODEL FOLDER QUESTION`; dense, its default."""

import json
import sys
from pathlib import Path

from llama_index.core import (
    Settings,
    StorageContext,
    VectorStoreIndex,
    load_index_from_storage,
)
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

Settings.llm = None  # type: ignore[assignment]  # its documented way to use none
Settings.embed_model = HuggingFaceEmbedding(model_name=sys.argv[2], device="cpu")
match sys.argv[1:]:
    case ["build", _, lines, folder]:
        texts = [json.loads(line)["text"] for line in Path(lines).read_text(encoding="utf-8").splitlines()]
        nodes = [TextNode(text=text, id_=str(number)) for number, text in enumerate(texts)]
        VectorStoreIndex(nodes).storage_context.persist(folder)
    case ["ask", _, folder, question]:
        index = load_index_from_storage(StorageContext.from_defaults(persist_dir=folder))
        print([found.text for found in index.as_retriever(similarity_top_k=5).retrieve(question)])
