"""How commands write: rich on a terminal, plain and unwrapped into a pipe; never a control character from a collection."""

import re
from functools import cache

from rich.console import Console

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@cache
def out() -> Console:
    """Standard output."""
    return Console(highlight=False, soft_wrap=not Console().is_terminal)


def printable(text: str) -> str:
    """The text with control characters shown as replacement characters, so that no excerpt can steer a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
