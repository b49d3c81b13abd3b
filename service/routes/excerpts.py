"""Excerpts by id: ``/v1/excerpts/{id}`` and their citations."""

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.api import Desk, Format, Style
from service.bibliography import MEDIA_TYPES, cited, write_citations
from service.limits import few
from service.problems import PROBLEMS
from service.schemas import ExcerptView

Neighbours = Annotated[int, QueryParameter(description="How many neighbouring excerpts to show, at most 10.")]


@get(
    "/v1/excerpts/{excerpt_id:str}",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["excerpts"],
    summary="One excerpt between its neighbours",
)
def show_excerpt(
    desk: NamedDependency[Desk],
    excerpt_id: FromPath[str],
    before: Neighbours = 1,
    after: Neighbours = 1,
    related: Annotated[int, QueryParameter(description="How many excerpts of each related kind to list, at most 10.")] = 3,
    style: Style = None,
) -> ExcerptView:
    """One excerpt, verbatim, with its citation, its place, those that stand around it and what else to read."""
    before, after, related = few("before", before), few("after", after), few("related", related)
    return desk.excerpt(excerpt_id, before, after, related, style)


@get(
    "/v1/excerpts/{excerpt_id:str}/citation",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["excerpts"],
    summary="One excerpt's citation",
)
def show_citation(
    desk: NamedDependency[Desk],
    excerpt_id: FromPath[str],
    format: Format = "text",  # noqa: A002 — its name outside
    style: Style = None,
) -> Response[str]:
    """The citation as text, HTML, CSL-JSON, BibTeX or RIS; ``style`` is for text and HTML."""
    written = write_citations(cited(desk.collection, [excerpt_id]), format, desk.style(style))
    return Response(written, media_type=MEDIA_TYPES[format])
