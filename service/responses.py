"""Streamed answers as server-sent events: keep-alive comments, errors as events, and an end when the client disconnects.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar, cast

import anyio
import msgspec
from litestar import Request, Response
from litestar.response import Stream
from litestar.types import ASGIApp, Receive, Scope, Send

from rag.answering import Answer, Check, Delta, Done, Hits
from service.api import AskResult, Session
from service.errors import ClientGone
from service.presenters import reason
from service.problems import problem_for
from service.proof_schemas import CheckView, ReasonView, SentenceView
from service.schemas import AnswerView

Result = TypeVar("Result")
Frames = AsyncGenerator[bytes, None]

MEDIA_TYPE = "text/event-stream"
HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
"""No cache and no proxy may hold a stream back; the second is nginx's."""

UNWATCHED_SECONDS = 0.2
"""Work that takes longer is cancelled when its client disconnects; for shorter work, watching costs more than it saves."""

KEEPALIVE = b": still at it\n\n"


def frame(data: Any, event: str = "") -> bytes:
    """One event; the data are JSON, which has no line breaks."""
    named = f"event: {event}\n".encode() if event else b""
    return named + b"data: " + msgspec.json.encode(data) + b"\n\n"


def event_stream(frames: Frames, on_error: Callable[[Exception], bytes], keep_alive_seconds: float) -> Stream:
    """A response that sends frames as they come; ``on_error`` makes the last one where something fails on the way.

    When the client goes away the frames are closed, and with them all they wait for.
    """
    return Stream(with_keepalive(with_error_event(frames, on_error), keep_alive_seconds), media_type=MEDIA_TYPE, headers=HEADERS)


async def with_error_event(frames: Frames, on_error: Callable[[Exception], bytes]) -> Frames:
    """The frames; an exception becomes the last of them, because an answer that has begun can have no other status."""
    async with contextlib.aclosing(frames):
        try:
            async for each in frames:
                yield each
        except Exception as error:  # the edge of a response that has begun, as `answer_problem` is of one that has not
            yield on_error(error)


async def with_keepalive(frames: Frames, seconds: float) -> Frames:
    """The frames, with a comment after each silence of so many seconds. Closing it closes the frames, at once."""
    coming = asyncio.ensure_future(_next(frames))
    try:
        while True:
            await asyncio.wait({coming}, timeout=seconds)
            if not coming.done():
                yield KEEPALIVE
                continue
            if (each := coming.result()) is None:
                return
            yield each
            coming = asyncio.ensure_future(_next(frames))
    finally:
        with anyio.CancelScope(shield=True):  # Litestar cancels for good, even while we clear up
            await _stopped(coming)
            await frames.aclose()


async def while_awaited(request: Request[Any, Any, Any], work: Awaitable[Result]) -> Result:
    """The result of ``work``, which is stopped when the client goes away and it takes long. The body must have been read.

    Raises:
        ClientGone: it was stopped.
    """
    waiting = cast("asyncio.Task[Any]", asyncio.current_task())  # a coroutine always runs in one
    gone = False

    async def watch() -> None:
        nonlocal gone
        await _disconnected(request)
        gone = True
        waiting.cancel()

    watching: list[asyncio.Task[None]] = []
    # Most work is done before anybody could have gone, and a task for each costs more than a timer that is stopped.
    soon = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, lambda: watching.append(asyncio.ensure_future(watch())))
    try:
        return await work
    except asyncio.CancelledError:
        if not gone:
            raise
        waiting.uncancel()
        raise ClientGone(
            "the client has closed the connection", rule="work is done for those who wait for it", remedy="ask again"
        ) from None
    finally:
        soon.cancel()
        for each in watching:
            each.cancel()


async def _next(frames: Frames) -> bytes | None:
    return await anext(frames, None)


async def _disconnected(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _stopped(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    await asyncio.wait({task})


# An inquiry's answer for ``/v1/ask``: as one object, or as the events ``hits``, ``delta``, ``check`` and ``done``.


class DeltaView(msgspec.Struct, frozen=True):
    """Text that has been checked and may be shown."""

    text: str


class SentencesView(msgspec.Struct, frozen=True):
    """What was found out about the text of the last delta."""

    sentences: tuple[SentenceView, ...]


class DoneView(msgspec.Struct, frozen=True):
    """The last event. Where ``answer`` is null, text that was already shown does not stand; ``problem`` says why."""

    answer: str | None = None
    check: CheckView | None = None
    problem: ReasonView | None = None


async def answer_view(session: Session, found: AskResult) -> AnswerView:
    """What was found, and what the language model that the inquiry names wrote, after the check."""
    async with aclosing(await session.write(found)) as events:
        (answer,) = [event.answer async for event in events if isinstance(event, Done)]
    done = await asyncio.to_thread(_done, session, answer)
    given = session.proofs.passages(answer.given)
    return msgspec.structs.replace(found.passages, answer=done.answer, check=done.check, problem=done.problem, passages=given)


async def answer_frames(session: Session, found: AskResult) -> Frames:
    """The same, as it comes; where no language model is asked, only what was found."""
    if found.ask_request.backend is None:
        yield frame(found.passages, "hits")
        yield frame(DoneView(), "done")
        return
    async with aclosing(await session.write(found)) as events:
        async for event in events:
            match event:
                case Hits():
                    yield frame(msgspec.structs.replace(found.passages, passages=session.proofs.passages(event.given)), "hits")
                case Delta():
                    yield frame(DeltaView(event.text), "delta")
                case Check():
                    yield frame(await asyncio.to_thread(_checked, session, event), "check")
                case Done():
                    yield frame(await asyncio.to_thread(_done, session, event.answer), "done")


def error_frame(error: Exception) -> bytes:
    """An error on the way, as the last event."""
    problem, _ = problem_for(error)
    return frame(problem, "error")


def _checked(session: Session, event: Check) -> SentencesView:
    return SentencesView(tuple(map(session.proofs.sentence, event.sentences)))


def _done(session: Session, answer: Answer) -> DoneView:
    problem = reason(answer.problem) if answer.problem else None
    return DoneView(answer.text, session.proofs.check(answer), problem)


# Answers in JSON, written in one step.


class JsonResponse(Response[Any]):
    """Sends its content as JSON, with status 200 and no headers but its type and length.

    Litestar's own response joins the headers, cookies and encoders of every layer for each answer; ours have none. With
    ``session_provider`` and ``refuse_unknown_parameters`` this saves .4 ms a request (docs/performance.md).
    """

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]  # any application is called alike
        """The application that sends it."""
        body = msgspec.json.encode(self.content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

        async def send_it(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return send_it
