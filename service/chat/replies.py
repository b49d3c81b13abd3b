"""A reply to a chat as a stream: the sources, then the text with what it cites, then the end; the same for every protocol."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from contextlib import aclosing
from typing import Literal

import msgspec

from rag.answer_tree import CheckedSentence
from rag.answering import ABSTENTION, Answer, Check, Done, Hits
from rag.models import Usage
from rag.quotes.signs import OURS
from rag.rendering import escape
from service.api import AskRequest, AskResult, Session
from service.chat.markdown import opening, passages, searched, source_list
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

    finish: Literal["stop", "length", "content_filter"] = "stop"
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
    found = await session.look(
        AskRequest(conversation.question, history=conversation.history[-session.settings.max_history :], backend=backend)
    )
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
                        yield Text(searched(answer))
                    begun = True
                    for sentence in event.sentences:
                        yield Text(sentence.text, sentence.citations)
                        if note := sentence_note(sentence):
                            yield Text(f" {note}")
                case Done() if event.answer.text is None:
                    for piece in _unwritten(event.answer, answer, begun=begun):
                        yield piece
                case Done():
                    yield Text(_epilogue(event.answer, sources_of(answer.hits)))
                    yield _end(event.answer)
                case _:
                    continue  # a delta comes again, with what it cites, in its check


def sentence_note(sentence: CheckedSentence) -> str:
    """What is said of a sentence right behind it: that it cites nothing, or that its passage says otherwise."""
    if sentence.kind not in ("sentence", "block") or not sentence.nodes:
        return ""
    scopes = [quotation.finding.scope for quotation in sentence.quotations if quotation.finding.accepted]
    warnings = [warning for scope in scopes if scope for warning in scope.warnings]
    reasons = [*(sentence.support.reasons if sentence.support.verdict == "contradicted" else ()), *warnings]
    if reasons:
        return ours(f"check this: {'; '.join(reasons)}")
    return "" if sentence.cites or sentence.words == ABSTENTION else ours("cites nothing")


def ours(text: str) -> str:
    """What Ibid itself says in an answer, between marks that no model's words can hold."""
    return f"{OURS[0]}{escape(text)}{OURS[1]}"


def _unwritten(failed: Answer, answer: AnswerView, *, begun: bool) -> Iterator[Piece]:
    """The passages alone, and why."""
    why = _sentence(failed.problem.found) if failed.problem else ""
    if begun:
        yield Text(f"\n\n---\n\n{ours(f'{why} What stands above is not all of an answer; here are the passages.')}\n\n")
    else:
        yield Sources(sources_of(answer.hits or answer.nearest))
        yield Text(searched(answer))
        if answer.hits:
            yield Text(f"{ours(f'{why} The passages answer for themselves.')}\n\n")
    for piece in _passages(msgspec.structs.replace(answer, rewritten=None)):
        if not isinstance(piece, Sources):
            yield piece


def _epilogue(answer: Answer, sources: tuple[Source, ...]) -> str:
    """What follows an answer, parted from it by a line that no model's words can draw: its sources, and what the check found."""
    if answer.checked is None:
        return ""
    parts = ["---", source_list(sources, answer.checked.citations), ours(_report(answer))]
    return "".join(f"\n\n{part}" for part in parts if part)


def _report(answer: Answer) -> str:
    checked = answer.checked
    if checked is None or checked.abstained:
        return "The language model found no answer in the passages that were found; they may still be worth reading."
    proved = sum(quotation.finding.accepted for quotation in checked.quotations)
    sentences = [sentence for sentence in checked.sentences if sentence.kind == "sentence"]
    counts = [
        (proved, "quotation stands in its source", "quotations stand in their sources"),
        (
            len(checked.quotations) - proved,
            "quotation does not stand, and is not shown as one",
            "quotations do not stand, and are not shown as such",
        ),
        (len(checked.removed), "citation led nowhere and was removed", "citations led nowhere and were removed"),
        (sum(not sentence.cites for sentence in sentences), "sentence cites nothing", "sentences cite nothing"),
        (
            sum(sentence.support.verdict == "contradicted" for sentence in sentences),
            "sentence disagrees with its passage",
            "sentences disagree with their passages",
        ),
    ]
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    cut = _ENDED.get(answer.finish, "")
    return f"Above the line: written by a language model. Checked by Ibid: {', '.join(told) or 'it quotes nothing'}{cut}."


_ENDED = {
    "length": "; it was cut off at its longest",
    "content_filter": "; a filter of its provider cut it off",
    "refusal": "; the model refused to go on",
}


def _end(answer: Answer) -> End:
    return End("length" if answer.truncated else "content_filter" if answer.finish == "content_filter" else "stop", answer.usage)


def _sentence(found: str) -> str:
    return f"{found[:1].upper()}{found[1:]}."
