"""Errors as OpenAI's clients expect them, on the paths that are OpenAI's."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response

from service.problems import Problem, answer_problem, problem_for, problem_in
from service.streams import frame

PATHS = ("/v1/chat/", "/v1/models/", "/v1/responses/")


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Turns any exception into an answer, in the shape that the path's clients expect."""
    if not f"{request.scope['path']}/".startswith(PATHS):
        return answer_problem(request, error)
    problem, headers = problem_in(request, error)
    told = msgspec.json.encode(error_object(problem))
    return Response(told, status_code=problem.status, headers=headers, media_type="application/json")


def error_object(problem: Problem) -> dict[str, Any]:
    """https://platform.openai.com/docs/guides/error-codes."""
    kind = "invalid_request_error" if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    code = problem.type.removeprefix("urn:ibid:").replace("-", "_")
    return {"error": {"message": problem.detail, "type": kind, "param": None, "code": code}}


def error_frame(error: Exception) -> bytes:
    """An error on the way, as the last chunk of a stream."""
    problem, _ = problem_for(error)
    return frame(error_object(problem))
