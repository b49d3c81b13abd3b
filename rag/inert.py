"""Takes the life out of Markdown that a language model wrote: no link, image, HTML or control character of it acts.

What a passage tells the model to write may reach the chat window; an image there calls its address as soon as it is shown.
Code is left as it is. Nothing is lost but addresses of links and dress: the rest is shown as it was written.
"""

import regex

from rag.markdown import LINK_TARGET, TAG, hide_opaque
from rag.records import Span

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
