r"""Writes any text as Markdown that shows just that text: nothing in it becomes markup, mathematics or a link.

Signs are written as character references or behind a backslash. Brackets and backslashes are always references: chat
windows read ``\[`` and ``\(`` as the beginning of a formula, and ``[1]`` as a citation of theirs.
"""

import re

_REFERENCED = re.compile(r"[\\\[\]<$]|&(?=[#A-Za-z])|@|:(?=[A-Za-z:/])|(?<=\bwww)\.", re.IGNORECASE)
_ESCAPED = re.compile(r"[`*_~|^={}]")
_LINE = re.compile(
    r"\A(?P<indent>[ \t]*)(?:(?P<sign>[-+#>])|(?P<number>\d{1,9})(?P<dot>[.)]))?(?P<body>(?:.*[^ \t])?)(?P<ending>[ \t]*)\Z"
)
_LINE_BREAKS = re.compile(r"\r\n|\r|\n")


def escape(text: str) -> str:
    """The text as Markdown within a paragraph; line breaks become spaces."""
    return " ".join(_line(line) for line in _LINE_BREAKS.split(text) if line)


def paragraphs(text: str) -> str:
    """The text as Markdown, line for line; an empty line parts paragraphs, as it does in the text."""
    return "\n".join(map(_line, _LINE_BREAKS.split(text.strip("\r\n"))))


def block_quote(text: str) -> str:
    """The text as a block quote, line for line."""
    return "\n".join(f"> {line}".rstrip(" ") for line in paragraphs(text).split("\n"))


def _line(line: str) -> str:
    """One line; what would mean something at its beginning or its end is disarmed too."""
    return _LINE.sub(_disarmed, line)


def _disarmed(line: re.Match[str]) -> str:
    sign = f"\\{line['sign']}" if line["sign"] else ""
    number = f"{line['number']}{_reference(line['dot'])}" if line["number"] else ""
    return _space(line["indent"]) + sign + number + _signs(line["body"]) + _space(line["ending"])


def _signs(text: str) -> str:
    return _ESCAPED.sub(r"\\\g<0>", _REFERENCED.sub(lambda sign: _reference(sign[0]), text))


def _space(space: str) -> str:
    """White space that is part of the text and neither indents nor breaks a line."""
    return "".join(map(_reference, space))


def _reference(sign: str) -> str:
    return f"&#{ord(sign)};"
