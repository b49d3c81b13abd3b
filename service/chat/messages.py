"""What chat windows send: messages whose content is text or parts, and much besides that nothing here needs."""

import json
import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from prompts import Message
from rag.errors import QuestionInvalid
from service.errors import ModelUnknown
from service.llm import Backends
from service.settings import nearest

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


# The models that chat windows can choose: ``ibid`` answers with passages, ``ibid/NAME`` with checked answers by a backend.

PASSAGES = "ibid"
WRITTEN = f"{PASSAGES}/"


def models(backends: Backends, collections: Sequence[str] = ()) -> list[dict[str, Any]]:
    """All models, the passages first; then those of each of some collections by name."""
    return [model(name) for name in _names(backends, collections)]


def model(name: str) -> dict[str, Any]:
    """One model as OpenAI lists it; there is no telling since when it is there."""
    return {"id": name, "object": "model", "created": int(time.time()), "owned_by": "ibid"}


class Chosen(NamedTuple):
    """What a model means: the collections, none for the usual one, and the backend, None for the passages."""

    collections: tuple[str, ...]
    backend: str | None


def chosen_by(name: str, backends: Backends, collections: Sequence[str] = ()) -> Chosen:
    """What a model means: ``ibid[/COLLECTION[+COLLECTION …]][/BACKEND]``. Raises ModelUnknown."""
    begins, *rest = name.split("/")
    asked = tuple(rest[0].split("+")) if rest and set(rest[0].split("+")) <= set(collections) else ()
    backend = rest[bool(asked) :]
    if begins != PASSAGES or len(backend) > 1 or any(each not in backends.names for each in backend):
        names = _names(backends, collections)
        raise ModelUnknown(f"the model is {name!r}", rule="a model is one of /v1/models", remedy=nearest(name, names))
    return Chosen(asked, backend[0] if backend else None)


def _names(backends: Backends, collections: Sequence[str] = ()) -> list[str]:
    """Where there is one collection, its name is left out."""
    named = [PASSAGES, *(f"{WRITTEN}{each}" for each in collections if len(collections) > 1)]
    return [model for each in named for model in (each, *(f"{each}/{backend}" for backend in backends.names))]


# Task prompts of chat windows (titles, tags, suggestions), answered as JSON without a language model.
#
# Open WebUI begins them with ``### Task:`` and shows the JSON that it wants. They are answered from the conversation in
# them, without retrieval: no collection knows what a chat should be called.

LONGEST_TITLE = 48

_TASK = re.compile(r"\A\s*### Task:\n")
_WANTED = re.compile(r'\{\s*"(?P<key>title|tags|follow_ups|queries|prompt|text)"\s*:')
_HISTORY = re.compile(r"\A(?>.*?<chat_history>)(?P<said>.*)</chat_history>", re.DOTALL)
_SPEAKER = re.compile(r"^[^\S\n]*+(user|assistant):", re.IGNORECASE | re.MULTILINE)


def task_reply(text: str) -> str | None:
    """The JSON that a chore asks for; None where the text is no chore."""
    wanted = _WANTED.search(text)
    if not _TASK.match(text) or not wanted:
        return None
    return json.dumps({wanted["key"]: _done(wanted["key"], _asked(text))}, ensure_ascii=False)


def _done(key: str, asked: list[str]) -> Any:
    match key:
        case "title":
            return _title(asked[0]) if asked else "Ibid"
        case "queries":
            return asked[-1:]
        case "tags" | "follow_ups":
            return []
        case "prompt":
            return asked[-1] if asked else ""
        case _:
            return ""


def _asked(text: str) -> list[str]:
    """What the user has said in the conversation that the chore is about."""
    history = _HISTORY.search(text)
    parts = _SPEAKER.split(history["said"] if history else "")
    said = (" ".join(text.split()) for speaker, text in zip(parts[1::2], parts[2::2], strict=True) if speaker.lower() == "user")
    return [turn for turn in said if turn]


def _title(question: str) -> str:
    """The question, shortened to whole words."""
    bare = question.rstrip("?!. ")
    if len(bare) <= LONGEST_TITLE:
        return bare
    return f"{bare[:LONGEST_TITLE].rsplit(' ', 1)[0].rstrip(',;:')}…"
