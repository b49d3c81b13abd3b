"""Makes a follow-up question understandable by itself: by a language model where there is one, else by a plain rule.

The rule: a question that points back ("he", "that", "what about …", or hardly a word of its own) is asked together with
what the last questions of the user were about. Answers are not used: what a model wrote must not steer the search.
"""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from index.function_words import FUNCTION_WORDS
from index.text import words
from prompts import Message, Prompt
from rag.control_tokens import neutralise
from rag.errors import BackendFailed
from rag.models import LanguageModel, complete
from rag.prompting import make_fence

How = Literal["as_asked", "rule", "model"]

TURNS = 2
"""So many questions before the last one are looked back at."""

_FEW = 4
_MOST_ADDED = 12
_LONGEST_REWRITE = 400
_POINTING = frozenset(
    "he she it they him her them his hers its their theirs himself herself itself themselves this that these those there then "
    "same such one ones former latter both either neither other others another else too also".split()
)
_CALENDAR = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
_CONNECTING = re.compile(r"\s*(?:and|but|or|so|then|also|what about|how about|what of)\b", re.IGNORECASE)
_IMPERSONAL = re.compile(
    r"\b(?:is|was|were|are|did|does|do|has|had|will|would|could|can)\s+(?:it|there)\s+(?:true|possible|likely|any|a|an|ever)\b"
    r"|\bthere\s+(?:is|was|were|are|any|ever)\b|\bone\s+of\b|\bthat\s+(?=\w+\s+\w)",
    re.IGNORECASE,
)


class Rewritten(msgspec.Struct, frozen=True):
    """A question that can be searched for by itself, and how it came about.

    ``problem`` says why the model's rewriting was not used where there was a model, else "".
    """

    text: str
    how: How
    problem: str = ""


def points_back(question: str) -> bool:
    """Whether a question needs the conversation: it connects to what was said, names nothing, or has hardly a word of its own."""
    if _CONNECTING.match(question):
        return True
    bare = _IMPERSONAL.sub(" ", question)
    own = _content(bare)
    pointing = [word for word in words(bare) if word in _POINTING]
    return bool(pointing) or (len(own) < _FEW and not _names(question))


def rewrite_by_rule(question: str, history: Sequence[Message]) -> Rewritten:
    """The question, with what the last questions were about in parentheses where it points back.

    The words of the question before come first; where that one pointed back itself, those of the one before it follow.
    """
    asked = [message.content for message in history if message.role == "user"][-TURNS:]
    if not asked or not points_back(question):
        return Rewritten(question, "as_asked")
    known = {word.lower() for word in _content(question)}
    added: list[str] = []
    for earlier in reversed(asked):
        fresh = [word for word in _content(earlier) if word.lower() not in known]
        known.update(word.lower() for word in fresh)
        added += fresh
        if not points_back(earlier):
            break
    if not added:
        return Rewritten(question, "as_asked")
    return Rewritten(f"{question.rstrip()} ({' '.join(added[:_MOST_ADDED])})", "rule")


async def rewrite(
    question: str, history: Sequence[Message], model: LanguageModel | None = None, prompt: Prompt | None = None
) -> Rewritten:
    """The question made self-contained: by the model's rewrite prompt where both are given, else by the rule.

    A model that fails, or answers with anything but one short line, costs nothing: the rule takes over and ``problem`` says why.
    """
    if not any(message.role == "user" for message in history):
        return Rewritten(question, "as_asked")
    if model is None or prompt is None:
        return rewrite_by_rule(question, history)
    fence = make_fence([question, *(message.content for message in history)])
    try:
        written = await complete(
            model, prompt.fill(fence=fence, conversation=_conversation(history, fence), question=neutralise(question))
        )
    except BackendFailed as error:
        return msgspec.structs.replace(rewrite_by_rule(question, history), problem=error.found)
    line = written.strip().removeprefix("Last question:").strip().strip('"“”')
    if not line or "\n" in line or len(line) > max(_LONGEST_REWRITE, 2 * len(question)) or fence in line:
        return msgspec.structs.replace(
            rewrite_by_rule(question, history), problem="the model did not write one question on one line"
        )
    return Rewritten(line, "model" if line != question else "as_asked")


def _conversation(history: Sequence[Message], fence: str) -> str:
    turns = [message for message in history if message.role != "system"][-2 * TURNS :]
    return "\n".join([fence, *(f"{message.role}: {neutralise(message.content)}" for message in turns), fence])


def _content(text: str) -> list[str]:
    """The words of a text that tell its subject, as written, each once."""
    told = [
        word for word in re.findall(r"\w[\w'’.-]*\w|\w", text) if not set(words(word)) <= FUNCTION_WORDS["en"] | _POINTING | {""}
    ]
    return list({word.lower(): word for word in reversed(told)}.values())[::-1]


def _names(text: str) -> bool:
    """Whether a word other than the first is written with a capital, and is neither "I" nor a month or day."""
    return any(word[0].isupper() for word in re.findall(r"\w+", text)[1:] if word != "I" and word.lower() not in _CALENDAR)
