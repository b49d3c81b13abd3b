"""A LangChain retriever over a collection (https://python.langchain.com/docs/concepts/retrievers/)."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from service.adapters import Searchable, metadata_of


class LangChainRetriever(BaseRetriever):
    """Each document is a verbatim excerpt; ``options`` go to ``Ibid.search``."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    collection: Any
    options: dict[str, Any]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002  # LangChain's signature
        searched: Searchable = self.collection
        return [
            Document(id=hit.id, page_content=hit.text, metadata=metadata_of(hit))
            for hit in searched.search(query, **self.options)
        ]
