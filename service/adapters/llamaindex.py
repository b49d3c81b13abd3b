"""A LlamaIndex retriever over a collection (https://docs.llamaindex.ai, "Retriever")."""

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from service.adapters import Searchable, metadata_of


class LlamaIndexRetriever(BaseRetriever):
    """Each node is a verbatim excerpt; ``options`` go to ``Ibid.search``."""

    def __init__(self, collection: Searchable, options: dict[str, Any]) -> None:
        self._collection = collection
        self._options = options
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(node=TextNode(id_=hit.id, text=hit.text, metadata=metadata_of(hit)), score=hit.scores.fused)
            for hit in self._collection.search(query_bundle.query_str, **self._options)
        ]
