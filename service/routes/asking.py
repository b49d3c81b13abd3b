"""Questions: ``POST /v1/ask`` and ``GET /v1/search``; quotations: ``POST /v1/verify``."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from index.filters import Filters
from prompts import Message
from service.answers import answer_frames, answer_view, error_frame
from service.bodies import JsonRequest
from service.desk import Desk, Style
from service.inquiries import Inquiry
from service.json_response import JsonResponse
from service.parameters import FiltersBody, filters_from_query
from service.problems import PROBLEMS
from service.proof_views import VerificationView
from service.streams import event_stream, while_awaited
from service.views import AnswerView


class TurnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: str


class AskBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to the collection."""

    question: Annotated[str, Meta(description='The question; "words in quotation marks" must occur as they stand.')]
    limit: Annotated[int | None, Meta(description="How many hits to return at most.")] = None
    filters: FiltersBody = FiltersBody()
    per_work: Annotated[int | None, Meta(description="How many hits one work may give at most.")] = None
    style: Annotated[str | None, Meta(description="Style of formatted citations.")] = None
    closely: Annotated[
        bool, Meta(description="Give the leading passages the closer looks whose settings (`read`, `late_interaction`) are auto.")
    ] = False
    mode: Annotated[
        Literal["passages", "answer"], Meta(description="The passages alone, or with an answer by a language model, checked.")
    ] = "passages"
    model: Annotated[str, Meta(description="Which backend of the settings is to answer; the first where none is named.")] = ""
    history: Annotated[
        tuple[TurnBody, ...], Meta(description="The conversation before the question, oldest first; makes follow-ups understood.")
    ] = ()
    stream: Annotated[bool, Meta(description="Send events as they come: hits, delta, check, done; or error.")] = False

    def inquiry(self) -> Inquiry:
        """What is asked. Raises FilterInvalid."""
        return Inquiry(
            self.question,
            self.filters.filters(),
            self.limit,
            self.per_work,
            tuple(Message(turn.role, turn.content) for turn in self.history),
            self.model if self.mode == "answer" else None,
            closely=self.closely,
        )


class VerifyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quotation from anywhere."""

    quote: Annotated[str, Meta(description="The words, with or without quotation marks around them.")]
    citation: Annotated[str, Meta(description="How they were cited, in any style.")] = ""


@post(
    "/v1/ask",
    status_code=200,
    responses={200: ResponseSpec(AnswerView, description="What the collection holds", generate_examples=False), **PROBLEMS},
    tags=["questions"],
    summary="Ask the collection a question",
)
async def ask_question(request: JsonRequest, data: JSONBody[AskBody], desk: NamedDependency[Desk]) -> Response[Any]:
    """The passages that answer best: verbatim, ranked, cited, each with its place in its document; and a checked answer."""
    request.scope["state"]["question"] = data.question
    found = await while_awaited(request, desk.look(data.inquiry(), data.style))
    if data.stream:
        return event_stream(answer_frames(desk, found), error_frame, desk.settings.keep_alive_seconds)
    if found.inquiry.backend is None:
        return JsonResponse(found.passages)
    return JsonResponse(await while_awaited(request, answer_view(desk, found)))


@post("/v1/verify", status_code=200, responses=PROBLEMS, tags=["questions"], summary="Check a quotation")
async def verify_quote(data: JSONBody[VerifyBody], desk: NamedDependency[Desk]) -> VerificationView:
    """Whether words occur verbatim in the collection, and, apart from that, whether they stand where they were cited."""
    return await asyncio.to_thread(desk.verify, data.quote, data.citation)


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
    closely: Annotated[
        bool, QueryParameter(description="Give the leading passages the closer looks whose settings are auto.")
    ] = False,
) -> AnswerView:
    """The same as ``POST /v1/ask``."""
    request.scope["state"]["question"] = q
    return await while_awaited(request, desk.answer(q, filters, limit, per_work, style, closely=closely))
