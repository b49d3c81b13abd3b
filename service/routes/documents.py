"""Documents of the collection and their text: ``/v1/documents``."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.api import Desk
from service.limits import span_within
from service.problems import PROBLEMS
from service.schemas import DocumentsView, DocumentView, TextView


@get("/v1/documents", sync_to_thread=True, responses=PROBLEMS, tags=["documents"], summary="The documents of the collection")
def list_documents(desk: NamedDependency[Desk]) -> DocumentsView:
    """Every document with its SHA-256 and what was read from it."""
    showing = desk.showing()
    return DocumentsView(tuple(map(showing.document, desk.collection.documents())))


@get("/v1/documents/{document_id:str}", sync_to_thread=True, responses=PROBLEMS, tags=["documents"], summary="One document")
def show_document(desk: NamedDependency[Desk], document_id: FromPath[str]) -> DocumentView:
    """One document with its SHA-256 and what was read from it."""
    return desk.showing().document(desk.collection.document(document_id))


@get(
    "/v1/documents/{document_id:str}/text",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["documents"],
    summary="A span of a document's text",
)
def show_text(
    desk: NamedDependency[Desk],
    document_id: FromPath[str],
    start: Annotated[int, QueryParameter(description="First code point.")] = 0,
    end: Annotated[
        int | None, QueryParameter(description="The code point after the last; the end of the document where not given.")
    ] = None,
) -> TextView:
    """The decoded text itself, to check a quotation against."""
    card = desk.collection.document(document_id)
    span = span_within(start, end, card.characters)
    return TextView(card.id, card.sha256, *span, desk.collection.document_text(card.id, *span))
