"""The texts given to a language model, one Markdown file each, and a strict loader.

A prompt file names its fields in its first line (``<!-- fields: question, passages -->``), then gives one message per
section: ``## system``, ``## user``. ``{{question}}`` is replaced once; what is put in is never read as a field again.
"""

import hashlib
import re
from pathlib import Path
from typing import Literal

import msgspec

from index.errors import IbidError

_FOLDER = Path(__file__).parent
_FIELDS = re.compile(r"<!-- fields: ([a-z_]+(?:, [a-z_]+)*) -->\n+")
_SECTION = re.compile(r"^## (system|user)\n", re.MULTILINE)
_FIELD = re.compile(r"\{\{\s*+([^{}\s](?:[^{}]*[^{}\s])?|)\s*+\}\}")

Role = Literal["system", "user", "assistant"]


class PromptInvalid(IbidError):
    """A prompt file with an unknown, unused or missing field."""


class Message(msgspec.Struct, frozen=True):
    """One message to a language model."""

    role: Role
    content: str


class Prompt(msgspec.Struct, frozen=True):
    """A prompt as loaded: its messages with fields, the fields, and the SHA-256 of its file."""

    name: str
    messages: tuple[Message, ...]
    fields: frozenset[str]
    digest: str

    def fill(self, **values: str) -> tuple[Message, ...]:
        """The messages with every field replaced by its value.

        Raises:
            PromptInvalid: a field without a value, or a value without a field.
        """
        if values.keys() != self.fields:
            missing, unknown = sorted(self.fields - values.keys()), sorted(values.keys() - self.fields)
            raise PromptInvalid(
                f"prompt {self.name!r} was filled without {missing} and with {unknown} too many",
                rule="every field of a prompt gets a value, and nothing else does",
                remedy=f"fill exactly {sorted(self.fields)}",
            )
        return tuple(
            Message(message.role, _FIELD.sub(lambda field: values[field[1]], message.content)) for message in self.messages
        )


def load_prompt(name: str, folder: Path = _FOLDER) -> Prompt:
    """Reads ``<name>.md``.

    Raises:
        PromptInvalid: no such file, no fields named, a field named but not used or used but not named, or no sections.
    """
    path = folder / f"{name}.md"
    try:
        data = path.read_bytes()
        text = data.decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, f"it cannot be read ({type(error).__name__})", "a prompt is a Markdown file in UTF-8") from error
    named = _FIELDS.match(text)
    if not named:
        raise _invalid(path, "its first line names no fields", "a prompt begins with <!-- fields: a, b -->")
    fields = frozenset(named[1].split(", "))
    messages = _messages(text[named.end() :])
    if not messages:
        raise _invalid(path, "it has no sections", "a prompt has a section ## system or ## user, and nothing before it")
    used = {field for message in messages for field in _FIELD.findall(message.content)}
    if used != fields:
        found = f"it uses {sorted(used - fields)} without naming them and names {sorted(fields - used)} without using them"
        raise _invalid(path, found, "the fields named are the fields used")
    return Prompt(name, messages, fields, hashlib.sha256(data).hexdigest())


def _messages(text: str) -> tuple[Message, ...]:
    parts = _SECTION.split(text)
    if parts[0].strip():
        return ()
    roles: list[Role] = [_role(name) for name in parts[1::2]]
    return tuple(Message(role, content.strip()) for role, content in zip(roles, parts[2::2], strict=True) if content.strip())


def _role(name: str) -> Role:
    return "system" if name == "system" else "user"


def _invalid(path: Path, found: str, rule: str) -> PromptInvalid:
    return PromptInvalid(f"prompt {path.name}: {found}", rule=rule, remedy="mend the file")
