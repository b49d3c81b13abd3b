"""All quotations of one generation of a collection, made searchable when they are first asked for."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
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
        self._built: Future[QuoteIndex] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody has asked for the index."""
        return self._built is not None

    def build(self) -> "Future[QuoteIndex]":
        """The index to come, built in a thread of its own that waits for nobody and is stopped by nobody."""
        with self._lock:
            if self._built is None:
                self._built = Future()
                threading.Thread(target=self._build, args=(self._built,), name="quotations", daemon=True).start()
            return self._built

    def index(self) -> QuoteIndex:
        """The index; blocks while it is built."""
        return self.build().result()

    def verify(self, quote: str, citation: str = "") -> Verification:
        """Whether words occur in the collection, and whether they stand where they were cited; blocks as ``index`` does."""
        from rag.verification import verify_quotation  # it reads citations: patterns that take longer to compile than an answer

        return verify_quotation(quote, citation, self.index(), self._collection.excerpts)

    def _build(self, built: "Future[QuoteIndex]") -> None:
        try:
            built.set_result(QuoteIndex(self._texts()))
        except BaseException as error:
            # It belongs to those who wait; whoever asks next starts anew.
            self._built = None
            built.set_exception(error)

    def _texts(self) -> Iterator[tuple[str, str]]:
        ids = iter(self._collection.excerpt_ids())
        while some := list(islice(ids, EXCERPTS_AT_ONCE)):
            yield from ((excerpt.id, excerpt.text) for excerpt in self._collection.excerpts(some))
