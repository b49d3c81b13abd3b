"""An inquiry's answer for ``/v1/ask``: as one object, or as the events ``hits``, ``delta``, ``check`` and ``done``."""

import asyncio
from contextlib import aclosing

import msgspec

from rag.answering import Answer, Check, Delta, Done, Hits
from service.api import Desk
from service.inquiries import Found
from service.problems import problem_for
from service.proof_views import CheckView, ReasonView, SentenceView
from service.proofs import reason
from service.responses import Frames, frame
from service.schemas import AnswerView


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


async def answer_view(desk: Desk, found: Found) -> AnswerView:
    """What was found, and what the language model that the inquiry names wrote, after the check."""
    async with aclosing(await desk.write(found)) as events:
        (answer,) = [event.answer async for event in events if isinstance(event, Done)]
    done = await asyncio.to_thread(_done, desk, answer)
    given = desk.proofs.passages(answer.given)
    return msgspec.structs.replace(found.passages, answer=done.answer, check=done.check, problem=done.problem, passages=given)


async def answer_frames(desk: Desk, found: Found) -> Frames:
    """The same, as it comes; where no language model is asked, only what was found."""
    if found.inquiry.backend is None:
        yield frame(found.passages, "hits")
        yield frame(DoneView(), "done")
        return
    async with aclosing(await desk.write(found)) as events:
        async for event in events:
            match event:
                case Hits():
                    yield frame(msgspec.structs.replace(found.passages, passages=desk.proofs.passages(event.given)), "hits")
                case Delta():
                    yield frame(DeltaView(event.text), "delta")
                case Check():
                    yield frame(await asyncio.to_thread(_checked, desk, event), "check")
                case Done():
                    yield frame(await asyncio.to_thread(_done, desk, event.answer), "done")


def error_frame(error: Exception) -> bytes:
    """An error on the way, as the last event."""
    problem, _ = problem_for(error)
    return frame(problem, "error")


def _checked(desk: Desk, event: Check) -> SentencesView:
    return SentencesView(tuple(map(desk.proofs.sentence, event.sentences)))


def _done(desk: Desk, answer: Answer) -> DoneView:
    problem = reason(answer.problem) if answer.problem else None
    return DoneView(answer.text, desk.proofs.check(answer), problem)
