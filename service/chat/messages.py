"""What chat windows send: messages whose content is text or parts, and much besides that nothing here needs."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from prompts import Message
from rag.errors import QuestionInvalid

Content = str | list[dict[str, Any]] | None

_TEXT_PARTS = frozenset({"text", "input_text", "output_text"})
_CONTEXT = re.compile(r"\A\s*### Task:\n.*</context>\s*(?P<question>\S.*)\Z", re.DOTALL)


class ChatMessage(msgspec.Struct, frozen=True):
    """One message; members that are not listed are ignored."""

    role: str
    content: Content = None


class Conversation(msgspec.Struct, frozen=True):
    """The last question, and what was said before it by the user and by us."""

    question: str
    history: tuple[Message, ...]


def conversation_of(messages: Sequence[ChatMessage]) -> Conversation:
    """The conversation in these messages. What a system or a tool says is left out: instructions do not change passages.

    Raises:
        QuestionInvalid: no message is the user's.
    """
    asked = [at for at, message in enumerate(messages) if message.role == "user"]
    if not asked:
        raise QuestionInvalid(
            "no message is a user's", rule="the last message of role user is the question", remedy="send a message of role user"
        )
    turns = [turn for turn in map(_turn, messages[: asked[-1]]) if turn is not None]
    return Conversation(question_in(text_of(messages[asked[-1]].content)), tuple(turns))


def text_of(content: Content) -> str:
    """The text of a message: its text parts joined by line breaks; pictures, sounds and files are passed over."""
    if not isinstance(content, list):
        return content or ""
    texts = [part.get("text") for part in content if str(part.get("type")) in _TEXT_PARTS]
    return "\n".join(text for text in texts if isinstance(text, str))


def question_in(text: str) -> str:
    """The question itself where a chat window has put its own documents and instructions before it."""
    wrapped = _CONTEXT.match(text)
    return wrapped["question"] if wrapped else text


def _turn(message: ChatMessage) -> Message | None:
    match message.role:
        case "user" | "assistant":
            text = text_of(message.content)
            return Message(message.role, text) if text.strip() else None
        case _:
            return None
