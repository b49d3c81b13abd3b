"""What a request may say besides its path: filters, limits and query parameters, and the guard against all others."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from msgspec import Meta

from index.filters import Filters
from rag.errors import FilterInvalid, QuestionInvalid
from rag.years import parse_years
from service.errors import RequestInvalid
from service.settings import Settings, nearest

MAX_BESIDE = 10
MAX_LISTED = 1000

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
        return filters_of({name: _listed(value) for name, value in msgspec.structs.asdict(self).items()})


def filters_of(given: Mapping[str, Sequence[int | str]]) -> Filters:
    """Filters from the values given for each. Raises FilterInvalid."""
    texts = {name: _texts(name, values) for name, values in given.items() if name != "year"}
    return Filters(**texts, year=tuple(map(parse_years, given.get("year", ()))))


async def filters_from_query(
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
    return filters_of({name: values or () for name, values in given.items()})


def limit_within(settings: Settings, limit: int | None) -> int:
    """The number of hits to return. Raises RequestInvalid outside 1 … ``max_limit``."""
    if limit is None:
        return settings.limit
    if not 1 <= limit <= settings.max_limit:
        raise RequestInvalid(
            f"limit is {limit}",
            rule=f"limit is from 1 to {settings.max_limit}",
            remedy=f"ask for at most {settings.max_limit} hits",
        )
    return limit


def per_work_within(per_work: int | None) -> int | None:
    """How many hits one work may give. Raises RequestInvalid below 1."""
    if per_work is not None and per_work < 1:
        raise RequestInvalid(f"per_work is {per_work}", rule="per_work is at least 1", remedy="leave it out for no limit")
    return per_work


def question_within(settings: Settings, text: str) -> str:
    """The question as typed. Raises QuestionInvalid when it is empty or longer than ``max_question``."""
    if not text.strip():
        raise QuestionInvalid("the question is empty", rule="a question has at least one word", remedy="ask something")
    if len(text) > settings.max_question:
        raise QuestionInvalid(
            f"the question has {len(text)} characters",
            rule=f"a question has at most {settings.max_question}",
            remedy="shorten it to what you want to know",
        )
    return text


def quote_within(settings: Settings, text: str) -> str:
    """A quotation as sent in. Raises QuestionInvalid when it is empty or longer than ``max_quote``."""
    if not text.strip():
        raise QuestionInvalid("the quotation is empty", rule="a quotation has at least one word", remedy="send its words")
    if len(text) > settings.max_quote:
        raise QuestionInvalid(
            f"the quotation has {len(text)} characters",
            rule=f"a quotation has at most {settings.max_quote}",
            remedy="check it in parts",
        )
    return text


def page_within(offset: int, limit: int) -> tuple[int, int]:
    """Where a list begins and how long it is. Raises RequestInvalid outside what a list may be."""
    if offset < 0 or not 1 <= limit <= MAX_LISTED:
        raise RequestInvalid(
            f"offset is {offset} and limit is {limit}",
            rule=f"offset is at least 0, and limit from 1 to {MAX_LISTED}",
            remedy="read a long list in parts",
        )
    return offset, limit


def few(name: str, count: int) -> int:
    """How many excerpts to show beside another. Raises RequestInvalid outside 0 … 10."""
    if not 0 <= count <= MAX_BESIDE:
        raise RequestInvalid(f"{name} is {count}", rule=f"{name} is from 0 to {MAX_BESIDE}", remedy="read on from the next page")
    return count


def span_within(start: int, end: int | None, characters: int) -> tuple[int, int]:
    """A span of a document of so many characters. Raises RequestInvalid for one that is not within it."""
    last = characters if end is None else end
    if not 0 <= start <= last <= characters:
        raise RequestInvalid(
            f"the span is [{start}, {last})",
            rule=f"a span lies within the document, [0, {characters}), and starts before it ends",
            remedy="take start and end from a hit's document",
        )
    return start, last


def refuse_unknown_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: a query parameter that nothing reads is a mistake, and ignoring it would hide it."""
    if handler.opt.get("any_query"):
        return
    known = _known_parameters(handler)
    for name in connection.query_params:
        if name not in known:
            remedy = nearest(name, sorted(known)) if known else "leave it out"
            raise RequestInvalid(f"the query has a parameter {name!r}", rule="unknown parameters are errors", remedy=remedy)


@cache
def _known_parameters(handler: BaseRouteHandler) -> frozenset[str]:
    """The query parameters of a handler and of what is provided to it."""
    signatures = [handler.parsed_fn_signature, *(each.parsed_fn_signature for each in handler.resolve_dependencies().values())]
    declared = [(name, field.kwarg_definition) for each in signatures for name, field in each.parameters.items()]
    return frozenset(kwarg.name or name for name, kwarg in declared if isinstance(kwarg, QueryParameter))


def _listed(value: Texts | Years) -> Sequence[int | str]:
    match value:
        case None:
            return ()
        case list():
            return value
        case _:
            return (value,)


def _texts(name: str, values: Sequence[int | str]) -> tuple[str, ...]:
    texts = tuple(map(str, values))
    if any(not text.strip() for text in texts):
        raise FilterInvalid(
            f"the filter {name} is empty", rule="a filter has a value", remedy="leave the filter out, or fill it in"
        )
    return texts
