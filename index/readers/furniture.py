"""What stands around the excerpts of a page: its title, image captions, and links that a web page had.

Only looks are judged here; the excerpt reader decides where a line can be furniture (never inside an excerpt).
"""

import re
from collections.abc import Sequence

from index.readers.headings import style_of
from index.readers.lines import Line

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
_LONGEST = 150


def is_label(line: str) -> bool:
    """A word or two that a web page puts around its text ("Share this:", "Previous")."""
    return line.strip(_EDGES).casefold() in _LABELS


def announces_links(line: str) -> bool:
    """A label after which the titles of other pages follow."""
    return is_label(line) and _LINK_LABELS.search(line) is not None


def is_imprint(line: str) -> bool:
    """A copyright notice, an address, a date of posting, a page number or an ornament."""
    return len(line) <= _LONGEST and (_IMPRINT.match(line) is not None or _ORNAMENT.match(line) is not None)


def is_byline(line: str) -> bool:
    """Who compiled the collection ("Edited by …")."""
    return len(line) <= _LONGEST and _BYLINE.match(line) is not None


def is_title_like(line: Line) -> bool:
    """Short, alone and no sentence: a title, a caption or a link."""
    return line.alone and reads_as_title(line.text)


def reads_as_title(text: str) -> bool:
    """Short and no sentence."""
    return len(text) <= _LONGEST and (style_of(text) is not None or text.endswith("?"))


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
    return len(line) <= _LONGEST and line.casefold().startswith(stem) and _NUMBERS.match(line, number.start()) is not None
