"""Reads just enough Markdown to know what an answer shows as code, as links and as block quotes.

A model's text is Markdown in the wild: half-finished, unbalanced, sometimes a megabyte of it. Everything here is linear.
"""

from itertools import groupby
from typing import Literal

import msgspec
import regex

from rag.records import Span

LINK_TARGET = r"""(?<=\])\([^()\s]{0,2000}(?:\s+(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?\)"""
"""Where a link leads; an answer never shows it."""

TAG = (
    r"""</?[a-z][a-z0-9-]*+(?:\s++[a-z_:@][\w:.@-]*+(?:\s*+=\s*+(?:"[^"<>\n]{0,300}"|'[^'<>\n]{0,300}'|[^\s"'=<>`]{1,300}+))?)*+\s*+/?>"""
    r"|<!--[^<>]{0,300}-->"
)
"""HTML; an answer shows none of it."""

_OPAQUE = regex.compile(
    rf"""{LINK_TARGET}|{TAG}|https?://[^\s<>()\[\]"“”]{{1,2000}}""",
    regex.IGNORECASE,
)
_TICKS = regex.compile(r"(?P<parting>\n[ \t]*(?=\n))|(?P<line>\n)|(?P<escape>\\*)(?P<ticks>`+)")
_FENCE = regex.compile(r"(?:`{3,}(?=[^`]*\Z)|~{3,})")
_CLOSING = regex.compile(r" {0,3}(`{3,}|~{3,})[ \t]*\r?\n?\Z")
_ANY_FENCE = regex.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,9}[.)])[ \t]+)*(?:```|~~~)", regex.MULTILINE)
_QUOTE_PREFIX = regex.compile(r"[ \t]*(?:(?:[-*+•]|\d{1,9}[.)])[ \t]+)*(?:> ?)+")

HIDDEN = "\ufffc"
"""Stands for each character that is not prose, so that offsets hold."""


def hide_opaque(text: str, *, code_only: bool = False) -> str:
    """The text with code spans and, unless ``code_only``, link targets, HTML tags and addresses replaced one for one."""
    if not any(sign in text for sign in ("`", "](", "<", "://")):
        return text
    for start, end in _code_spans(text):
        text = text[:start] + HIDDEN * (end - start) + text[end:]
    return text if code_only else _OPAQUE.sub(lambda match: HIDDEN * len(match[0]), text)


def _code_spans(text: str) -> list[tuple[int, int]]:
    """Code spans beyond doubt: on one line, and no backticks left over before them in their paragraph."""
    spans: list[tuple[int, int]] = []
    opened: regex.Match[str] | None = None
    doubtful = False
    for match in _TICKS.finditer(text):
        if match.lastgroup == "parting":
            opened, doubtful = None, False
        elif match.lastgroup == "line":
            doubtful = doubtful or opened is not None
        elif doubtful:
            continue
        elif opened is not None:
            if len(match["ticks"]) == len(opened["ticks"]):
                spans.append((opened.start("ticks"), match.end()))
                opened = None
        elif len(match["escape"]) % 2 == 0:
            opened = match
        else:
            doubtful = len(match["ticks"]) > 1
    return spans


def fence_of(line: str) -> str:
    """The backticks or tildes that open a code block on this line, else ""; they must begin it."""
    match = _FENCE.match(line)
    return match[0] if match else ""


def closes_fence(line: str, fence: str) -> bool:
    """Whether the line closes a code block that ``fence`` has opened."""
    match = _CLOSING.match(line)
    return match is not None and match[1].startswith(fence)


def may_open_fence(text: str) -> bool:
    """Whether some line could begin a code block in a list or an indentation; where that ends is hard to tell."""
    return _ANY_FENCE.search(text) is not None


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


def blocks(text: str, *, fences: bool = True) -> list[Block]:
    """The blocks of a text in order; together they are all of it. A fence never closed runs to the end.

    Without ``fences``, code is looked for elsewhere: here all is prose or quotation.
    """
    lines: list[Block] = []
    fence = ""
    at = 0
    for line in regex.findall(r"[^\n]*\n|[^\n]+\Z", text):  # not splitlines: to Markdown, other separators are none
        end = at + len(line)
        sign, prefix = fence_of(line) if fences else "", quote_prefix(line)
        if fence or sign:
            lines.append(Block("code", at, end))
            fence = "" if fence and closes_fence(line, fence) else fence or sign
        elif prefix:
            lines.append(Block("quote", at, end, ((at, at + prefix),)))
        else:
            lines.append(Block("prose", at, end))
        at = end
    return [_joined(list(run)) for _, run in groupby(lines, key=lambda line: line.kind)]


def _joined(run: list[Block]) -> Block:
    prefixes = tuple(prefix for line in run for prefix in line.prefixes)
    return Block(run[0].kind, run[0].start, run[-1].end, prefixes)


# Takes the life out of Markdown that a language model wrote: no link, image, HTML or control character of it acts.
#
# What a passage tells the model to write may reach the chat window; an image there calls its address as soon as it is shown.
# Code is left as it is. Nothing is lost but addresses of links and dress: the rest is shown as it was written.

_LIVE = regex.compile(
    rf"""
    (?P<target>{LINK_TARGET})
  | (?P<link>(?<=\])\()                                                        # any other target: never right after its bracket
  | (?P<image>!(?=\[(?!\^?\d{{1,3}}\])))
  | (?P<definition>^[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)*\K\[(?=(?:\\.|[^\[\]\\]){{1,999}}\]:)(?!\^?\d{{1,3}}\]))
  | (?P<tag>(?:{TAG}))
  | (?P<html><(?![\s\d=]))
  | (?P<override>[\u202a-\u202e\u2066-\u2069])
  | (?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n))
    """,
    regex.VERBOSE | regex.MULTILINE | regex.IGNORECASE,
)


def disarm(text: str) -> list[tuple[Span, str]]:
    """What to change, and into what, so that a text shows itself and does nothing else."""
    return [(Span(*match.span()), _inert(match)) for match in _LIVE.finditer(hide_opaque(text, code_only=True))]


def _inert(match: regex.Match[str]) -> str:
    match match.lastgroup:
        case "target" | "override":
            return ""
        case "tag":
            return " " if match[0].lower().startswith("<br") else ""
        case "control":
            return " "
        case _:
            return f"\\{match[0]}"
