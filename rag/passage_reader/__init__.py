"""The passage reader: reads a question and a window together, and says whether and where the window answers.

This module names the contract; ``rag.passage_reader.model`` keeps it with the weights that travel with the package.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Reading(msgspec.Struct, frozen=True):
    """What reading one window gave.

    Args:
        answers: how far an answer is more likely than none, a log-odds; comparable between questions.
        margin: how far the best span's score is above that of "no answer here"; above 0 the span is the likelier.
        start: where the best span starts in the window's text, in code points, and
        end: where it ends.
    """

    answers: float
    margin: float
    start: int
    end: int


class ReadWindow(msgspec.Struct, frozen=True):
    """A window as it is read: its text, after a context line that answers nothing, which may be ""."""

    text: str
    context: str = ""


class PassageReader(Protocol):
    """Reads windows for a question; thread-safe."""

    def read(self, question: str, windows: Sequence[ReadWindow]) -> list[Reading]:
        """One reading a window, in the order given; a window without words has the empty span at its start."""
        ...
