"""Every error as an RFC 9457 problem document: one table from our exceptions to HTTP statuses."""

import logging
import math
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi import ResponseSpec

from index import errors as index_errors
from index.errors import IbidError
from rag import errors as rag_errors
from service.errors import (
    ClientGone,
    ContentTypeInvalid,
    CrossSite,
    HostUnknown,
    KeyNeeded,
    KeysUnreadable,
    ModelUnknown,
    NotReady,
    QuotaExceeded,
    RequestInvalid,
    ScopeMissing,
    SpanUnknown,
    TookTooLong,
    TooManyQuestions,
)
from service.pages import page

log = logging.getLogger("ibid.problems")

PROBLEM_TYPE = "application/problem+json"
RETRY_SECONDS = 5
_GONE = "client disconnected prematurely"
"""What Litestar says of a body that ends before it should."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong (RFC 9457), with the value, the rule and the remedy as members of their own."""

    type: str
    title: str
    status: int
    detail: str
    found: str = ""
    rule: str = ""
    remedy: str = ""
    instance: str = ""
    request_id: str = ""


class Kind(msgspec.Struct, frozen=True):
    """One row of the table: the status and the name by which programs tell problems apart."""

    status: int
    name: str
    title: str


KINDS: dict[type[IbidError], Kind] = {
    rag_errors.QuestionInvalid: Kind(400, "question-invalid", "The question cannot be asked"),
    rag_errors.FilterInvalid: Kind(400, "filter-invalid", "The filter cannot be used"),
    index_errors.CitationInvalid: Kind(400, "citation-invalid", "The citation cannot be formatted like that"),
    RequestInvalid: Kind(400, "request-invalid", "The request cannot be understood"),
    KeyNeeded: Kind(401, "key-needed", "A key is needed here"),
    ScopeMissing: Kind(403, "scope-missing", "This key is not for that"),
    CrossSite: Kind(403, "cross-site", "Pages of other sites may not read this"),
    HostUnknown: Kind(421, "host-unknown", "This service has another name"),
    ModelUnknown: Kind(404, "model-not-found", "There is no such model"),
    SpanUnknown: Kind(404, "unknown-span", "The document has no such span"),
    index_errors.Unknown: Kind(404, "unknown-id", "Nothing here has this id"),
    index_errors.FileUnreadable: Kind(422, "file-unreadable", "The file cannot be shown"),
    ClientGone: Kind(499, "client-gone", "Nobody is listening any more"),
    ContentTypeInvalid: Kind(415, "content-type-invalid", "The body is not JSON"),
    QuotaExceeded: Kind(413, "quota-exceeded", "That is more than may be sent"),
    TooManyQuestions: Kind(429, "too-many-questions", "You ask more often than one may"),
    rag_errors.Overloaded: Kind(503, "overloaded", "Too many questions are waiting"),
    TookTooLong: Kind(503, "took-too-long", "This takes too long"),
    NotReady: Kind(503, "starting", "The service is starting"),
    KeysUnreadable: Kind(503, "keys-unreadable", "Keys cannot be checked"),
    index_errors.IndexMissing: Kind(503, "index-missing", "There is no index yet"),
    index_errors.IndexLocked: Kind(503, "index-locked", "The index is being written"),
    index_errors.IndexDamaged: Kind(503, "index-damaged", "The index is damaged"),
    index_errors.EmbedderMismatch: Kind(503, "embedder-mismatch", "The index was built with another model"),
    index_errors.EmbedderUnusable: Kind(503, "embedder-unusable", "The embedding model cannot be loaded"),
    index_errors.EmbedderFailed: Kind(502, "embedder-failed", "The embedding server did not answer"),
    index_errors.StoreFailed: Kind(503, "store-failed", "The vector store cannot be reached"),
    index_errors.ExtraMissing: Kind(503, "extra-missing", "An optional library is not installed"),
    index_errors.PluginUnusable: Kind(503, "plugin-unusable", "A plug-in cannot be used"),
    rag_errors.ReaderUnusable: Kind(503, "reader-unusable", "The passage reader cannot be loaded"),
    rag_errors.BackendFailed: Kind(502, "backend-failed", "The language model did not answer"),
}
"""Every exception of ours that a request can meet; the nearest base class in this table decides."""

UNKNOWN_PATH = Kind(404, "unknown-path", "There is no such page")
METHOD_NOT_ALLOWED = Kind(405, "method-not-allowed", "This path does not take this method")
BODY_TOO_LARGE = Kind(413, "body-too-large", "The body is too large")
INTERNAL = Kind(500, "internal", "Ibid has failed")


_MEANINGS = {400: "The request cannot be answered as it is", 503: "There is nothing to answer from yet"}
PROBLEMS = {
    status: ResponseSpec(Problem, description=meaning, media_type=PROBLEM_TYPE, generate_examples=False)
    for status, meaning in _MEANINGS.items()
}
"""What any path may answer, for the OpenAPI document."""


def problem_of(error: IbidError) -> tuple[Problem, dict[str, str]]:
    """The problem document of one of our exceptions, and the headers that belong to it."""
    kind = next((KINDS[base] for base in type(error).__mro__ if base in KINDS), INTERNAL)
    if kind is INTERNAL:
        log.error("an error that the table of problems does not know", exc_info=error)
    seconds = math.ceil(error.retry_after) if isinstance(error, rag_errors.Overloaded | TooManyQuestions) else RETRY_SECONDS
    again = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
    headers = {"retry-after": str(seconds)} if kind.status in again else {}
    if kind.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="ibid"'
    return _told(kind, error.found, error.rule, error.remedy), headers


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[str | bytes]:
    """Turns any exception into an answer: a problem document, or a page for those who ask for HTML."""
    problem, headers = problem_in(request, error)
    request_id = request.scope["state"].get("request_id", "")
    problem = msgspec.structs.replace(problem, instance=request.scope["path"], request_id=request_id)
    if "text/html" in request.headers.get("accept", ""):
        if isinstance(error, KeyNeeded) and request.method == "GET":
            return Response(b"", status_code=HTTPStatus.SEE_OTHER, headers={"location": f"/login?{_back_to(request)}"})
        return page("problem.html", status=problem.status, headers=headers, problem=problem)
    return Response(msgspec.json.encode(problem), status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers)


def _back_to(request: Request[Any, Any, Any]) -> str:
    """Where who has signed in goes on, as a query."""
    asked = request.scope["query_string"].decode("latin-1")
    return urlencode({"next": request.scope["path"] + (f"?{asked}" if asked else "")})


def problem_in(request: Request[Any, Any, Any], error: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem document of any exception that a request has met, and the headers that belong to it."""
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_litestar(request, error), error.headers or {}
    if isinstance(error, InternalServerException) and error.detail == _GONE:
        return problem_for(
            ClientGone("the client has closed the connection", rule="a body is sent whole", remedy="send it again")
        )
    return problem_for(error)


def problem_for(error: Exception) -> tuple[Problem, dict[str, str]]:
    """The same for an exception that came up after the request was understood."""
    if isinstance(error, IbidError):
        return problem_of(error)
    log.error("unexpected error", exc_info=error)
    return _told(INTERNAL, "an error nobody foresaw", "no request should cause it", "please report it with the request id"), {}


def _of_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Problem:
    match error:
        case ValidationException():
            return _told(KINDS[RequestInvalid], *_validation(error))
        case MethodNotAllowedException():
            allowed = " or ".join(name for name in (error.headers or {}).get("allow", "").split(", ") if name != "OPTIONS")
            return _told(
                METHOD_NOT_ALLOWED,
                f"the method is {request.method}",
                f"{request.scope['path']} takes {allowed}",
                f"use {allowed}",
            )
        case NotFoundException():
            return _told(
                UNKNOWN_PATH, f"the path is {request.scope['path']}", "it is none of those in /schema", "look it up in /schema"
            )
        case RequestEntityTooLarge():
            most = request.route_handler.resolve_request_max_body_size()
            return _told(BODY_TOO_LARGE, "the body is longer", f"it may have {most} bytes", "send less, or raise max_body")
        case _:
            kind = Kind(error.status_code, "refused", HTTPStatus(error.status_code).phrase)
            return _told(kind, error.detail, "the request is as /schema says", "change the request")


def _validation(error: ValidationException) -> tuple[str, str, str]:
    """Value, rule and remedy of the first parameter Litestar could not read; bodies have their own (``service.requests``)."""
    if not isinstance(error.extra, list):
        return error.detail.split(" for path")[0], "this parameter must be given", "add it; see /schema"
    first = error.extra[0]
    if first.get("source") == "body":
        return "an empty body", "this path takes a JSON object", 'send one, such as {"question": "…"}'
    return (
        f"{first.get('key')}: {first['message'].replace('`', '')}",
        "parameters are as /schema says",
        f"change {first.get('key')}",
    )


def _told(kind: Kind, found: str, rule: str, remedy: str) -> Problem:
    return Problem(
        type=f"urn:ibid:{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=f"{found}; {rule}; {remedy}",
        found=found,
        rule=rule,
        remedy=remedy,
    )
