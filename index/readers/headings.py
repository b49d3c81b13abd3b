"""Which lines may be headings by their looks, and the path of headings an excerpt stands under.

Looks alone decide nothing: where a line stands (after a citation, alone) and what the document does elsewhere
are weighed by the excerpt reader.
"""

import re
from typing import Literal

Style = Literal["capitals", "title", "sentence"]

_LONGEST = 200
_LONGEST_MIXED = 100
_SENTENCE_END = re.compile(r"[.!…,;:]['\"”’)\]]*$")
_PROSE_END = re.compile(r"[.!?…][\"”’»«“‘)\]]*$")
_INITIALS_END = re.compile(r"\b(?:[A-Z]\.){2,}$")
_SPEAKER = re.compile(r"^([^\W\d_][\w.'’ -]{0,40}?)\s?:\s*\S")
_PART = re.compile(
    r"^(?:(?P<part>part|book|volume)|(?P<chapter>chapter)|(?P<section>section))\s+(?:[\divxlc]+|one|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    re.split(
        " ",
        "a an and as at but by for from if in into nor of on onto or over per the to up upon via vs with without "
        "de der des du la le und von",
    )
)
_PART_RANKS = ("part", "chapter", "section")
_STYLE_RANKS: tuple[Style, ...] = ("capitals", "title", "sentence")


def style_of(line: str) -> Style | None:
    """The style in which this line could be a heading, or None where it reads as text."""
    if len(line) > _LONGEST or line[0] in "[(“\"‘'…-–—*•" or (_SENTENCE_END.search(line) and not _INITIALS_END.search(line)):
        return None
    letters = [character for character in line if character.isalpha()]
    cased = [character for character in letters if character.isupper() or character.islower()]
    upper = sum(character.isupper() for character in cased)
    if not letters:
        return None
    if len(cased) > 1 and upper >= 0.85 * len(cased):
        return "capitals"
    if len(line) > _LONGEST_MIXED or (not line[0].isupper() and not line[0].isdigit()) or line.endswith("?"):
        return None
    return "title" if _is_title_case(line) else "sentence"


def _is_title_case(line: str) -> bool:
    words = [word.strip("“”\"'‘’()[],:;") for word in line.split()]
    weighty = [word for word in words if word and word.lower() not in _SMALL_WORDS]
    return bool(weighty) and sum(not word[0].islower() for word in weighty) >= 0.75 * len(weighty)


def ends_like_prose(line: str) -> bool:
    """Ends as sentences end, or is longer than any title."""
    return len(line) > _LONGEST or _PROSE_END.search(line) is not None


def speaker_of(line: str) -> str | None:
    """The name before a colon with which a speech begins ("YEZHOV: From 1926"), folded; None where there is none."""
    found = _SPEAKER.match(line)
    return found[1].casefold() if found and len(found[1].split()) <= 3 else None


class Outline:
    """The headings that hold at the point reached, from the outermost to the nearest."""

    def __init__(self) -> None:
        self._levels: list[tuple[int, str]] = []

    def enter(self, heading: str, style: Style) -> None:
        """A heading ends those of its own rank and below: part, chapter, section, capitals, title case, other."""
        rank = _rank(heading, style)
        self._levels = [level for level in self._levels if level[0] < rank]
        self._levels.append((rank, heading))

    @property
    def path(self) -> tuple[str, ...]:
        """The headings, outermost first."""
        return tuple(heading for _, heading in self._levels)


def _rank(heading: str, style: Style) -> int:
    part = _PART.match(heading)
    if part and part.lastgroup:
        return _PART_RANKS.index(part.lastgroup)
    return len(_PART_RANKS) + _STYLE_RANKS.index(style)
