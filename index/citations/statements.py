"""Statements of responsibility and of publication: editors and translators by their roles; place, publisher and year.

"New York: Mainstream, 1956" · "London, Allen & Unwin, 1951" · "Harvill Press,1956" · "(Boston: Little, Brown, c1993)".
"""

import re
from typing import Protocol

import msgspec

from index.citations.locators import CslDate, cut_date, parse_date
from index.citations.people import Names, parse_names
from index.citations.words import could_be_place, is_city, is_initial, is_publisher, is_region, opening_bracket, sentence_breaks
from index.records import CslItem

_THESIS = re.compile(
    r"((?:unpublished )?(?:Ph\.?\s?D\.?|D\.?Phil\.?|M\.?A\.?|master[’']s|doctoral)\s?(?:diss(?:ertation|\.)|thesis))[,.]?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?:([.?!][\"”’»)\]]?)(?=\s)|[,;](?![0-9])|(?<![0-9]):(?=\D))\s*")
_NOT_GIVEN = re.compile(
    r"[,.;]?\s?\[?(?<![^\W_])(?:(?:n\.\s?[dp]|s\.\s?[la])\.?"
    r"|forthcoming|in press|im Erscheinen|à paraître|in corso di stampa|en prensa)\]?,?$",
    re.IGNORECASE,
)
_LONGEST_NOT_GIVEN = 24
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
    first, _, second = inside.partition("; ")
    if ":" in first and ":" in second and cut_date(first).issued and cut_date(second).issued:
        imprint = _bracketed(before, first)
        return msgspec.structs.replace(imprint, left_over=(*imprint.left_over, second)) if imprint else None
    dated = cut_date(inside)
    rest = (dated.head if dated.issued else _without_not_given(inside)).strip(_STRIP_KEEPING_STOP)
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
    region = part.before == "," and is_region(part.text) and part.text[0].isupper()  # "in:" is not Indiana
    if region and last > 1 and could_be_place(parts[last - 1].text):
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


# Editions and volumes: "2nd ed.", "40th anniversary ed.", "vol. 13", "3 vols.".

_KIND = (
    r"rev(?:ised|\.)?|new|enl(?:arged|\.)|expanded|abridged|updated|reprint|international|paperback|student|anniversary|english"
    r"|critical|corrected|illustrated|centenary|american|british"
)
_EDITION = re.compile(
    rf"(?:[,.;]\s*+|(?<!\s)\s++)?[(\[]?(?<![^\W_])((?:[0-9]{{1,3}}(?:st|nd|rd|th|d)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|{_KIND})"
    rf"(?:[\s,]+(?:and\s|&\s)?(?:{_KIND})){{0,4}})\sed(?:ition|n|\.)?(?![^\W_])\.?[)\]]?$",
    re.IGNORECASE,
)
_VOLUMES = re.compile(r"[,.;]?\s{0,9}(?<![^\W_])([0-9]{1,3})\s{1,9}vols?\.?$", re.IGNORECASE)
_VOLUME = re.compile(
    r"[,.;]?\s{0,9}\(?(?<![^\W_])(?:vol(?:ume|s)?|bd|tome?)\.?\s*([0-9]{1,3}(?:[-–][0-9]{1,3})?|[IVXLC]{1,7})(?![^\W_])\.?\)?$",
    re.IGNORECASE,
)
_ANY = ("ed", "vol", "bd", "tom")
_ENDS = {"edition": ("ed", "edn", "edition"), "number_of_volumes": ("vol", "vols")}
_ROMAN = frozenset("IVXLCivxlc")
_PATTERNS = (("edition", _EDITION), ("volume", _VOLUME), ("number_of_volumes", _VOLUMES))
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th|d)$", re.IGNORECASE)
_EXTENTS_REACH = 90


class Extent(msgspec.Struct, frozen=True):
    """A text without the edition and volume at its end; each "" where the source has none."""

    rest: str
    edition: str = ""
    volume: str = ""
    number_of_volumes: str = ""

    def joined(self, other: "Extent") -> "Extent":
        """This extent, completed from another; the text stays this one's."""
        return Extent(
            self.rest,
            self.edition or other.edition,
            self.volume or other.volume,
            self.number_of_volumes or other.number_of_volumes,
        )


def cut_extent(text: str) -> Extent:
    """Cuts edition and volume off the end of a text, in any order. A mere ordinal is given as its number: "2nd ed." is 2."""
    tail = text[-_EXTENTS_REACH:].casefold()
    if not any(word in tail for word in _ANY):
        return Extent(text)
    found: dict[str, str] = {}
    rest = text.rstrip(" ,;")
    while True:
        for name, pattern in _PATTERNS:
            may = name not in found and _may_end_in(name, rest)
            last = pattern.search(rest, max(0, len(rest) - _EXTENTS_REACH)) if may else None
            if last is not None and last.start():
                found[name] = last[1]
                rest = rest[: last.start()]
                break
        else:
            break
    ordinal = _ORDINAL.match(found.get("edition", ""))
    if ordinal:
        found["edition"] = ordinal[1]
    return Extent(rest if found else text, **found)


def _may_end_in(name: str, text: str) -> bool:
    """Whether the last letters of a text allow an edition or a volume there: far cheaper than to look for one."""
    end = text.rstrip(").]")
    if name == "volume":
        return end[-1:].isdigit() or end[-1:] in _ROMAN
    return end[-7:].casefold().endswith(_ENDS[name])


# Links in a reference: URL, DOI and the day they were read, taken out so that the rest reads like print.

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>“”\"]+|\bdoi:\s?(10\.[0-9]{4,9}/[^\s<>“”\"]+)", re.IGNORECASE)
_DOI = re.compile(r"doi\.org/(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_DATABASE = re.compile(
    r"[.,]\s(JSTOR|Project MUSE|ProQuest|Google Books|EBSCOhost|HathiTrust|Internet Archive)[.,]?$", re.IGNORECASE
)
_ACCESSED = re.compile(
    r"[,.;]?\s{0,9}[(\[]?(?:last )?(?:accessed|retrieved|viewed|consulted|visited)(?: on)?:? "
    r"((?:[^,.()\[\]]|(?<=\b[a-z]{3})\.|(?<=\bsept)\.){3,20}(?:,? [0-9]{4})?)[)\]]?[.,;]*(?: from:?)?",
    re.IGNORECASE,
)
_ACCESSED_WORDS = ("accessed", "retrieved", "viewed", "consulted", "visited")
_WEB = re.compile(r"(?<=[.,”’\"]) Web\. ([^,()\[\]]{8,20}[0-9]{4})\.?$")
"""How the seventh edition of the MLA Handbook gives the medium and the day of access, with no address."""


def cut_links(text: str) -> tuple[str, CslItem]:
    """The text without its first link and the date of access, and what these say: URL, DOI, accessed."""
    link = _LINK.search(text) if "://" in text or "www." in text.casefold() or "doi" in text.casefold() else None
    if link is None:
        return _links_without_address(text)
    address = link[0].rstrip(".,;:)>]’”'\"")
    item: CslItem = {}
    if link[1]:
        item["DOI"] = address[link.start(1) - link.start() :]
    else:
        item["URL"] = address
        doi = _DOI.search(address)
        if doi:
            item["DOI"] = doi[1]
    before = text[: link.start()].rstrip(" <([")
    after = text[link.start() + len(address) :].lstrip(" >)].,;")
    before, before_date = _cut_accessed(before)
    after, after_date = _cut_accessed(after)
    database = _DATABASE.search(before)
    if database:
        item["source"] = database[1]
        before = before[: database.start() + 1]
    if before_date or after_date:
        item["accessed"] = before_date or after_date
    return f"{before} {after}".strip() if after else before, item


def _links_without_address(text: str) -> tuple[str, CslItem]:
    on_the_web = _WEB.search(text) if " Web. " in text else None
    date = parse_date(on_the_web[1]) if on_the_web else None
    if on_the_web and date:
        return text[: on_the_web.start()], {"accessed": date}
    rest, date = _cut_accessed(text)
    return rest, {"accessed": date} if date else {}


def _cut_accessed(text: str) -> tuple[str, CslItem | None]:
    small = text.casefold()
    found = _ACCESSED.search(text) if any(word in small for word in _ACCESSED_WORDS) else None
    date = parse_date(found[1].strip(" ,")) if found else None
    if found is None or date is None:
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip(), date


# Editors and translators: the words that give a name its role, beside an author's name or inside a title.

_ROLES_WORD = (
    r"(?:eds?|editors?|edited|trans|tr|transl|translators?|translated|comps?|compilers?|compiled"
    r"|directed|introd?|introduced)"
)
_ROLE_WORDS = rf"{_ROLES_WORD}\.?(?:\s?(?:,|,?\s?and|&|/)\s?{_ROLES_WORD}\.?(?![^\W_])){{0,4}}"
_ANY_ROLE = re.compile(r"(?<![^\W_])(?:ed|trans|tr|comp|dir|intro)", re.IGNORECASE)
_AFTER_NAME = re.compile(rf"[.,]?\s{{0,9}}[\[(]?(?<![^\W_])({_ROLE_WORDS})[\])]?[.,:]?(?=\s|$)", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?:^|(?<=[.,;?!”\"’)])\s+|[.,;]\s+|\s\(|\s(?:and|&)\s(?=(?:eds?\.|edited by|trans\.|transl\.|translated by)\s))"
    rf"((?:{_ROLE_WORDS})(?:\s+by)?):?\s+",
    re.IGNORECASE,
)
_TRAILING = re.compile(rf",?\s[\[(]?({_ROLE_WORDS})[\])]?[.,]?$", re.IGNORECASE)
_LAST_ROLE = 50
_CLAUSE_END = re.compile(r"[,.;)]|$")
_ROLES_REACH = 200
_ROLES = (
    ("editor", re.compile(r"\bed", re.IGNORECASE)),
    ("translator", re.compile(r"\btr", re.IGNORECASE)),
    ("compiler", re.compile(r"\bcomp", re.IGNORECASE)),
    ("director", re.compile(r"\bdirected", re.IGNORECASE)),
)


class Contributors(msgspec.Struct, frozen=True):
    """Names in one or more roles, and where in the text their clause stands."""

    roles: tuple[str, ...]
    names: Names
    start: int
    end: int


def roles_of(words: str) -> tuple[str, ...]:
    """CSL variables for role words: "Trans. and Ed." gives editor and translator."""
    return tuple(role for role, pattern in _ROLES if pattern.search(words))


def leading_contributors(text: str) -> Contributors | None:
    """Names at the start of a reference that carry a role: "Shore, Steven, trans. …", "Lund and Uhl. Trans. and Ed. …"."""
    if not _ANY_ROLE.search(text, 2, _ROLES_REACH):
        return None
    for found in _AFTER_NAME.finditer(text, 0, _ROLES_REACH):
        if found.start() < 2 or not roles_of(found[1]):
            continue
        stop = text[found.start()] == "." and is_initial(text[: found.start()].rpartition(" ")[2])
        names = parse_names(text[: found.start() + stop].strip(" ,"))
        if names is None:
            return None
        return Contributors(roles_of(found[1]), names, 0, found.end())
    return None


def inner_contributors(text: str) -> Contributors | None:
    """The last clause such as "translated by Vera A. Storm" or "ed. J. Arch Rowe and Roberta Manley" inside a text."""
    last = None
    if not _ANY_ROLE.search(text):
        return None
    for found in _CLAUSE.finditer(text):
        if not roles_of(found[1]) or text[found.end() : found.end() + 1].islower():
            continue
        best = None
        for end in _CLAUSE_END.finditer(text, found.end()):
            names = parse_names(text[found.end() : end.start()])
            if names is not None and names.shape != "corporate":
                best = Contributors(roles_of(found[1]), names, found.start(), end.start())
            elif best is not None or end.start() - found.end() > 120:
                break
        last = best or last
    return last or _trailing_contributors(text)


def _trailing_contributors(text: str) -> Contributors | None:
    """Names that are a sentence of their own at the end of a text, with their role: "… The Notebook. Ann Crane, ed."."""
    found = _TRAILING.search(text, max(0, len(text) - _LAST_ROLE))
    breaks = list(sentence_breaks(text[: found.start()])) if found else []
    if found is None or not breaks or not roles_of(found[1]):
        return None
    names = parse_names(text[breaks[-1] : found.start()].strip(" ,"))
    if names is None or names.shape not in ("direct", "inverted"):
        return None
    return Contributors(roles_of(found[1]), names, breaks[-1], len(text))
