"""Language models write text for messages; this module names the contract every backend keeps."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec

from prompts import Message


class ModelCard(msgspec.Struct, frozen=True):
    """What identifies a backend: the name it was configured under, the model it asks for, and how much it writes and reads.

    ``context_tokens`` is what prompt and answer together may take, ``answer_tokens`` what the answer may.
    """

    name: str
    model: str
    context_tokens: int
    answer_tokens: int


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the backend counted them."""

    prompt_tokens: int
    answer_tokens: int


class Piece(msgspec.Struct, frozen=True):
    """A piece of what a model writes; the last one says why it stopped and, where the backend tells, what it used.

    ``finish`` is "" before the end, then "stop", "length" or what the backend calls it.
    """

    text: str
    finish: str = ""
    usage: Usage | None = None


class LanguageModel(Protocol):
    """Writes text for messages; safe to use from many tasks at once."""

    @property
    def card(self) -> ModelCard:
        """What identifies this backend."""
        ...

    def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Piece, None]:
        """What the model writes, as it writes it; closing the generator ends the call to the backend.

        Raises:
            BackendFailed: down, slow, limited, cut off in the middle, or not what was agreed. Never shows a key.
        """
        ...

    async def close(self) -> None:
        """Gives connections back; the model cannot be used afterwards."""
        ...


async def complete(model: LanguageModel, messages: Sequence[Message]) -> str:
    """All of what a model writes, as one text.

    Raises:
        BackendFailed: as ``LanguageModel.stream``.
    """
    async with aclosing(model.stream(messages)) as pieces:
        return "".join([piece.text async for piece in pieces])
