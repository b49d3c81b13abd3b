"""Which lines may be headings by their looks, and the path of headings an excerpt stands under.

Looks alone decide nothing: where a line stands (after a citation, alone) and what the document does elsewhere
are weighed by the excerpt reader.
"""

import re
from collections.abc import Sequence
from typing import Literal

from index.readers.lines import Line

Style = Literal["capitals", "title", "sentence"]

_LONGEST = 200
_LONGEST_MIXED = 100
_SENTENCE_END = re.compile(r"[.!…,;:]['\"”’)\]]*(?:\s?\[\d{1,3}\])?$")
_PROSE_END = re.compile(r"[.!?…][\"”’»«“‘)\]]*(?:\s?\[\d{1,3}\])?$")
_PLACED_END = re.compile(
    r"[.!?…][\"”’»]*\s+[(\[](?:pp?\.|pages?|seiten?|s\.|fols?\.|ff?\.|loc(?:ation)?\.?|§)\s*[\divxlc][^()\[\]]{0,40}[)\]]\.?$",
    re.IGNORECASE,
)
"""A finished sentence with its page behind it."""

_INITIALS_END = re.compile(r"(?<![A-Z]\.)\b(?:[A-Z]\.){2,}$")
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
    if _PLACED_END.search(line):
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


# What stands around the excerpts of a page: its title, image captions, and links that a web page had.
#
# Only looks are judged here; the excerpt reader decides where a line can be furniture (never inside an excerpt).

_LABELS = frozenset(
    re.split(
        r"\s*\|\s*",
        """share this|share this page|share|share on facebook|share on twitter|like this|like|loading|print|email|e-mail|tweet|
        facebook|twitter|subscribe|follow|more|continue reading|read more|related|related posts|related articles|advertisement|
        advertisements|post navigation|leave a comment|leave a reply|cancel reply|comments|no comments|skip to content|
        table of contents|contents|home|menu|search|tags|categories|previous|next|previous post|next post|previous page|next page|
        previous chapter|next chapter|previous article|next article|older posts|newer posts|back|back to top|back to contents|
        top|up|end|the end""",
    )
)
_LINK_LABELS = re.compile(r"previous|next|related|older|newer|navigation|contents|up", re.IGNORECASE)
_ORNAMENT = re.compile(r"[^\w“”\"'‘’.?!]+$")
_IMPRINT = re.compile(
    r"(?:©|\(c\)|copyright\b)|https?://\S+$|www\.\S+$|all rights reserved"
    r"|(?:posted|published|filed|tagged|uploaded|last updated) (?:on|in|by|under|as)?\b.{0,80}$"
    r"|(?:-\s*)?(?:page\s+)?\d{1,4}(?:\s+of\s+\d+)?(?:\s*-)?$|\d+ (?:comments?|responses?|likes?)$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:by|edited by|compiled by|collected by|selected by|selections? from|translated by|a collection of)\b", re.IGNORECASE
)
_EDGES = " \t:.«»<>←→‹›|–—-[](){}*"
_NUMBERS = re.compile(r"\b(?:\d+|[ivxlc]+)\b", re.IGNORECASE)
_FURNITURE_LONGEST = 150


def is_label(line: str) -> bool:
    """A word or two that a web page puts around its text ("Share this:", "Previous")."""
    return line.strip(_EDGES).casefold() in _LABELS


def announces_links(line: str) -> bool:
    """A label after which the titles of other pages follow."""
    return is_label(line) and _LINK_LABELS.search(line) is not None


def is_imprint(line: str) -> bool:
    """A copyright notice, an address, a date of posting, a page number or an ornament."""
    return len(line) <= _FURNITURE_LONGEST and (_IMPRINT.match(line) is not None or _ORNAMENT.match(line) is not None)


def is_byline(line: str) -> bool:
    """Who compiled the collection ("Edited by …")."""
    return len(line) <= _FURNITURE_LONGEST and _BYLINE.match(line) is not None


def is_title_like(line: Line) -> bool:
    """Short, alone and no sentence: a title, a caption or a link."""
    return line.alone and reads_as_title(line.text)


def reads_as_title(text: str) -> bool:
    """Short and no sentence."""
    return len(text) <= _FURNITURE_LONGEST and (style_of(text) is not None or text.endswith("?"))


def is_caption(lines: Sequence[Line], at: int) -> bool:
    """Page scrapers write an image's caption and its alternative text: the same line twice, each alone."""
    line = lines[at]
    beside = (lines[other] for other in (at - 1, at + 1) if 0 <= other < len(lines))
    return is_title_like(line) and any(other.alone and other.text == line.text for other in beside)


def is_of_series(line: str, title: str) -> bool:
    """The title of another part: the same words as this document's title up to its first number, and a number."""
    number = _NUMBERS.search(title)
    if not number or len(title[: number.start()].split()) < 2:
        return False
    stem = title[: number.start()].casefold()
    return (
        len(line) <= _FURNITURE_LONGEST and line.casefold().startswith(stem) and _NUMBERS.match(line, number.start()) is not None
    )
