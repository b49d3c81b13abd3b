"""A citation line laid bare: white space squeezed, footnote numbers, dashes and enclosing brackets taken off.

Everything here returns slices of the squeezed line, so what is read from it stands in the source.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from index.records import CslItem

LONGEST = 600
"""Longer lines are prose; no citation seen comes near (the longest has some 250 characters)."""

OPENING_QUOTES = '“"«„‘'
CLOSING_QUOTES = '”"»“’'

_LEADER = re.compile(
    r"(?:[\[(][0-9]{1,3}[\])]\s*|[0-9]{1,3}[.)]\s+|[¹²³⁰⁴-⁹]+\s*|[*†‡•·]{1,3}\s*|[—–―‒-]{1,3}\s*)"
    r"|(?:(?:Sources?|Citation|Reference)\s*:\s*|(?:Quoted|Cited) (?:in|from):? |(?:See(?: also)?|Cf\.),? (?=[A-Z]))",
    re.IGNORECASE,
)
_BACK_REFERENCE = re.compile(
    r"(?:ibid|id|idem|op\. ?cit|loc\. ?cit)\b[.,]?(?:[,:;]?\s?(?:at |p|pp|ch|vol|n|§|[0-9ivxl])[^A-Z]{0,60})?$", re.IGNORECASE
)
_PAIRS = {"(": ")", "[": "]"}
_BREAK = re.compile(r"[.?!][\"”’»)\]]?(?=\s+\S)")
_ABBREVIATIONS = frozenset(
    "st ste mt ft mr mrs dr prof gen col capt lt sgt rev hon univ pub publ co corp inc ltd bros vol vols no nos pt pts ch"
    " ed eds trans tr comp mass conn ind ill mich minn calif pa wash ore tex fla va vt ga jan feb mar apr jun jul aug sept"
    " sep oct nov dec vs etc cf pp p cap ser repr rpt assn dept govt inst intl jr sr ph op cit".split()
)


def squeeze(raw: str) -> str:
    """The line with every run of white space made one space and none at its ends."""
    return " ".join(raw.split())


def lay_bare(line: str) -> str:
    """A squeezed line without what introduces it ("12. ", "[3] ", "— ", "Source: ") or encloses it whole."""
    before = None
    while line != before:
        before = line
        leader = _LEADER.match(line)
        if leader and leader.end() < len(line):
            line = line[leader.end() :]
        line = _unwrap(line)
    return line


def is_back_reference(line: str) -> bool:
    """Whether a bare line only points at the citation before it ("Ibid., 58"); an author may be called Ibid."""
    return _BACK_REFERENCE.match(line) is not None


def _unwrap(line: str) -> str:
    body = line[:-1] if line.endswith((").", "].")) else line
    closing = _PAIRS.get(body[:1])
    if closing is None or not body.endswith(closing) or closing_bracket(body, 0) != len(body) - 1:
        return line
    return body[1:-1].strip()


def closing_bracket(text: str, start: int) -> int:
    """Where the bracket opened at ``start`` closes, or -1."""
    opening, closing = text[start], _PAIRS[text[start]]
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place
    return -1


def opening_bracket(text: str) -> int:
    """Where the bracket that closes at the end of ``text`` opens, or -1."""
    closing = text[-1:]
    opening = {")": "(", "]": "["}.get(closing)
    if opening is None:
        return -1
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == closing) - (text[place] == opening)
        if depth == 0:
            return place
    return -1


def is_initial(word: str) -> bool:
    """Whether a word without its full stop is one letter, or letters with full stops ("J", "J.R", "Ju")."""
    return (len(word) == 1 and word.isalpha()) or (len(word) > 2 and word[1::2] == "." * len(word[1::2]) and word[0].isupper())


def sentence_breaks(text: str) -> Iterator[int]:
    """Offsets just after a full stop, question or exclamation mark that ends a part; initials and abbreviations do not."""
    for found in _BREAK.finditer(text):
        start = found.start()
        if text[start] == "." and found.end() == start + 1:
            word = text[text.rfind(" ", 0, start) + 1 : start].lstrip("(['\"“‘")
            if is_initial(word) or word.lower() in _ABBREVIATIONS:
                continue
        yield found.end()


# What a reference was found to say, and how sure its shape makes us.


class Reference(msgspec.Struct, frozen=True):
    """A reference read into a CSL item; ``left_over`` are parts that found no place in it.

    ``shape`` is that of the first name ("" without one), ``quoted`` says that the title stands in quotation
    marks, ``in_brackets`` that the date or the whole imprint does: evidence for a citation, not part of it.
    """

    csl: CslItem
    left_over: tuple[str, ...] = ()
    shape: str = ""
    in_brackets: bool = False
    quoted: bool = False


def given(*fields: tuple[str, Any]) -> CslItem:
    """The fields that the source gives: those with a value that is not empty."""
    return {name: value for name, value in fields if value}


def told(parts: Iterable[str]) -> tuple[str, ...]:
    """Left-over parts worth reporting: those with a letter or digit in them."""
    return tuple(part.strip(" ,.;:") for part in parts if any(letter.isalnum() for letter in part))


# How much a line reads like running prose: finite verbs, pronouns and conjunctions in small letters.

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_TELLING = frozenset(
    """
    am is are was were be been being isn't wasn't aren't weren't has have had hasn't haven't hadn't does did do don't
    didn't doesn't will would shall should can could may might must cannot can't won't wouldn't couldn't said says told
    asked replied wrote thought knew saw came went took made gave found became began felt seemed remained stated declared
    claimed believed wanted i me we us you he him she they them it its itself himself themselves herself who whom which
    that this these those there then thus however because although though while when where if but so therefore moreover
    not no never only very more most such any some many few than also just even still already again i'm it's i've he'd his
    her their our your my what
    """.split()
)


def prose_weight(text: str) -> float:
    """The number of small-letter words that running prose is made of; titles hold one or two at most."""
    return sum(1.0 for word in _WORD.findall(text.replace("’", "'")) if word in _TELLING)
