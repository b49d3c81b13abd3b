"""The tray: passages kept by a reader, named in the address, and ways to take them away."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from service.api import Desk
from service.bibliography import EXTENSIONS, MEDIA_TYPES
from service.pages import page
from service.tray import TAKEAWAYS, kept_within, takeaway, works_of

Kept = Annotated[list[str] | None, QueryParameter()]
Text = Annotated[str, QueryParameter()]


@get("/tray", sync_to_thread=True, include_in_schema=False)
def tray_page(desk: NamedDependency[Desk], id: Kept = None, style: Text = "") -> Response[Any]:  # noqa: A002 — its name outside
    """The passages kept, each with its citation, and the bibliography of their works. Raises Unknown."""
    ids, style = kept_within(id or ()), desk.style(style)
    excerpts = desk.collection.excerpts(ids)
    showing = desk.showing(style)
    works = works_of(desk.collection, excerpts)
    return page(
        "tray.html",
        ids=ids,
        style=style,
        passages=[showing.passage(excerpt) for excerpt in excerpts],
        works=len(works),
        unparsed=sum(not excerpt.work_id for excerpt in excerpts),
        bibliography=takeaway(desk.collection, excerpts, "html", style, desk.links),
        takeaways=TAKEAWAYS,
    )


@get("/tray/export", sync_to_thread=True, include_in_schema=False)
def export_tray(
    desk: NamedDependency[Desk],
    id: Kept = None,  # noqa: A002 — its name outside
    format: Text = "markdown",  # noqa: A002 — its name outside
    style: Text = "",
) -> Response[str]:
    """The tray as a file. Raises Unknown, CitationInvalid."""
    excerpts = desk.collection.excerpts(kept_within(id or ()))
    written = takeaway(desk.collection, excerpts, format, desk.style(style), desk.links)
    name = f"ibid.{EXTENSIONS.get(format, 'md')}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(written, media_type=MEDIA_TYPES.get(format, "text/markdown"), headers=headers)
