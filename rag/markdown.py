"""Reads just enough Markdown to know what an answer shows as code, as links and as block quotes.

A model's text is Markdown in the wild: half-finished, unbalanced, sometimes a megabyte of it. Everything here is linear.
"""

from itertools import groupby
from typing import Literal

import msgspec
import regex

_CODE = r"""
    (?<!`)(?P<ticks>`{1,6})(?!`)(?:(?!`).|(?<!`)(?!(?P=ticks)(?!`))`+){1,2000}?(?<!`)(?P=ticks)(?!`)  # a code span
"""
_CODE_SPAN = regex.compile(_CODE, regex.VERBOSE | regex.DOTALL)
_OPAQUE = regex.compile(
    _CODE
    + r"""
  | (?<=\])\([^()\s]{0,2000}(?:\s+(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?\)                              # where a link leads
  | <(?:/?[a-zA-Z][^<>\n]{0,500}|!--.{0,300}?--)>                                                      # HTML, <https://…>
  | https?://[^\s<>()\[\]"“”]{1,2000}                                                                  # a bare address
    """,
    regex.VERBOSE | regex.DOTALL,
)
_FENCE = regex.compile(r" {0,3}(`{3,}|~{3,})")
_QUOTE_PREFIX = regex.compile(r" {0,3}(?:> ?)+")

HIDDEN = "\ufffc"
"""Stands for each character that is not prose, so that offsets hold."""


def hide_opaque(text: str, *, code_only: bool = False) -> str:
    """The text with code spans and, unless ``code_only``, link targets, HTML tags and addresses replaced one for one."""
    if not any(sign in text for sign in ("`", "](", "<", "://")):
        return text
    return (_CODE_SPAN if code_only else _OPAQUE).sub(lambda match: HIDDEN * len(match[0]), text)


def fence_of(line: str) -> str:
    """The backticks or tildes that open or close a code block on this line, else ""."""
    match = _FENCE.match(line)
    return match[1] if match else ""


def quote_prefix(line: str) -> int:
    """How many characters mark the line as part of a block quote; 0 when it is none."""
    match = _QUOTE_PREFIX.match(line)
    return match.end() if match else 0


class Block(msgspec.Struct, frozen=True):
    """A run of whole lines of one kind; ``prefixes`` are the spans of a block quote's ``>`` signs."""

    kind: Literal["prose", "code", "quote"]
    start: int
    end: int
    prefixes: tuple[tuple[int, int], ...] = ()


def blocks(text: str) -> list[Block]:
    """The blocks of a text in order; together they are all of it. A fence never closed runs to the end."""
    lines: list[Block] = []
    fence = ""
    at = 0
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        sign, prefix = fence_of(line), quote_prefix(line)
        if fence or sign:
            lines.append(Block("code", at, end))
            closes = fence and sign.startswith(fence) and not line.strip(" `~\r\n")
            fence = "" if closes else fence or sign
        elif prefix:
            lines.append(Block("quote", at, end, ((at, at + prefix),)))
        else:
            lines.append(Block("prose", at, end))
        at = end
    return [_joined(list(run)) for _, run in groupby(lines, key=lambda line: line.kind)]


def _joined(run: list[Block]) -> Block:
    prefixes = tuple(prefix for line in run for prefix in line.prefixes)
    return Block(run[0].kind, run[0].start, run[-1].end, prefixes)
