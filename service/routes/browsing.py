"""Pages on what there is: the collection at a glance, its works, and one work with its passages."""

from typing import Annotated, Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter

from index.filters import Filters
from service.address import Address, address_from_query
from service.bounds import page_within
from service.desk import Desk
from service.overview import HEIGHT, labels, overview
from service.pages import page
from service.views import PassageView

WORKS_LISTED = 100
PASSAGES_LISTED = 50

Offset = Annotated[int, QueryParameter()]


@get("/sources", dependencies={"address": Provide(address_from_query)}, sync_to_thread=True, include_in_schema=False)
def sources_page(
    desk: NamedDependency[Desk],
    address: NamedDependency[Address],
    offset: Offset = 0,
    passages: Annotated[int, QueryParameter()] = 0,
) -> Response[Any]:
    """The collection by year, author and heading, and its works in parts; or what the filters leave of it.

    With filters also the passages that they leave, from the number ``passages`` on.
    """
    filters = address.filters
    return page(
        "sources.html",
        address=address,
        overview=overview(desk.collection, filters),
        height=HEIGHT,
        documents=desk.collection.documents(),
        listed=desk.showing().sources(filters, *page_within(offset, WORKS_LISTED)),
        step=WORKS_LISTED,
        passages=_passages(desk, filters, passages) if address.narrowed else None,
        labels=labels(desk.collection, filters),
    )


class Listed(NamedTuple):
    """Some passages of a list: where they begin in it, how many it has, and how many are shown at once."""

    excerpts: list[PassageView]
    offset: int
    total: int
    step: int


def _passages(desk: Desk, filters: Filters, offset: int) -> Listed:
    ids = desk.collection.excerpt_ids(filters)
    start, limit = page_within(offset, PASSAGES_LISTED)
    showing = desk.showing()
    shown = [showing.passage(excerpt) for excerpt in desk.collection.excerpts(ids[start : start + limit])]
    return Listed(shown, start, len(ids), limit)


@get("/sources/{work_id:str}", sync_to_thread=True, include_in_schema=False)
def source_page(desk: NamedDependency[Desk], work_id: FromPath[str], offset: Offset = 0) -> Response[Any]:
    """One work, and the passages quoted from it, in parts."""
    work = desk.showing().source(desk.collection.work(work_id))
    return page("source.html", work=work, listed=_passages(desk, Filters(work=(work_id,)), offset))
