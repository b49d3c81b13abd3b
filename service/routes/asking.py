"""Questions: ``POST /v1/ask`` and ``GET /v1/search``."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from index.filters import Filters
from service.bodies import JsonRequest
from service.desk import Desk, Style
from service.parameters import FiltersBody, filters_from_query
from service.problems import PROBLEMS
from service.views import AnswerView


class AskBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to the collection."""

    question: Annotated[str, Meta(description='The question; "words in quotation marks" must occur as they stand.')]
    limit: Annotated[int | None, Meta(description="How many hits to return at most.")] = None
    filters: FiltersBody = FiltersBody()
    per_work: Annotated[int | None, Meta(description="How many hits one work may give at most.")] = None
    style: Annotated[str | None, Meta(description="Style of formatted citations.")] = None


@post("/v1/ask", status_code=200, responses=PROBLEMS, tags=["questions"], summary="Ask the collection a question")
async def ask_question(request: JsonRequest, data: JSONBody[AskBody], desk: NamedDependency[Desk]) -> AnswerView:
    """The passages that answer best: verbatim, ranked, cited, each with its place in its document."""
    request.scope["state"]["question"] = data.question
    return await desk.answer(data.question, data.filters.filters(), data.limit, data.per_work, data.style)


@get(
    "/v1/search",
    dependencies={"filters": Provide(filters_from_query)},
    responses=PROBLEMS,
    tags=["questions"],
    summary="Ask the collection a question, in the address",
)
async def search(
    request: JsonRequest,
    desk: NamedDependency[Desk],
    filters: NamedDependency[Filters],
    q: Annotated[str, QueryParameter(description="The question.")],
    limit: Annotated[int | None, QueryParameter(description="How many hits to return at most.")] = None,
    per_work: Annotated[int | None, QueryParameter(description="How many hits one work may give at most.")] = None,
    style: Style = None,
) -> AnswerView:
    """The same as ``POST /v1/ask``."""
    request.scope["state"]["question"] = q
    return await desk.answer(q, filters, limit, per_work, style)
