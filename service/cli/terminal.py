"""How commands write: styled and wrapped on a terminal, plain into a pipe; never a control character from a collection."""

import re
from functools import cache

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@cache
def out() -> Console:
    """Standard output."""
    return Console(highlight=False)


def write(text: Text, indent: int = 0) -> None:
    """Writes a text to standard output: wrapped to a terminal's width, whole lines into a pipe."""
    console = out()
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        click.echo("\n".join(" " * indent + line for line in text.plain.split("\n")))


def counted(count: int, noun: str) -> str:
    """So many of a thing: 1 work, 2,000 works."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def printable(text: str) -> str:
    """The text with control and direction characters shown as replacement characters, so that no excerpt can steer a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
