"""CSL items from anywhere become one checked form; formatting and export read nothing else.

What a field does not say stays absent. A value of the wrong kind is refused by name rather than
guessed at, because a guessed field would end up in somebody's footnote.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from index.errors import CitationInvalid


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAME_FIELDS = _words("""
    author chair collection-editor compiler composer container-author contributor curator director editor editor-translator
    editorial-director executive-producer guest host illustrator interviewer narrator organizer original-author performer
    producer recipient reviewed-author script-writer series-creator translator
""")
DATE_FIELDS = _words("accessed available-date container event-date issued original-date submitted")
TEXT_FIELDS = _words("""
    abstract annote archive archive_collection archive_location archive-place authority call-number chapter-number
    citation-key citation-label citation-number collection-number collection-title container-title container-title-short
    dimensions division DOI edition event event-place event-title genre ISBN ISSN issue journalAbbreviation jurisdiction
    keyword language medium note number number-of-pages number-of-volumes original-publisher original-publisher-place
    original-title page page-first part-number part-title PMCID PMID printing-number publisher publisher-place references
    reviewed-genre reviewed-title scale section shortTitle source status supplement-number title title-short URL version
    volume volume-title volume-title-short year-suffix
""")
TYPES = _words("""
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset document
    entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation manuscript map
    motion_picture musical_score pamphlet paper-conference patent performance periodical personal_communication post
    post-weblog regulation report review review-book software song speech standard thesis treaty webpage
""")
LOCATOR_LABELS = _words("""
    act appendix article-locator book canto chapter column elocation equation figure folio issue line note opus page
    paragraph part rule scene section sub-verbo supplement table timestamp title-locator verse version volume
""")

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters, and the noncharacters that ``index.citations.markup`` keeps for its own marks."""

_YEAR = re.compile(r"-?[0-9]{1,4}")
_MONTHS = 12
_NOTE_LINE = re.compile(r"^([A-Za-z][A-Za-z-]+):\s+(\S.*)$", re.MULTILINE)


class Person(msgspec.Struct, frozen=True):
    """A name: a ``family`` with what goes around it, or a ``literal`` that is never taken apart."""

    family: str = ""
    given: str = ""
    dropping_particle: str = ""
    non_dropping_particle: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def surname(self) -> str:
        """The name to file and to key by: the family name, or the whole literal."""
        return self.family or self.literal


class PartialDate(msgspec.Struct, frozen=True):
    """A date as far as it is known: ``(year,)``, ``(year, month)`` or ``(year, month, day)``, a range of two, or words."""

    begin: tuple[int, ...] = ()
    end: tuple[int, ...] = ()
    literal: str = ""
    circa: bool = False
    season: int = 0

    @property
    def year(self) -> str:
        """The year for keys and filing, "" where the date is not a number."""
        return str(self.begin[0]) if self.begin else ""


class Item(msgspec.Struct, frozen=True):
    """A CSL item whose every value is of its field's kind; empty values are left out."""

    type: str
    id: str = ""
    texts: dict[str, str] = {}
    names: dict[str, tuple[Person, ...]] = {}
    dates: dict[str, PartialDate] = {}

    def text(self, field: str) -> str:
        """The field's text, or "" where the source does not give it."""
        return self.texts.get(field, "")

    def people(self, role: str) -> tuple[Person, ...]:
        """The names in this role, in order; none where the source gives none."""
        return self.names.get(role, ())

    @property
    def issued(self) -> PartialDate:
        """When it appeared; a date that says nothing where the source does not tell."""
        return self.dates.get("issued", PartialDate())


def read_item(csl: object) -> Item:
    """Checks one CSL-JSON item. Fields that CSL does not know are left out; a missing type is "document".

    Raises:
        CitationInvalid: it is not a CSL item, or a field holds a value of the wrong kind.
    """
    if not isinstance(csl, Mapping):
        raise CitationInvalid(
            f"a CSL item is {_shown(csl)}",
            rule="a CSL item is an object with a type and fields",
            remedy="give one item of CSL-JSON",
        )
    texts: dict[str, str] = {}
    names: dict[str, tuple[Person, ...]] = {}
    dates: dict[str, PartialDate] = {}
    for field, value in _with_note_read(csl).items():
        if value is None:
            continue
        if field in TEXT_FIELDS and (text := _text(field, value)):
            texts[field] = text
        elif field in NAME_FIELDS and (people := _people(field, value)):
            names[field] = people
        elif field in DATE_FIELDS and (date := _date(field, value)) != PartialDate():
            dates[field] = date
    if not (texts or names):
        raise CitationInvalid(
            "a CSL item has neither a title nor a name nor any other text",
            rule="a citation needs something to name the work by",
            remedy="give the item at least a title or an author",
        )
    return Item(_type(csl), _text("id", csl.get("id") or ""), texts, names, dates)


def _with_note_read(csl: Mapping[str, Any]) -> Mapping[str, Any]:
    """The item with the fields that the lines of its note give: "reviewed-author: Sample || Ada" (what Zotero calls "Extra").

    A field that the item has itself stays; the note keeps its other lines.
    """
    note = csl.get("note")
    if not isinstance(note, str) or _NOTE_LINE.search(note) is None:
        return csl
    said: dict[str, Any] = {}
    kept: list[str] = []
    for line in note.splitlines():
        found = _NOTE_LINE.fullmatch(line.strip())
        field = found[1] if found else ""
        if found and field in NAME_FIELDS:
            family, _, given = (part.strip() for part in found[2].partition("||"))
            said.setdefault(field, []).append({"family": family, "given": given} if given else {"literal": family})
        elif found and field in TEXT_FIELDS | DATE_FIELDS and field != "note":
            said[field] = found[2].strip()
        else:
            kept.append(line)
    return said | dict(csl) | {"note": "\n".join(kept)}


def clean(text: str) -> str:
    """One line of printable text: white space runs become one space, what cannot be encoded becomes U+FFFD."""
    encodable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(_UNPRINTABLE.sub("", encodable).split())


def _type(csl: Mapping[str, Any]) -> str:
    kind = csl.get("type") or "document"
    if not isinstance(kind, str) or kind not in TYPES:
        raise CitationInvalid(
            f"the type of a CSL item is {_shown(kind)}",
            rule=f"the types of CSL 1.0.2 are {', '.join(sorted(TYPES))}",
            remedy="use one of them, or leave the type out",
        )
    return kind


def _text(field: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(field, value, "a text or a number")
    return clean(str(value))


def _people(field: str, value: object) -> tuple[Person, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(field, value, "a list of names")
    people = [_person(field, one) for one in value]
    return tuple(person for person in people if person.surname)


def _person(field: str, value: object) -> Person:
    if not isinstance(value, Mapping):
        raise _wrong(field, value, 'a list of names, each an object such as {"family": "Sample", "given": "Ada Louise"}')
    given, family, literal = (_text(field, value.get(part) or "") for part in ("given", "family", "literal"))
    if not family:
        return Person(literal=literal or given)
    dropping, non_dropping, suffix = (
        _text(field, value.get(part) or "") for part in ("dropping-particle", "non-dropping-particle", "suffix")
    )
    return Person(family, given, dropping, non_dropping, suffix)


def _date(field: str, value: object) -> PartialDate:
    if isinstance(value, str | int) and not isinstance(value, bool):
        text = clean(str(value))
        return PartialDate((int(text),)) if _YEAR.fullmatch(text) else PartialDate(literal=text)
    if not isinstance(value, Mapping):
        raise _wrong(field, value, 'a date such as {"date-parts": [[1956, 8, 7]]}')
    parts = value.get("date-parts") or []
    if not isinstance(parts, list | tuple) or len(parts) > 2:
        raise _wrong(field, value, "a date with one or two lists of date-parts")
    begin, end = (*(_parts(field, part) for part in parts), (), ())[:2]
    circa = bool(value.get("circa"))
    if not begin:
        return PartialDate(literal=_text(field, value.get("literal") or value.get("raw") or ""), circa=circa)
    return PartialDate(begin, end, circa=circa, season=_season(field, value.get("season")))


def _parts(field: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        raise _wrong(field, value, "a date whose parts are lists such as [1956, 8, 7]")
    numbers: list[int] = []
    for part, (low, high) in zip(value, ((-9999, 9999), (1, _MONTHS), (1, 31)), strict=False):
        if part is None or part == "":
            break
        number = int(part) if isinstance(part, int) or (isinstance(part, str) and _YEAR.fullmatch(part)) else None
        if number is None or isinstance(part, bool) or not low <= number <= high:
            raise _wrong(field, value, "a date of year, month 1-12 and day 1-31")
        numbers.append(number)
    return tuple(numbers)


def _season(field: str, value: object) -> int:
    """1 to 4; reference managers also write 13 to 16 and 21 to 24, and a time of day, which is none, where they note a visit."""
    if value is None or value == "" or field == "accessed":
        return 0
    number = int(str(value)) if not isinstance(value, bool) and str(value).isdecimal() and len(str(value)) <= 2 else 0
    if number not in {1, 2, 3, 4, 13, 14, 15, 16, 21, 22, 23, 24}:
        raise _wrong(field, value, "a season from 1 to 4")
    return number % 10 - 2 if 13 <= number <= 16 else number % 20


def _wrong(field: str, value: object, expected: str) -> CitationInvalid:
    return CitationInvalid(
        f"field {field!r} of a CSL item is {_shown(value)}",
        rule=f"it is {expected}",
        remedy="correct the item or leave the field out",
    )


def _shown(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
