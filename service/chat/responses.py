"""A reply as OpenAI's Responses have it: one object, or events.

https://platform.openai.com/docs/api-reference/responses
"""

import secrets
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from rag.tokens import CountTokens
from service.chat.dialects import flat_annotations
from service.chat.errors import error_object
from service.chat.messages import ChatMessage, Content, text_of
from service.chat.replies import Cited, Reply, Text, Transcript, transcribe
from service.errors import RequestInvalid
from service.problems import problem_for
from service.responses import Frames, frame
from service.settings import Dialect

Fields = dict[str, Any]


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
