"""Works that excerpts cite: ``/v1/sources`` and ``/v1/bibliography``."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from index.filters import Filters
from service.citing import MEDIA_TYPES, write_bibliography
from service.desk import Desk, Format, Style
from service.parameters import filters_from_query
from service.problems import PROBLEMS
from service.views import SourcesView, SourceWithExcerptsView

PROVIDED = {"filters": Provide(filters_from_query)}


@get("/v1/sources", dependencies=PROVIDED, responses=PROBLEMS, tags=["sources"], summary="The works of the collection")
async def list_sources(desk: NamedDependency[Desk], filters: NamedDependency[Filters], style: Style = None) -> SourcesView:
    """Works with the number of excerpts that cite them, and their spread over the years."""
    return await asyncio.to_thread(desk.showing(style).sources, filters)


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
) -> Response[str]:
    """The works as text, HTML, CSL-JSON, BibTeX or RIS; ``style`` is for text and HTML."""
    works = await asyncio.to_thread(desk.collection.works, filters)
    written = await asyncio.to_thread(write_bibliography, works, format, desk.style(style))
    return Response(written, media_type=MEDIA_TYPES[format])
