"""Works that excerpts cite: ``/v1/sources`` and ``/v1/bibliography``."""

import asyncio
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from index.filters import Filters
from service.bounds import MAX_LISTED, page_within, part_within
from service.citing import MEDIA_TYPES, write_bibliography
from service.desk import Desk, Format, Style
from service.parameters import filters_from_query
from service.problems import PROBLEMS
from service.views import SourcesView, SourceWithExcerptsView

PROVIDED = {"filters": Provide(filters_from_query)}


@get("/v1/sources", dependencies=PROVIDED, responses=PROBLEMS, tags=["sources"], summary="The works of the collection")
async def list_sources(
    desk: NamedDependency[Desk],
    filters: NamedDependency[Filters],
    offset: Annotated[int, QueryParameter(description="How many works to leave out at the beginning.")] = 0,
    limit: Annotated[int, QueryParameter(description=f"How many works to list at most, up to {MAX_LISTED}.")] = 200,
    style: Style = None,
) -> SourcesView:
    """Works by author and title, with the number of excerpts that cite them; the spread over the years counts all."""
    return await asyncio.to_thread(desk.showing(style).sources, filters, *page_within(offset, limit))


@get("/v1/sources/{work_id:str}", sync_to_thread=True, responses=PROBLEMS, tags=["sources"], summary="One work")
def show_source(desk: NamedDependency[Desk], work_id: FromPath[str], style: Style = None) -> SourceWithExcerptsView:
    """One work, the spellings that were merged into it, and the excerpts that cite it."""
    work = desk.collection.work(work_id)
    ids = desk.collection.excerpt_ids(Filters(work=(work_id,)))
    return SourceWithExcerptsView(desk.showing(style).source(work), tuple(ids))


@get("/v1/bibliography", dependencies=PROVIDED, responses=PROBLEMS, tags=["sources"], summary="The works as a bibliography")
async def show_bibliography(
    desk: NamedDependency[Desk],
    filters: NamedDependency[Filters],
    format: Format = "text",  # noqa: A002 — its name outside
    style: Style = None,
    offset: Annotated[int, QueryParameter(description="How many works to leave out at the beginning.")] = 0,
    limit: Annotated[
        int | None, QueryParameter(description="How many works to write at most; by default as many as may be.")
    ] = None,
) -> Response[str]:
    """The works as text, HTML, CSL-JSON, BibTeX or RIS; ``style`` is for text and HTML. The header X-Total-Count counts all."""
    start, most = part_within(offset, limit, desk.settings.max_works)
    works = await asyncio.to_thread(desk.collection.works, filters)
    written = await asyncio.to_thread(write_bibliography, works[start : start + most], format, desk.style(style))
    return Response(written, media_type=MEDIA_TYPES[format], headers={"x-total-count": str(len(works))})
