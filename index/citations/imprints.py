"""Imprints: place, publisher and year at the end of a reference, whatever stands between them.

"New York: Mainstream, 1956" · "London, Allen & Unwin, 1951" · "Harvill Press,1956" · "(Boston: Little, Brown, c1993)".
"""

import re
from typing import Protocol

import msgspec

from index.citations.dates import CslDate, cut_date
from index.citations.lines import opening_bracket, sentence_breaks
from index.citations.places import could_be_place, is_city, is_region

_PUBLISHER = re.compile(
    r"\b(?:Press|Presses|Books?|Publish(?:ers?|ing)|Publications?|Pub|Verlag|Editions?|Éditions|Edizioni|Editorial|House|Inc|Ltd|Co"
    r"|Company|Sons|Brothers|Bros|Univ|University|Library|Institute|Office|HMSO|GPO|Penguin|Routledge|Knopf|Harper|Norton|Macmillan|Random"
    r"|Harcourt|Viking|Morrow|Putnam|Scribner|Heinemann|Methuen|Collins|Doubleday|Holt|Houghton|Schuster|Lippincott|Praeger|Blackwell|Sage|Palgrave"
    r"|Verso|Pantheon|Hutchinson|Gallimard|Suhrkamp|Einaudi|Secker|Allen & Unwin|Little, Brown"
    r"|Springer|Elsevier|Wiley|Pergamon|Brill|Vintage|Anchor|Faber|Gollancz|Izdatel.?stvo|Gosizdat|Politizdat|Progress)\b",
    re.IGNORECASE,
)
_THESIS = re.compile(
    r"((?:unpublished )?(?:Ph\.?\s?D\.?|D\.?Phil\.?|M\.?A\.?|master[’']s|doctoral)\s?(?:diss(?:ertation|\.)|thesis))[,.]?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?:([.?!][\"”’»)\]]?)(?=\s)|[,;](?![0-9])|(?<![0-9]):(?=\D))\s*")
_NOT_GIVEN = re.compile(r"[,.;]?\s?\[?(?<![^\W_])(?:n\.\s?[dp]|s\.\s?[la])\.?\]?,?$", re.IGNORECASE)
_LONGEST_NOT_GIVEN = 10
_ABBREVIATED = frozenset("co inc ltd bros corp publ pub univ cie".split())
_JOINED = re.compile(r"\s?(?:[,;/–-]|\band\b|&)\s?")
_STRIP = " ,.;:"
_STRIP_KEEPING_STOP = " ,;:"


class LeavesTitle(Protocol):
    """Says whether a text still holds a title once the imprint is cut off it; ``strictly`` when in doubt, no."""

    def __call__(self, text: str, *, strictly: bool) -> bool:
        """True when it does."""
        ...


class Imprint(msgspec.Struct, frozen=True):
    """A reference cut before its imprint; what is absent is "" or None.

    ``left_over`` are parts of the imprint that are neither place, publisher nor year (a street address).
    """

    head: str
    place: str = ""
    publisher: str = ""
    issued: CslDate | None = None
    dated_to_day: bool = False
    in_brackets: bool = False
    genre: str = ""
    left_over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.place or self.publisher or self.issued)


def cut_imprint(text: str, leaves_title: LeavesTitle) -> Imprint:
    """Cuts the imprint off the end; what is left before it always ``leaves_title``.

    Brackets are taken at their word; without them a colon after a place decides, then a listed
    city between commas, then the last sentence before the year ("The Paper Age. Lanternhouse, 1956").
    """
    text = _without_not_given(text.rstrip(" ,.;"))
    opened = opening_bracket(text) if text.endswith(")") else -1
    if opened >= 0:
        imprint = _bracketed(text[:opened], text[opened + 1 : -1])
        if imprint is not None:
            return imprint
    dated = cut_date(text)
    head = dated.head.rstrip(" ,;:([") if dated.issued else text
    cut = _cut_place(head, leaves_title)
    if cut is None and dated.issued and not dated.day:
        cut = _cut_publisher(head, leaves_title)
    before, place, publisher = cut or (head, "", "")
    publisher, left_over = _without_address(publisher)
    return Imprint(
        before, place, publisher, dated.issued, dated_to_day=dated.day and not (place or publisher), left_over=left_over
    )


def _without_not_given(text: str) -> str:
    """A text without "n.p., n.d." at its end: what a source says it does not know is absent, like what it does not say."""
    while (found := _NOT_GIVEN.search(text, max(0, len(text) - _LONGEST_NOT_GIVEN))) is not None and found.start():
        text = text[: found.start()].rstrip(" ,.;")
    return text


def _bracketed(before: str, inside: str) -> Imprint | None:
    dated = cut_date(inside)
    rest = (dated.head if dated.issued else inside).strip(_STRIP_KEEPING_STOP)
    if not rest:
        if dated.issued is None:
            return None
        head, place, publisher = _cut_place(before.rstrip(" ,;"), _leaves_something, with_colon_only=True) or (before, "", "")
        return Imprint(head, place, publisher, dated.issued, dated_to_day=dated.day and not place, in_brackets=True)
    thesis = _THESIS.match(rest)
    genre = thesis[1] if thesis else ""
    rest = rest[thesis.end() :] if thesis else rest
    place, colon, publisher = rest.partition(":")
    if colon:
        if any(sign in place for sign in ".?!") and not _is_places(place.strip()) and not dated.issued:
            return None
        publisher, left_over = _without_address(publisher.strip(_STRIP_KEEPING_STOP))
        return Imprint(before, place.strip(), publisher, dated.issued, in_brackets=True, genre=genre, left_over=left_over)
    if not dated.issued:
        return None
    if _is_places(rest):
        return Imprint(before, rest, "", dated.issued, in_brackets=True, genre=genre)
    city, comma, publisher = rest.partition(", ")
    if comma and is_city(city) and not genre and not is_region(publisher):
        return Imprint(before, city, publisher, dated.issued, in_brackets=True)
    publisher, left_over = _without_address(rest)
    return Imprint(before, "", publisher, dated.issued, in_brackets=True, genre=genre, left_over=left_over)


def _is_places(text: str) -> bool:
    """Whether a text names places and no more: listed cities joined in any way, or a town beside a listed state or country."""
    if is_city(text):
        return True
    first, *others = _JOINED.split(text)
    known = is_city(first) or (bool(others) and is_region(others[0]) and could_be_place(first))
    return known and all(is_city(other) or is_region(other) for other in others)


class _Part(msgspec.Struct, frozen=True):
    """A stretch of a reference between two separators, and the separators: ".", ",", ":" or "" at the ends."""

    start: int
    end: int
    text: str
    before: str
    after: str


def _parts(text: str) -> list[_Part]:
    stops = set(sentence_breaks(text))
    parts: list[_Part] = []
    start, before = 0, ""
    for found in _SEPARATOR.finditer(text):
        if found[1] and found.end(1) not in stops and not _city_follows(text, found.end()):
            continue
        end = found.end(1) if found[1] else found.start()
        after = "." if found[1] or found[0][0] == ";" else found[0][0]
        parts.append(_Part(start, end, text[start:end].strip(), before, after))
        start, before = found.end(), after
    return [*parts, _Part(start, len(text), text[start:].strip(), before, "")]


def _city_follows(text: str, start: int) -> bool:
    """Whether a listed city stands between a full stop and a colon: "… in the U.S.S.R. London: Cape"."""
    end = text.find(":", start)
    return end > 0 and is_city(text[start:end].strip())


def _leaves_something(text: str, *, strictly: bool) -> bool:
    return bool(text.strip(_STRIP)) or not strictly


def _cut_place(head: str, leaves_title: LeavesTitle, *, with_colon_only: bool = False) -> tuple[str, str, str] | None:
    parts = _parts(head)
    for wants_colon in (True,) if with_colon_only else (True, False):
        for last in range(len(parts) - 1, 0, -1):
            first = _first_of_places(parts, last, wants_colon)
            if first is None or not leaves_title(head[: parts[first].start], strictly=not wants_colon):
                continue
            publisher = head[parts[last + 1].start :].strip(_STRIP_KEEPING_STOP) if last + 1 < len(parts) else ""
            return head[: parts[first].start], head[parts[first].start : parts[last].end].strip(_STRIP_KEEPING_STOP), publisher
    return None


def _first_of_places(parts: list[_Part], last: int, wants_colon: bool) -> int | None:
    """The first of the parts that name the places ending at ``last``, or None where no place ends there."""
    part = parts[last]
    if wants_colon != (part.after == ":") or (wants_colon and last + 1 == len(parts)):
        return None
    if is_region(part.text) and part.before == "," and last > 1 and could_be_place(parts[last - 1].text):
        first = last - 1
    elif _is_places(part.text) or (wants_colon and part.before == "." and could_be_place(part.text)):
        first = last
    else:
        return None
    while first > 1 and parts[first].before == "," and is_city(parts[first - 1].text):
        first -= 1
    return first


def _cut_publisher(head: str, leaves_title: LeavesTitle) -> tuple[str, str, str] | None:
    """The last sentence before the year, or a comma part with a publisher's word in it."""
    parts = _parts(head)
    for first in range(len(parts) - 1, 0, -1):
        start = parts[first].start
        publisher = head[start:].strip(_STRIP_KEEPING_STOP)
        one_sentence = all(part.before != "." for part in parts[first + 1 :])  # not "Charles. Bleak House"
        named = parts[first].before == "." or (parts[first].before == "," and one_sentence and is_publisher(publisher))
        if named and len(publisher.split()) <= 7 and publisher[:1].isupper() and leaves_title(head[:start], strictly=True):
            return head[:start], "", publisher
    return None


def is_publisher(text: str) -> bool:
    """Whether a text holds a word that publishers' names are made of."""
    return _PUBLISHER.search(text) is not None


def _without_address(publisher: str) -> tuple[str, tuple[str, ...]]:
    """A publisher without what follows it and holds numbers, like a street and a post code."""
    parts = publisher.split(", ")
    for place, part in enumerate(parts[1:], start=1):
        if any(letter.isdigit() for letter in part):
            return ", ".join(parts[:place]), (", ".join(parts[place:]),)
    return publisher, ()


def trim_publisher(text: str) -> str:
    """A publisher without separators around it; the full stop of "Co." and "Inc." stays."""
    text = text.strip(" ,;:")
    words = text.rstrip(".").split()
    return text if words and words[-1].casefold() in _ABBREVIATED else text.rstrip(". ")
