"""Reads the chunks of a stream as servers send them: content in parts, thoughts before the answer, refusals.

Calls of a tool that quotes.
"""

from typing import Any

import regex

from rag.models import Piece, Usage

_OPENS = regex.compile(r"<(think|thinking|thought|reasoning|reflection)>", regex.IGNORECASE)
_LONGEST_TAG = len("</reflection>")


class Thoughts:
    """Takes the stretches out of a text in which a model thinks aloud, however the text is cut.

    What is never closed is all thought.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside = ""

    def feed(self, text: str) -> str:
        """What of the text so far is said and not thought."""
        self._held += text
        said = ""
        while True:
            sign = regex.compile(rf"</{self._inside}>", regex.IGNORECASE) if self._inside else _OPENS
            if (match := sign.search(self._held)) is None:
                break
            said += "" if self._inside else self._held[: match.start()]
            self._inside = "" if self._inside else match[1]
            self._held = self._held[match.end() :]
        cut = self._held.rfind("<", max(0, len(self._held) - _LONGEST_TAG))
        keep = cut if cut >= 0 else len(self._held)
        said += "" if self._inside else self._held[:keep]
        self._held = self._held[keep:]
        return said

    def finish(self) -> str:
        """What was held back and turned out to be no tag."""
        held, self._held = self._held, ""
        return "" if self._inside else held


class DeltaReader:
    """Makes pieces of one stream's chunks: those of the first choice, whatever other choices stand between them."""

    def __init__(self) -> None:
        self._thoughts = Thoughts()
        self._calls: dict[int, str] = {}
        self._refused = False

    def read(self, chunk: Any) -> Piece:
        """One chunk. Raises AttributeError or TypeError where it is none."""
        usage = _usage(chunk.usage) if chunk.usage else None
        text, finish = "", ""
        for choice in chunk.choices or ():
            if choice.index not in (0, None):
                continue
            text += self._thoughts.feed(_content(choice.delta.content))
            self._refused = self._refused or bool(getattr(choice.delta, "refusal", None))
            for call in getattr(choice.delta, "tool_calls", None) or ():
                if call.function and isinstance(call.function.arguments, str):
                    self._calls[call.index] = self._calls.get(call.index, "") + call.function.arguments
            if choice.finish_reason:
                finish = "refusal" if self._refused else str(choice.finish_reason)
                text += self._thoughts.finish() + "".join(f"\n\n{call}" for call in self._calls.values())
                self._calls = {}
        return Piece(text, finish=finish, usage=usage)


def _content(content: Any) -> str:
    """The text of a delta: some servers send parts, as messages have them, or a bare number."""
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "".join(_content(part.get("text") if isinstance(part, dict) else part) for part in content)
        case dict():
            return _content(content.get("text"))
        case _:
            return str(content)


def _usage(usage: Any) -> Usage:
    return Usage(int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0))
