"""A reply as OpenAI's chat completions have it: one object, or chunks.

https://platform.openai.com/docs/api-reference/chat
"""

import secrets
import time
from contextlib import aclosing
from typing import Any

import msgspec

from rag.tokens import CountTokens
from service.chat.dialects import annotations, source_event, top_level
from service.chat.messages import ChatMessage, text_of
from service.chat.replies import Reply, Sources, Text, Transcript, transcribe
from service.responses import Frames, frame
from service.settings import Dialect

Fields = dict[str, Any]

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
        told = Transcript()
        yield self._chunk({"role": "assistant", "content": ""})
        async with aclosing(reply):
            async for piece in reply:
                beside = {} if told.text else top_level(told.sources, self._dialects)
                told.take(piece)
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
