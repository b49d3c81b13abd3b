"""No regular expression of the program takes more than linear time, whatever the text."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.patterns import BEGINNINGS, PIECES, Pattern, patterns, seconds

pytestmark = pytest.mark.skipif(
    "IBID_LONG" not in os.environ, reason="long, and not yet seen to its end on a quiet machine: IBID_LONG=1"
)

SIZE = 300
LINEAR, STILL_LINEAR = 4.0, 9.0
"""Four times the text takes four times as long, or sixteen times where the time is quadratic; between them is noise."""

NOTICEABLE = 0.0015
TOO_LONG = 1.0

ELSEWHERE = ("rag.quotes.",)
"""Being rewritten with tests of its own that time them (the issue on quotations)."""

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


def slow_text(pattern: Pattern) -> str:
    """A text that takes a pattern more than linear time, described; "" where none of those tried does."""
    for piece in PIECES:
        for beginning in BEGINNINGS:
            short, long = (beginning + piece * (size // len(piece)) + "\0" for size in (SIZE, 4 * SIZE))
            if timed(pattern, long) > NOTICEABLE and timed(pattern, long, 3) > STILL_LINEAR * max(timed(pattern, short, 3), 1e-5):
                return f"{beginning!r} + {piece!r} * n"
    return ""


@pytest.mark.slow
@pytest.mark.usefixtures("watch")
def test_every_pattern_of_the_program_takes_linear_time() -> None:
    found = list(patterns())
    tried = [pattern for pattern in found if not pattern.place.startswith((*ELSEWHERE, *CONSTANT_TEXT))]

    assert len(found) > 150
    assert {pattern.place: text for pattern in tried if (text := slow_text(pattern))} == {}


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("expression", [r"\s*x", r"(?:a|a)*b", r"\w+@", r"(\d+)+$"])
def test_a_pattern_that_backtracks_is_found(expression: str) -> None:
    assert slow_text(Pattern("here", re.compile(expression), frozenset({"search"})))


@pytest.mark.usefixtures("watch")
@pytest.mark.parametrize("expression", [r"\w+", r"(?<!\s)\s*x", r"\s{0,9}x", r"[^.]*\."])
def test_a_pattern_that_does_not_is_not(expression: str) -> None:
    assert not slow_text(Pattern("here", re.compile(expression), frozenset({"finditer"})))
