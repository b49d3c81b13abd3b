"""No regular expression of the program takes more than linear time, whatever the text."""

import os
import random
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.patterns import BEGINNINGS, PIECES, Pattern, patterns, seconds, texts_for

SIZE = 1000
LINEAR, STILL_LINEAR = 4.0, 9.0
"""Four times the text takes four times as long, or sixteen times where the time is quadratic; between them is noise."""

NOTICEABLE = 0.003
TOO_LONG = 1.0
SOME = 16
"""Pieces of the common table that are tried on each expression, besides what it asks for itself; all with IBID_LONG=1."""

CONSTANT_TEXT = ("index.readers.furniture", "index.readers.headings")
"""Split a text of the program itself, once."""


class _TakesTooLong(Exception):
    pass


@pytest.fixture
def watch() -> Iterator[None]:
    """Ends an expression that would go on for ages."""

    def stop(*_signal: Any) -> None:
        raise _TakesTooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def timed(pattern: Pattern, text: str, times: int = 1) -> float:
    """The least processor time of several tries."""
    signal.setitimer(signal.ITIMER_VIRTUAL, TOO_LONG * times)
    try:
        return min(seconds(pattern, text) for _ in range(times))
    except _TakesTooLong:
        return TOO_LONG
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def takes_too_long(pattern: Pattern, beginning: str, piece: str) -> bool:
    """Whether the time grows faster than the text does: looked at in two sizes, for a bounded repetition grows at first."""

    def text(size: int) -> str:
        return beginning + piece * (size // len(piece)) + "\0"

    if timed(pattern, text(4 * SIZE)) < NOTICEABLE:
        return False
    return all(
        (long := timed(pattern, text(16 * size), 3)) >= TOO_LONG
        or long > STILL_LINEAR * max(timed(pattern, text(4 * size), tries), 1e-5)
        for size, tries in ((SIZE // 4, 5), (SIZE, 5))
    )


def slow_text(pattern: Pattern, chance: random.Random | None = None) -> str:
    """A text that takes a pattern more than linear time, described; "" where none of those tried does."""
    common = [(beginning, piece) for piece in PIECES for beginning in BEGINNINGS]
    tried = [*texts_for(pattern), *(chance.sample(common, SOME) if chance else common)]
    found = (f"{beginning!r} + {piece!r} * n" for beginning, piece in tried if takes_too_long(pattern, beginning, piece))
    return next(found, "")


@pytest.mark.slow
@pytest.mark.usefixtures("watch")
def test_every_pattern_of_the_program_takes_linear_time() -> None:
    chance = None if "IBID_LONG" in os.environ else random.Random(4)
    found = list(patterns())
    tried = [pattern for pattern in found if not pattern.place.startswith(CONSTANT_TEXT)]

    assert len(found) > 500
    assert {pattern.place: text for pattern in tried if (text := slow_text(pattern, chance))} == {}


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("expression", [r"\s*x", r"(?:a|a)*b", r"\w+@", r"(\d+)+$"])
def test_a_pattern_that_backtracks_is_found(expression: str) -> None:
    assert slow_text(Pattern("here", re.compile(expression), frozenset({"search"})))


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("expression", [r"\w+", r"(?<!\s)\s*x", r"\s{0,9}x", r"(?<![^.])[^.]*+\."])
def test_a_pattern_that_does_not_is_not(expression: str) -> None:
    assert not slow_text(Pattern("here", re.compile(expression), frozenset({"finditer"})))
