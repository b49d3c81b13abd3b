"""Says where a word may be cut: nowhere inside, not even at its apostrophe, hyphen, decimal comma or percent sign."""

import re
import unicodedata
from typing import Literal

from rag.quotes.fold import HYPHENS, Folded

_WORD = re.compile(r"\w+")

_PREFIX = re.compile(r"\b(?:non|un|anti|counter|pseudo|quasi|semi|half|ex|de|dis|in|re|pre|post|pro|co|self)\Z")
"""Prefixes that make another word, often its opposite, even where an en dash was set for their hyphen."""

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
    if (left.isdigit() and right in "%‰°") or (is_letter(left) and right in "+#"):
        return True
    return _joins(folded, at - 1) or _joins(folded, at) or _cuts_thousands(text, at)


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
    if joiner not in "'-.,:/&×":
        return False
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if joiner == "-" and after.isdigit() and _is_minus(folded, at):
        return True
    if not (is_letter(before) and is_letter(after)):
        return False
    if joiner in "'&":
        return True
    if joiner == "-":
        unspaced, ranges = len(folded.source(at)) == 1, before.isdigit() and after.isdigit()
        return unspaced and (ranges or dash_kind(folded, at) == "hyphen" or _PREFIX.search(text[max(0, at - 9) : at]) is not None)
    if before.isdigit() and after.isdigit():
        return True
    return joiner == "." and not is_letter(text[at - 2 : at - 1] if at > 1 else "")


def _cuts_thousands(text: str, at: int) -> bool:
    """A cut beside the space in "10 000", which is one number."""
    space = at if text[at] == " " else at - 1
    left, right = re.search(r"\d+\Z", text[max(0, space - 4) : space]), re.match(r"\d+", text[space + 1 : space + 5])
    return text[space] == " " and bool(left and right and len(left[0]) <= 3 and len(right[0]) == 3)


def _is_minus(folded: Folded, at: int) -> bool:
    """A minus stands free on its left and tight on its right: "of −5 degrees"."""
    source = folded.source(at)
    return source.strip() in ("-", "−") and not source[-1].isspace() and (at == 0 or source[0].isspace())
