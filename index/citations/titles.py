"""Titles: cut out of quotation marks, and freed of the separators around them."""

import re

import msgspec

_OPENING = re.compile(r"[“\"«„‘']")
_CLOSING = {"“": "”", '"': '"', "«": "»", "„": "“”", "‘": "’", "'": "'"}
_EDITED = re.compile(r"\b(?:eds?\.|edited)\s")
_AFTER = frozenset(("", ",", ".", ";", ":"))


class Quoted(msgspec.Struct, frozen=True):
    """A title in quotation marks, without its closing comma or full stop, and the text before and after it."""

    before: str
    title: str
    after: str


def cut_quoted(text: str) -> Quoted | None:
    """The first quotation that is a title: it opens a part of the reference, and a separator stands inside or after its end.

    “Hot Autumn” in Italy is a title that starts with a quotation, not a quoted title.
    """
    for opened in _OPENING.finditer(text):
        start = opened.start()
        if start and (text[start - 1] != " " or text[: start - 1][-1:] not in ".,:;)"):
            continue
        for end in range(start + 2, len(text)):
            if text[end] in _CLOSING[opened[0]] and _closes(text, end):
                return Quoted(text[:start].strip(), text[start + 1 : end].strip().rstrip(" ,.;"), text[end + 1 :].strip())
    return None


def _closes(text: str, end: int) -> bool:
    inside, outside = text[end - 1], text[end + 1 : end + 2]
    if text[end] in "'’" and outside.isalnum():
        return False
    if inside in ",.?!;":
        return outside in _AFTER or outside in " ("
    return (
        outside in _AFTER
        or text[end + 1 : end + 3] == " ("
        or (text.startswith(" in ", end + 1) and _EDITED.search(text, end) is not None)
    )


def trim_title(text: str) -> str:
    """A title without the separators and emphasis marks around it; question marks and brackets belong to it."""
    return text.strip(" ,;:*_").rstrip(" .,;:*_")
