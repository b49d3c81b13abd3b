"""A reply to a chat as a stream: the sources, then the text with what it cites, then the end; the same for every protocol."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing
from typing import Literal

import msgspec

from rag.answering import Answer, Check, Done, Hits
from rag.checked import CheckedAnswer
from rag.models import Usage
from service.api import AskRequest, AskResult, Session
from service.chat.markdown import escape, opening, passages, source_list
from service.chat.messages import Conversation, task_reply
from service.chat.sources import Source, given_first, sources_of
from service.schemas import AnswerView, HitView


class Sources(msgspec.Struct, frozen=True):
    """What ``[1]``, ``[2]`` … in the text cite; comes before any text that cites."""

    sources: tuple[Source, ...]


class Text(msgspec.Struct, frozen=True):
    """A piece of the text, and the numbers of the sources that it rests on."""

    text: str
    cites: tuple[int, ...] = ()


class End(msgspec.Struct, frozen=True):
    """The last piece was the last; ``usage`` is what the language model counted, where one was asked."""

    finish: Literal["stop", "length"] = "stop"
    usage: Usage | None = None


Piece = Sources | Text | End
Reply = AsyncGenerator[Piece, None]


class Cited(msgspec.Struct, frozen=True):
    """A run of the whole text, ``[start, end)``, that rests on one source."""

    number: int
    start: int
    end: int


class Transcript:
    """All of a reply as it has come so far."""

    def __init__(self) -> None:
        self.text = ""
        self.sources: tuple[Source, ...] = ()
        self.cited: list[Cited] = []
        self.end = End()

    def take(self, piece: Piece) -> None:
        """Adds a piece."""
        match piece:
            case Sources():
                self.sources = piece.sources
            case Text():
                start, shown = len(self.text), len(piece.text.rstrip())
                self.cited += [Cited(number, start, start + shown) for number in piece.cites]
                self.text += piece.text
            case End():
                self.end = piece


async def transcribe(reply: AsyncIterable[Piece]) -> Transcript:
    """A reply as a whole."""
    transcript = Transcript()
    async for piece in reply:
        transcript.take(piece)
    return transcript


async def begin(session: Session, conversation: Conversation, backend: str | None) -> Reply:
    """The reply to a conversation: by the passages alone, or by a language model that was given them.

    All that can be wrong with the question is found before this returns, so that it can still be told by a status.

    Raises:
        QuestionInvalid, FilterInvalid, RequestInvalid: it cannot be asked like that.
    """
    if (done := task_reply(conversation.question)) is not None:
        return _of([Text(done), End()])
    found = await session.look(AskRequest(conversation.question, history=conversation.history, backend=backend))
    return _of(_passages(found.passages)) if backend is None else _written(session, found, found.passages)


async def _of(pieces: Iterator[Piece] | list[Piece]) -> Reply:
    for piece in pieces:
        yield piece


def _passages(answer: AnswerView) -> Iterator[Piece]:
    hits = answer.hits or answer.nearest
    yield Sources(sources_of(hits))
    yield Text(opening(answer))
    yield from _quoted(hits)
    yield End()


def _quoted(hits: tuple[HitView, ...]) -> Iterator[Text]:
    yield from (Text(text, (number,)) for number, text in passages(hits))


async def _written(session: Session, found: AskResult, answer: AnswerView) -> Reply:
    """What a language model writes, sentence by sentence, each after its check."""
    begun = False
    async with aclosing(await session.write(found)) as events:
        async for event in events:
            match event:
                case Hits():
                    answer = msgspec.structs.replace(answer, hits=given_first(answer.hits, event.given))
                case Check():
                    if not begun:
                        yield Sources(sources_of(answer.hits))
                    begun = True
                    for sentence in event.sentences:
                        yield Text(sentence.text, sentence.citations)
                case Done() if event.answer.text is None:
                    for piece in _unwritten(event.answer, answer, begun=begun):
                        yield piece
                case Done():
                    yield Text(_epilogue(event.answer, sources_of(answer.hits)))
                    yield _end(event.answer)
                case _:
                    continue  # a delta comes again, with what it cites, in its check


def _unwritten(failed: Answer, answer: AnswerView, *, begun: bool) -> Iterator[Piece]:
    """The passages alone, and why."""
    why = f"*{_sentence(failed.problem.found)}*" if failed.problem else ""
    if begun:
        yield Text(f"\n\n---\n\n{why} *What stands above is not all of an answer; here are the passages.*\n\n")
    else:
        yield Sources(sources_of(answer.hits or answer.nearest))
        if answer.hits:
            yield Text(f"{why} *The passages answer for themselves.*\n\n")
    for piece in _passages(answer):
        if not isinstance(piece, Sources):
            yield piece


def _epilogue(answer: Answer, sources: tuple[Source, ...]) -> str:
    """What follows an answer: the sources it cites, and what was found out about it."""
    if answer.checked is None:
        return ""
    parts = [source_list(sources, answer.checked.citations), _report(answer.checked, truncated=answer.truncated)]
    return "".join(f"\n\n{part}" for part in parts if part)


def _report(checked: CheckedAnswer, *, truncated: bool) -> str:
    if checked.abstained:
        return "*The language model found no answer in the passages that were found; they may still be worth reading.*"
    proved = sum(quotation.finding.accepted for quotation in checked.quotations)
    unproved = len(checked.quotations) - proved
    bare = sum(sentence.kind == "sentence" and not sentence.supported for sentence in checked.sentences)
    counts = [
        (proved, "quotation stands in its source", "quotations stand in their sources"),
        (unproved, "does not, and is not shown as one", "do not, and are not shown as such"),
        (len(checked.removed), "citation led nowhere and was removed", "citations led nowhere and were removed"),
        (bare, "sentence cites nothing", "sentences cite nothing"),
    ]
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    cut = "; it was cut off at its longest" if truncated else ""
    return f"*Written by a language model and checked: {', '.join(told) or 'it quotes nothing'}{cut}.*"


def _end(answer: Answer) -> End:
    return End("length" if answer.truncated else "stop", answer.usage)


def _sentence(found: str) -> str:
    return f"{escape(found[:1].upper() + found[1:])}."
