"""Pages on what there is: the collection at a glance, its works, and one work with its passages."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from index.filters import Filters
from service.address import Address, address_from_query
from service.api import Desk
from service.limits import page_within
from service.overview import HEIGHT, labels, overview
from service.pages import page

WORKS_LISTED = 100
PASSAGES_LISTED = 100

Offset = Annotated[int, QueryParameter()]


@get("/sources", dependencies={"address": Provide(address_from_query)}, sync_to_thread=True, include_in_schema=False)
def sources_page(desk: NamedDependency[Desk], address: NamedDependency[Address], offset: Offset = 0) -> Response[Any]:
    """The collection by year, author and heading, and its works as a bibliography in parts; or what the filters leave of it."""
    filters = address.filters
    return page(
        "sources.html",
        address=address,
        overview=overview(desk.collection, filters),
        height=HEIGHT,
        documents=desk.collection.documents(),
        listed=desk.showing().sources(filters, *page_within(offset, WORKS_LISTED)),
        step=WORKS_LISTED,
        labels=labels(desk.collection, filters),
    )


@get("/sources/{work_id:str}", sync_to_thread=True, include_in_schema=False)
def source_page(desk: NamedDependency[Desk], work_id: FromPath[str], offset: Offset = 0) -> Response[Any]:
    """One work, and the passages quoted from it, in parts."""
    showing = desk.showing()
    ids = desk.collection.excerpt_ids(Filters(work=(work_id,)))
    work = showing.source(desk.collection.work(work_id))
    start, limit = page_within(offset, PASSAGES_LISTED)
    listed = [showing.passage(excerpt) for excerpt in desk.collection.excerpts(ids[start : start + limit])]
    return page("source.html", work=work, excerpts=listed, total=len(ids), offset=start, step=PASSAGES_LISTED)
