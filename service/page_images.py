"""Printed pages of PDF documents as images, with a passage marked: made on request, kept for a while, a few at a time."""

import threading
from functools import lru_cache

from index.collection import Collection
from index.errors import Unknown
from index.records import SourceFile

KEPT = 48
"""Images of some 100 to 500 kB each."""

AT_ONCE = 2
WIDEST = 1_600
_turn = threading.BoundedSemaphore(AT_ONCE)


def image_of(collection: Collection, document_id: str, number: int, width: int, span: tuple[int, int] | None) -> bytes:
    """The page of this number as a PNG, with the lines of a span of the document marked.

    Raises:
        Unknown: the document is none, is no PDF, or has no such page.
        FileUnreadable: the page cannot be drawn within the bounds.
    """
    card = collection.document(document_id)
    pages = [place for place in collection.places(document_id) if place.kind == "page" and place.number]
    page = next((place for place in pages if place.number == number), None)
    if card.reader != "pdf" or page is None:
        raise Unknown(
            f"there is no image of page {number} of {card.name!r}",
            rule="pages of PDF documents are shown as images, and count from 1",
            remedy="take the page from the document's own page",
        )
    after = next((place.start for place in pages if place.number > number), card.characters)
    marked: tuple[str, ...] = ()
    if span:
        text = collection.document_text(document_id, max(span[0], page.start), min(span[1], after))
        marked = tuple(line.strip() for line in text.splitlines() if line.strip())
    return _drawn(_Bytes(collection, document_id, card.file_sha256), number, max(100, min(width, WIDEST)), marked)


class _Bytes:
    """A file known by its SHA-256; its bytes are read only for an image that is not kept."""

    def __init__(self, collection: Collection, document_id: str, sha256: str) -> None:
        self._collection, self._document, self._sha256 = collection, document_id, sha256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bytes) and self._sha256 == other._sha256

    def __hash__(self) -> int:
        return hash(self._sha256)

    def file(self) -> SourceFile:
        """The file itself."""
        return SourceFile(self._collection.document(self._document).name, self._collection.file_bytes(self._document))


@lru_cache(KEPT)
def _drawn(data: _Bytes, number: int, width: int, marked: tuple[str, ...]) -> bytes:
    from index.readers.pdf import page_image

    with _turn:
        return page_image(data.file(), number, width, marked)
