r"""Writes any text as Markdown that shows just that text: nothing in it becomes markup, a formula, a citation or a link.

Signs stand behind a backslash, which every chat window understands; of character references Open WebUI 0.12 shows the code.
An opening bracket needs none while no closing one can match it, and must have none: ``\[`` and ``\(`` begin a formula.
"""

import re

_SIGN = re.compile(
    r"(?P<before_bracket>\\(?=[\[(]))"
    r"|[\\`*_~|^={}\]<>$@]"
    r"|&(?=[#A-Za-z])"  # what would be a character reference
    r"|:(?=[A-Za-z:/])"  # directives, emoji, addresses
    r"|(?<=\bwww)\.",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"\A(?:[-+#]|(?P<number>\d{1,9})(?P<dot>[.)]))")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def escape(text: str) -> str:
    """The text as Markdown within a paragraph; line breaks become spaces."""
    return " ".join(filter(None, map(_line, _LINE_BREAK.split(text))))


def paragraphs(text: str) -> str:
    """The text as Markdown, line for line; an empty line parts paragraphs, as it does in the text."""
    return "\n".join(map(_line, _LINE_BREAK.split(text.strip("\r\n"))))


def block_quote(text: str) -> str:
    """The text as a block quote, line for line."""
    return "\n".join(f"> {line}".rstrip(" ") for line in paragraphs(text).split("\n"))


def _line(line: str) -> str:
    """One line, without the white space around it, which Markdown would read as code or as a line break."""
    return _BEGINNING.sub(_disarmed, _SIGN.sub(_escaped, line.strip(" \t")))


def _escaped(sign: re.Match[str]) -> str:
    return "&#92;" if sign["before_bracket"] else f"\\{sign[0]}"


def _disarmed(beginning: re.Match[str]) -> str:
    return f"{beginning['number']}\\{beginning['dot']}" if beginning["number"] else f"\\{beginning[0]}"
