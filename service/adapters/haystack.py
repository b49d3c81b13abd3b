"""A Haystack component that retrieves from a collection (https://docs.haystack.deepset.ai/docs/custom-components)."""

from typing import Any

from haystack import Document, component

from service.adapters import Searchable, metadata_of


@component
class HaystackRetriever:
    """Each document is a verbatim excerpt; ``options`` go to ``Ibid.search``."""

    def __init__(self, collection: Searchable, options: dict[str, Any]) -> None:
        self._collection = collection
        self._options = options

    @component.output_types(documents=list[Document])
    def run(self, query: str) -> dict[str, list[Document]]:
        """The documents that answer ``query``, best first."""
        hits = self._collection.search(query, **self._options)
        return {
            "documents": [Document(id=hit.id, content=hit.text, meta=metadata_of(hit), score=hit.scores.fused) for hit in hits]
        }
