"""A reply as OpenAI's chat completions have it: one object, or chunks.

https://platform.openai.com/docs/api-reference/chat
"""

import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response

from rag.prompting import CountTokens
from rag.rendering import paragraphs
from service.chat.messages import ChatMessage, Content, text_of
from service.chat.replies import Cited, Reply, Sources, Text, Transcript, transcribe
from service.chat.sources import Source
from service.errors import RequestInvalid
from service.problems import Problem, answer_problem, problem_for, problem_in
from service.responses import Frames, frame
from service.settings import Dialect

# Errors as OpenAI's clients expect them, on the paths that are OpenAI's.

_NOUNS = "chat models responses completions embeddings audio images moderations batches assistants threads vector_stores"
PATHS = tuple(f"/v1/{noun}/" for noun in _NOUNS.split())
"""Paths of OpenAI's: those that are answered, and those that its clients may ask for in vain and must understand why."""


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


# How chat windows are told of sources: no two read the same field, so each way is a switch of the settings.
#
# What reads which is in docs/front-ends.md, taken from the clients' own sources.

Fields = dict[str, Any]


def source_event(source: Source) -> Fields:
    """Open WebUI's own event: the only one that carries the quotation itself.

    ``page`` counts from 0. The ids are opaque: for an id that is an address the browser would fetch an icon from a third party.
    """
    metadata: Fields = {"source": source.id, "source_url": source.url, "name": source.title}
    if source.page is not None:
        metadata["page"] = source.page - 1
    told = {"id": source.id, "name": source.title, "url": source.url}
    data = {"source": told, "document": [paragraphs(source.text)], "metadata": [metadata], "distances": [source.score]}
    return {"type": "source", "data": data}


def annotations(sources: Sequence[Source], cited: Iterable[Cited]) -> list[Fields]:
    """OpenAI's annotations of chat completions: which run of the text rests on which source."""
    return [{"type": "url_citation", "url_citation": each} for each in _citations(sources, cited)]


def flat_annotations(sources: Sequence[Source], cited: Iterable[Cited]) -> list[Fields]:
    """The same as responses have them."""
    return [{"type": "url_citation", **each} for each in _citations(sources, cited)]


def top_level(sources: Sequence[Source], dialects: Sequence[Dialect]) -> Fields:
    """``citations`` and ``search_results`` beside the choices, as Perplexity sends and LobeChat reads them."""
    fields: Fields = {}
    if "citations" in dialects and sources:
        fields["citations"] = [source.url for source in sources]
    if "search-results" in dialects and sources:
        fields["search_results"] = list(map(_search_result, sources))
    return fields


def _search_result(source: Source) -> Fields:
    dated = {} if source.year is None else {"date": str(source.year)}
    return {"title": source.title, "url": source.url, **dated, "snippet": source.text, "source": "ibid"}


def _citations(sources: Sequence[Source], cited: Iterable[Cited]) -> Iterable[Fields]:
    numbered = {source.number: source for source in sources}
    for each in cited:
        source = numbered[each.number]
        yield {"start_index": each.start, "end_index": each.end, "title": source.title, "url": source.url}


DONE = b"data: [DONE]\n\n"


class StreamOptions(msgspec.Struct, frozen=True):
    """What a stream tells besides."""

    include_usage: bool | None = False


class ChatBody(msgspec.Struct, frozen=True):
    """A request for a chat completion. All members of OpenAI's that are not here are ignored, whatever they say."""

    model: str
    messages: tuple[ChatMessage, ...]
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with a chunk of token counts."""
        return bool(self.stream_options and self.stream_options.include_usage)


class Completion:
    """Writes one reply in the shape of chat completions: one id, one time and one model throughout."""

    def __init__(self, body: ChatBody, dialects: tuple[Dialect, ...], count_tokens: CountTokens) -> None:
        self._body = body
        self._dialects = dialects
        self._count_tokens = count_tokens
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())

    async def whole(self, reply: Reply) -> Fields:
        """The reply as one object."""
        told = await transcribe(reply)
        message: Fields = {"role": "assistant", "content": told.text, "refusal": None}
        if "annotations" in self._dialects:
            message["annotations"] = annotations(told.sources, told.cited)
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": told.end.finish}
        beside = {"usage": self._usage(told), **top_level(told.sources, self._dialects)}
        return {**self._head("chat.completion"), "choices": [choice], **beside}

    async def frames(self, reply: Reply) -> Frames:
        """The reply as chunks."""
        told, begun = Transcript(), False
        async with aclosing(reply):
            async for piece in reply:
                first, begun = not begun, True
                beside = {} if told.text else top_level(told.sources, self._dialects)
                told.take(piece)
                if first:  # with what is cited, since clients of Perplexity's read it from the first chunk alone
                    yield self._chunk({"role": "assistant", "content": ""}, **top_level(told.sources, self._dialects))
                match piece:
                    case Sources() if "open-webui" in self._dialects:
                        for source in piece.sources:
                            yield self._frame([], event=source_event(source))
                    case Text() if piece.text:
                        yield self._chunk({"content": piece.text}, **beside)
        last = {"annotations": annotations(told.sources, told.cited)} if "streamed-annotations" in self._dialects else {}
        yield self._chunk(last, finish=told.end.finish)
        if self._body.wants_usage:
            yield self._frame([], usage=self._usage(told))
        yield DONE

    def _chunk(self, delta: Fields, finish: str | None = None, **beside: Any) -> bytes:
        return self._frame([{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}], **beside)

    def _frame(self, choices: list[Fields], **beside: Any) -> bytes:
        return frame({**self._head("chat.completion.chunk"), "choices": choices, **beside})

    def _head(self, kind: str) -> Fields:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._body.model}

    def _usage(self, told: Transcript) -> Fields:
        """Tokens as the language model counted them; where there was none, as we count those of the messages and the text."""
        if told.end.usage:
            prompt, completion = told.end.usage.prompt_tokens, told.end.usage.answer_tokens
        else:
            prompt = sum(self._count_tokens(text_of(message.content)) for message in self._body.messages)
            completion = self._count_tokens(told.text)
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


# A reply as OpenAI's Responses have it: one object, or events.
#
# https://platform.openai.com/docs/api-reference/responses


class InputItem(msgspec.Struct, frozen=True):
    """One item of the input; only messages are read."""

    type: str = "message"
    role: str = ""
    content: Content = None


class ResponseBody(msgspec.Struct, frozen=True):
    """A request for a response. All members of OpenAI's that are not here are ignored, whatever they say."""

    model: str
    input: str | tuple[InputItem, ...]
    instructions: Any = None
    metadata: Any = None
    stream: bool | None = False
    background: bool | None = False
    previous_response_id: str | None = None
    conversation: Any = None

    def messages(self) -> tuple[ChatMessage, ...]:
        """The input as messages. Raises RequestInvalid for what would need a memory: nothing is stored between requests."""
        if self.background or self.previous_response_id or self.conversation:
            raise RequestInvalid(
                "the response is to follow an earlier one, or to come later",
                rule="nothing is stored between requests",
                remedy="leave out background, conversation and previous_response_id, and send the whole conversation as input",
            )
        if isinstance(self.input, str):
            return (ChatMessage("user", self.input),)
        return tuple(ChatMessage(item.role, item.content) for item in self.input if item.type == "message")


class Responding:
    """Writes one reply in the shape of responses: one id, one time and one model throughout."""

    def __init__(
        self, body: ResponseBody, messages: Sequence[ChatMessage], dialects: tuple[Dialect, ...], count_tokens: CountTokens
    ) -> None:
        self._body = body
        self._messages = messages
        self._annotated = "annotations" in dialects
        self._count_tokens = count_tokens
        self._id = f"resp_{secrets.token_hex(12)}"
        self._message_id = f"msg_{secrets.token_hex(12)}"
        self._created = int(time.time())
        self._sent = 0

    async def whole(self, reply: Reply) -> Fields:
        """The reply as one object."""
        return self._finished(await transcribe(reply))

    async def frames(self, reply: Reply) -> Frames:
        """The reply as events."""
        told = Transcript()
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))
        yield self._event("response.output_item.added", output_index=0, item=self._message("in_progress"))
        yield self._in_part("response.content_part.added", part=_part("", []))
        async with aclosing(reply):
            async for piece in reply:
                told.take(piece)
                if isinstance(piece, Text) and piece.text:
                    yield self._in_part("response.output_text.delta", delta=piece.text, logprobs=[])
        for number, annotation in enumerate(self._annotations(told)):
            yield self._in_part("response.output_text.annotation.added", annotation_index=number, annotation=annotation)
        yield self._in_part("response.output_text.done", text=told.text, logprobs=[])
        response = self._finished(told)
        (message,) = response["output"]
        yield self._in_part("response.content_part.done", part=message["content"][0])
        yield self._event("response.output_item.done", output_index=0, item=message)
        yield self._event(f"response.{response['status']}", response=response)

    def error_frame(self, error: Exception) -> bytes:
        """An error on the way."""
        told = error_object(problem_for(error)[0])["error"]
        return self._event("error", code=told["code"], message=told["message"], param=None)

    def _finished(self, told: Transcript) -> Fields:
        status = "completed" if told.end.finish == "stop" else "incomplete"
        message = self._message(status, _part(told.text, self._annotations(told)))
        response = self._response(status, message, usage=self._usage(told))
        return response | ({} if status == "completed" else {"incomplete_details": {"reason": "max_output_tokens"}})

    def _response(self, status: str, *output: Fields, usage: Fields | None = None) -> Fields:
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": self._body.instructions,
            "metadata": self._body.metadata or {},
            "model": self._body.model,
            "output": list(output),
            "parallel_tool_calls": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "usage": usage,
        }

    def _message(self, status: str, *content: Fields) -> Fields:
        return {"id": self._message_id, "type": "message", "role": "assistant", "status": status, "content": list(content)}

    def _annotations(self, told: Transcript) -> list[Fields]:
        cited: Sequence[Cited] = told.cited if self._annotated else ()
        return flat_annotations(told.sources, cited)

    def _usage(self, told: Transcript) -> Fields:
        """Tokens as the language model counted them; where there was none, as we count those of the input and the text."""
        if told.end.usage:
            read, written = told.end.usage.prompt_tokens, told.end.usage.answer_tokens
        else:
            read = sum(self._count_tokens(text_of(message.content)) for message in self._messages)
            written = self._count_tokens(told.text)
        return {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        }

    def _in_part(self, kind: str, **fields: Any) -> bytes:
        return self._event(kind, item_id=self._message_id, output_index=0, content_index=0, **fields)

    def _event(self, kind: str, **fields: Any) -> bytes:
        number, self._sent = self._sent, self._sent + 1
        return frame({"type": kind, "sequence_number": number, **fields}, kind)


def _part(text: str, annotations: list[Fields]) -> Fields:
    return {"type": "output_text", "text": text, "annotations": annotations, "logprobs": []}
