"""The reading view: ``/d/{document}`` is the whole document; of a PDF also the images of its pages, and the file itself."""

import re
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from index.errors import Unknown
from service.access import READ
from service.api import Session
from service.errors import RequestInvalid
from service.limits import validate_span
from service.page_images import image_of
from service.pages import page
from service.reading import part_of

_SPAN = re.compile(r"([0-9]{1,12})-([0-9]{1,12})")
_WIDTH = 900

At = Annotated[int, QueryParameter()]


@get("/d/{document_id:str}", sync_to_thread=True, include_in_schema=False, opt=READ)
def document_page(session: NamedDependency[Session], document_id: FromPath[str], at: At = 0) -> Response[Any]:
    """A document as text with its headings and citations, excerpts as they were cut; ``#p=start-end`` marks a place."""
    card = session.collection.document(document_id)
    part = part_of(session.collection, document_id, at)
    presenter = session.presenter()
    citations = {piece.excerpt.id: presenter.citation(piece.excerpt) for piece in part.pieces if piece.excerpt}
    return page("document.html", document=card, part=part, citations=citations)


@get("/d/{document_id:str}/page/{number:int}", sync_to_thread=True, include_in_schema=False, opt=READ)
def page_image(
    session: NamedDependency[Session],
    document_id: FromPath[str],
    number: FromPath[int],
    p: Annotated[str, QueryParameter()] = "",
    width: Annotated[int, QueryParameter()] = _WIDTH,
) -> Response[bytes]:
    """A page of a PDF as an image; ``p=start-end`` marks the lines of a span of the document."""
    found = _SPAN.fullmatch(p)
    if p and not found:
        raise RequestInvalid(f"p is {p!r}", rule="p is a span of the document, start-end", remedy="write for example p=120-180")
    span = validate_span(int(found[1]), int(found[2]), session.collection.document(document_id).characters) if found else None
    image = image_of(session.collection, document_id, number, width, span)
    return Response(image, media_type="image/png", headers={"cache-control": "private, max-age=3600"})


@get("/d/{document_id:str}/file", sync_to_thread=True, include_in_schema=False, opt=READ)
def document_file(session: NamedDependency[Session], document_id: FromPath[str]) -> Response[bytes]:
    """The file of a PDF document, byte for byte; a browser opens it at ``#page=N``."""
    card = session.collection.document(document_id)
    if card.reader != "pdf":
        raise Unknown(
            f"the file of {card.name!r} is not shown",
            rule="only PDF files are: another could be a program to a browser",
            remedy="read its text here, or open the file where it lies",
        )
    headers = {"content-disposition": "inline", "content-security-policy": "default-src 'none'; object-src 'self'; sandbox"}
    return Response(session.collection.file_bytes(document_id), media_type="application/pdf", headers=headers)
