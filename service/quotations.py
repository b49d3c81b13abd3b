"""All quotations of one generation of a collection, made searchable when they are first asked for."""

import threading
from collections.abc import Iterator
from itertools import islice

from index.collection import Collection
from rag.quotes.match import QuoteIndex
from rag.quotes.records import Verification

EXCERPTS_AT_ONCE = 1024


class Quotations:
    """Builds the quote index once, whoever asks first; it takes about a second for each three million characters."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._lock = threading.Lock()
        self._index: QuoteIndex | None = None

    def index(self) -> QuoteIndex:
        """The index; blocks while it is built."""
        with self._lock:
            if self._index is None:
                self._index = QuoteIndex(self._texts())
            return self._index

    def verify(self, quote: str, citation: str = "") -> Verification:
        """Whether words occur in the collection, and whether they stand where they were cited; blocks as ``index`` does."""
        from rag.quotes.verification import (
            verify_quotation,  # it reads citations: patterns that take longer to compile than an answer
        )

        return verify_quotation(quote, citation, self.index(), self._collection.excerpts)

    def _texts(self) -> Iterator[tuple[str, str]]:
        ids = iter(self._collection.excerpt_ids())
        while some := list(islice(ids, EXCERPTS_AT_ONCE)):
            yield from ((excerpt.id, excerpt.text) for excerpt in self._collection.excerpts(some))
