"""Chores that chat windows give to whatever model is at hand: titles, tags, suggestions, as JSON.

Open WebUI begins them with ``### Task:`` and shows the JSON that it wants. They are answered from the conversation in
them, without retrieval: no collection knows what a chat should be called.
"""

import json
import re
from typing import Any

LONGEST_TITLE = 48

_TASK = re.compile(r"\A\s*### Task:\n")
_WANTED = re.compile(r'\{\s*"(?P<key>title|tags|follow_ups|queries|prompt|text)"\s*:')
_HISTORY = re.compile(r"<chat_history>(?P<said>.*)</chat_history>", re.DOTALL)
_SPEAKER = re.compile(r"^\s*(user|assistant):", re.IGNORECASE | re.MULTILINE)


def chore(text: str) -> str | None:
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
