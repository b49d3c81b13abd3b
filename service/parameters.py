"""How a request gives its filters, and the guard against query parameters that nothing reads."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from msgspec import Meta

from index.filters import Filters
from service.bounds import filters_of, filters_within
from service.errors import RequestInvalid
from service.settings import Settings, nearest

Texts = str | list[str] | None
Years = int | str | list[int | str] | None


class FiltersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of the collection to search: all that are given must hold; within one, any value will do."""

    author: Annotated[Texts, Meta(description="Words of an author's name.")] = None
    title: Annotated[Texts, Meta(description="Words of a work's title.")] = None
    heading: Annotated[Texts, Meta(description="Words of a heading.")] = None
    work: Annotated[Texts, Meta(description="Ids of works, see /v1/sources.")] = None
    document: Annotated[Texts, Meta(description="Ids or names of documents, see /v1/documents.")] = None
    year: Annotated[Years, Meta(description='Years of issue: 1936, "1936-1938", or a list of them.')] = None

    def filters(self) -> Filters:
        """The filters meant. Raises FilterInvalid."""
        return filters_of({name: _listed(value) for name, value in msgspec.structs.asdict(self).items() if value is not None})


async def filters_from_query(
    settings: NamedDependency[Settings],
    author: Annotated[
        list[str] | None, QueryParameter(description="Words of an author's name; may be repeated: any of them.")
    ] = None,
    title: Annotated[list[str] | None, QueryParameter(description="Words of a work's title; may be repeated.")] = None,
    heading: Annotated[list[str] | None, QueryParameter(description="Words of a heading; may be repeated.")] = None,
    work: Annotated[list[str] | None, QueryParameter(description="Id of a work, see /v1/sources; may be repeated.")] = None,
    document: Annotated[
        list[str] | None, QueryParameter(description="Id or name of a document, see /v1/documents; may be repeated.")
    ] = None,
    year: Annotated[
        list[str] | None, QueryParameter(description="Year of issue, or a range such as 1936-1938; may be repeated.")
    ] = None,
) -> Filters:
    """The filters that a query string gives. Raises FilterInvalid."""
    given = {"author": author, "title": title, "heading": heading, "work": work, "document": document, "year": year}
    return filters_within(settings, filters_of({name: values or () for name, values in given.items()}))


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Before each request: a query parameter that nothing reads is a mistake, and ignoring it would hide it."""
    handler = request.route_handler
    if not request.scope["query_string"] or handler.opt.get("any_query"):
        return
    known = _known_parameters(handler)
    for name in request.query_params:
        if name not in known:
            remedy = nearest(name, sorted(known)) if known else "leave it out"
            raise RequestInvalid(f"the query has a parameter {name!r}", rule="unknown parameters are errors", remedy=remedy)


@cache
def _known_parameters(handler: BaseRouteHandler) -> frozenset[str]:
    """The query parameters of a handler and of what is provided to it."""
    signatures = [handler.parsed_fn_signature, *(each.parsed_fn_signature for each in handler.resolve_dependencies().values())]
    declared = [(name, field.kwarg_definition) for each in signatures for name, field in each.parameters.items()]
    return frozenset(kwarg.name or name for name, kwarg in declared if isinstance(kwarg, QueryParameter))


def _listed(value: int | str | Sequence[int | str]) -> Sequence[int | str]:
    return (value,) if isinstance(value, int | str) else value
