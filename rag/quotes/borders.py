"""Says where a word may be cut: nowhere inside, not even at its apostrophe, hyphen, decimal comma or percent sign."""

import re
import unicodedata
from typing import Literal

from rag.quotes.fold import HYPHENS, Folded

_WORD = re.compile(r"\w+")

DashKind = Literal["hyphen", "dash", "either"]


def dash_kind(folded: Folded, at: int) -> DashKind:
    """What the dash at folded position ``at`` does: joins one word, parts two, or could do either.

    A bare hyphen between letters joins ("man-eating"); an em dash, two hyphens or anything with white space around
    it parts ("a man - eating"); an en dash without white space is used for both, and so is anything between digits.
    """
    text, source = folded.text, folded.source(at)
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before.isdigit() and after.isdigit():
        return "either"
    if len(source) > 1 or source in "—―⸺⸻﹘":
        return "dash"
    if source in HYPHENS and is_letter(before) and is_letter(after):
        return "hyphen"
    return "either"


def cuts_word(folded: Folded, at: int) -> bool:
    """Whether a cut between folded characters ``at - 1`` and ``at`` goes through a word, a number or an abbreviation."""
    text = folded.text
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if is_letter(left) and is_letter(right):
        return True
    if left.isdigit() and right in "%‰°":
        return True
    return _joins(folded, at - 1) or _joins(folded, at)


def word_spans(folded: Folded) -> list[tuple[int, int]]:
    """The words of a folded text as spans, in order; what may not be cut is one word ("U.S.S.R.", "10,000")."""
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(folded.text):
        start, end = match.span()
        if spans and cuts_word(folded, start):
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def is_letter(character: str) -> bool:
    """Whether it belongs to a word wherever it stands: letters, digits, marks, joiners; not the empty string."""
    return character.isalnum() or (character != "" and unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf", "Pc"))


def _joins(folded: Folded, at: int) -> bool:
    """Whether the character at ``at`` holds what stands left and right of it together."""
    text, joiner = folded.text, folded.text[at]
    if joiner not in "'-.,:/":
        return False
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if joiner == "-" and after.isdigit() and _is_minus(folded, at):
        return True
    if not (is_letter(before) and is_letter(after)):
        return False
    if joiner == "'":
        return True
    if joiner == "-":
        return len(folded.source(at)) == 1 and (dash_kind(folded, at) == "hyphen" or (before.isdigit() and after.isdigit()))
    if before.isdigit() and after.isdigit():
        return True
    return joiner == "." and not is_letter(text[at - 2 : at - 1] if at > 1 else "")


def _is_minus(folded: Folded, at: int) -> bool:
    """A minus stands free on its left and tight on its right: "of −5 degrees"."""
    source = folded.source(at)
    return source.strip() in ("-", "−") and not source[-1].isspace() and (at == 0 or source[0].isspace())
