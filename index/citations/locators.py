"""The numbers of a citation: dates ("c1996", "August 7, 1935"), and locators, which say where in a work a passage stands."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from index.citations.words import CLOSING_QUOTES, LEXICON
from index.records import Locator

# Dates of issue as citations write them ("c1996", "August 7, 1935", "1952–55", "n.d.") turned into CSL date-parts.

CslDate = dict[str, Any]

_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jän feb mär apr mai jun jul aug sept okt nov dez",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "gen febbr mar apr magg giu lug ago sett ott nov dic",
    )
    for number, name in enumerate(names.split(), start=1)
}
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
_ANY_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_MONTH = rf"(?P<month{{0}}>{_ANY_MONTH})\.?"
_YEAR = r"(?P<year{0}>1[4-9][0-9]{{2}}|20[0-9]{{2}})"
_DAY_OF_MONTH = r"(?P<day{0}>[0-3]?[0-9])(?:st|nd|rd|th)?"
_FORMS = (
    rf"{_MONTH.format(1)}\s{_DAY_OF_MONTH.format(1)},?\s{_YEAR.format(1)}",
    rf"{_DAY_OF_MONTH.format(2)}\.?\s(?:de\s)?{_MONTH.format(2)},?\s(?:de\s)?{_YEAR.format(2)}",
    rf"{_YEAR.format(3)}-(?P<number3>[01]?[0-9])-{_DAY_OF_MONTH.format(3)}",
    rf"{_YEAR.format(6)},\s{_MONTH.format(6)}(?:\s{_DAY_OF_MONTH.format(6)})?",
    rf"(?:(?:(?P<from4>{_ANY_MONTH})\.?\s?[/–-]\s?)?{_MONTH.format(4)}|(?P<season4>spring|summer|autumn|fall|winter)),?\s{_YEAR.format(4)}",
    rf"(?P<circa5>(?:ca?\.|circa|um|vers)\s?)?\[?(?:[c©]\s?)?\[?{_YEAR.format(5)}\]?(?P<suffix5>[a-z](?![^\W_]))?(?:\s?[-–/]\s?(?P<until5>[0-9]{{4}}|[0-9]{{2}}))?",
)
_DATE = "(?:" + "|".join(f"(?P<form{number}>{form})" for number, form in zip("123645", _FORMS, strict=True)) + ")"
DATE_AT_END = re.compile(rf"(?<![^\W_])(?<![0-9][-–]){_DATE}[.,;)\]\s]*$", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<![^\W_])(?<![0-9][-–/]){_DATE}(?![^\W_])", re.IGNORECASE)
_MONTH_DAY_OF_MONTH_YEAR = re.compile(r"(1[0-2]|0?[1-9])[-/](3[01]|[12][0-9]|0?[1-9])[-/]((?:1[89]|20)[0-9]{2})")
_REPRINTED = re.compile(r"\[?((?:1[4-9]|20)[0-9]{2})\]?\s?[/[(]\s?((?:1[4-9]|20)[0-9]{2})\]?")
_WHOLE = re.compile(rf"{_DATE}\.?", re.IGNORECASE)
_ANY_YEAR = re.compile(r"(?:1[4-9]|20)[0-9]{2}")
_WORD_BEFORE = re.compile(r"([^\W_]+)[\W_]*$")
_BEFORE_YEARS = {*_MONTHS, *_SEASONS, "c", "ca", "circa", "um", "vers", "de", "st", "nd", "rd", "th"}
_DATE_REACH = 48
_SIGNS = 4
_DATE_BEHIND = 16


class DatedHead(msgspec.Struct, frozen=True):
    """A text cut before the date at its end; ``issued`` is None when there is none, and ``head`` then the whole text.

    ``day`` says that the date names a month, as those of newspapers, letters and magazines do.
    """

    head: str
    issued: CslDate | None = None
    day: bool = False


def cut_date(text: str) -> DatedHead:
    """Cuts a date off the end of a text."""
    start = max(0, len(text) - _DATE_REACH)
    found = DATE_AT_END.search(text, start) if _ANY_YEAR.search(text, start) else None
    if found is None:
        return DatedHead(text)
    issued = _issued(found)
    if issued is None:
        return DatedHead(text)
    return DatedHead(text[: found.start()], issued, day=found["form5"] is None)


def parse_date(text: str) -> CslDate | None:
    """The date a text consists of, whole, or None.

    Of "1848/1978" the printing is the later year, of "1871 [1872]" the first, which the book itself gives. Numbers alone
    are month, day and year, as American writers order them.
    """
    text = text.strip()
    numbers = _MONTH_DAY_OF_MONTH_YEAR.fullmatch(text)
    if numbers:
        return {"date-parts": [[int(numbers[3]), int(numbers[1]), int(numbers[2])]]}
    reprinted = _REPRINTED.fullmatch(text)
    if reprinted:
        return {"date-parts": [[int(reprinted[1]) if "[" in text[4:] else int(reprinted[2])]]}
    found = _WHOLE.fullmatch(text)
    return _issued(found) if found else None


def find_date(text: str) -> tuple[int, int, CslDate] | None:
    """Where the last date of a text stands that names a month, else the last year, and the date itself."""
    best = None
    for found in _ANYWHERE.finditer(text):
        issued = _issued(found)
        if issued is not None and (best is None or len(issued["date-parts"][0]) >= len(best[2]["date-parts"][0])):
            best = (found.start(), found.end(), issued)
    return best


def date_spans(text: str, year: int) -> list[tuple[int, int]]:
    """Where dates of a year stand in a text."""
    spans = []
    for place in re.finditer(str(year), text):
        before = _WORD_BEFORE.search(text, max(0, place.start() - _DATE_REACH), place.start())
        alone = before is None or not (before[1].lower() in _BEFORE_YEARS or any(sign.isdigit() for sign in before[1]))
        start, stop = max(0, place.start() - (_SIGNS if alone else _DATE_REACH)), min(len(text), place.end() + _DATE_BEHIND)
        found = [*_ANYWHERE.finditer(text, start, stop), *_MONTH_DAY_OF_MONTH_YEAR.finditer(text, start, stop)]
        spans += [date.span() for date in found if place[0] in date[0]]
    return spans


def _issued(found: re.Match[str]) -> CslDate | None:
    form = next(number for number in "123456" if found[f"form{number}"])
    part = {name[:-1]: value for name, value in found.groupdict().items() if value and name.endswith(form)}
    year = int(part["year"])
    month = _MONTHS[part["month"].lower()] if "month" in part else int(part.get("number", 0))
    day = int(part.get("day", 0))
    if month > 12 or day > 31 or ("number" in part and not (month and day)):
        return None
    if "until" in part:
        until = int(part["until"]) if len(part["until"]) == 4 else year // 100 * 100 + int(part["until"])
        return {"date-parts": [[year], [until]]} if year < until else {"date-parts": [[year]]}
    issued: CslDate = {"date-parts": [[part for part in (year, month, day) if part]]}
    if "from" in part:
        issued["date-parts"].insert(0, [year, _MONTHS[part["from"].lower()]])
    if "season" in part:
        issued["season"] = _SEASONS[part["season"].lower()]
    if "circa" in part:
        issued["circa"] = True
    return issued


# The words and shapes of locators: "p.", "Vol. 13", "ch. iv", "f. 12r", "230-31", "514a–b".

LABELS = {name.replace("_", " "): label for label, names in LEXICON.locators.items() for name in names.split()}
"""CSL locator term by the ways sources write it, in small letters."""

COARSE = ("volume", "issue", "part", "book")
"""Labels that name a piece of the work; with a finer label beside them they describe the work cited."""

_NEED_FULL_STOP = frozenset("flnvс")
_GERMAN_PAGE = "s"


def _any_of(names: Iterable[str]) -> str:
    """The longest names first, so that "pp" is not read as "p"; one-letter abbreviations only with their full stop."""
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return "(?:" + "|".join(re.escape(name) + _behind(name) for name in longest_first) + ")"


def _behind(name: str) -> str:
    """A word written out takes no full stop: one before a year ends a title ("The Mill Book. 1936")."""
    if name in _NEED_FULL_STOP:
        return r"\."
    return r"(?!\.\s(?:1[4-9]|20)[0-9]{2}(?![0-9]))" if name.removesuffix("s") in LEXICON.locators else ""


_DASH = r"\s?(?:[-‐-―−]|--)\s?"
_ROMAN = r"[ivxlcdm]{1,9}(?![^\W_])"
_LETTER = "[" + "".join(sorted(set("abcdefghijklmnopqrstuvwxyz") - (LABELS.keys() - _NEED_FULL_STOP))) + "]"
"""What may stand before a number as part of it: "A12", but not "p12"."""

# Each text is read in one way only, with possessive and atomic groups: two ways for each of twenty units are a million for all.
_AFTER_NUMBER = rf"(?:[a-eghrv]|f(?={_DASH}|\s\()|n(?!\.?\s?[0-9]))(?![^\W_])"
_NUMBER = rf"(?>{_LETTER}-?[0-9]{{1,4}}(?![^\W_])|[0-9]{{1,6}}(?:{_AFTER_NUMBER})?(?![0-9])|{_ROMAN})"
_WITH_NOTE = rf"\s?n\.?\s?[0-9]{{1,4}}(?![0-9]|{_DASH}|\s?ff?\b)"
_VALUE = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?(?:\s?ff?\b\.?|{_WITH_NOTE}|\s+et\s+seq\.?|\s+passim)?+"
_POINT = r"(?:(?<=[0-9])|(?<=[0-9][a-z]))\.(?=\s)"
_VALUES = rf"{_VALUE}(?:\s?(?:[,;&/]|{_POINT}|,\s?and|and)\s?{_VALUE}){{0,30}}"
_AFTER_LABEL = r"(?:\.\s?|\s|(?![^\W\d_]))"
_FIRST_LETTERS = "".join(sorted({re.escape(name[0]) for name in LABELS}))
_LABEL_STARTS = rf"(?<![^\W_])(?<!['’])(?=[{_FIRST_LETTERS}])"
_FINE = _any_of(name for name in LABELS if LABELS[name] not in COARSE and name != _GERMAN_PAGE)
_COARSE_UNIT = rf"{_LABEL_STARTS}{_any_of(name for name in LABELS if LABELS[name] in COARSE)}{_AFTER_LABEL}{_VALUE}"
_FINE_UNIT = rf"{_LABEL_STARTS}{_FINE}{_AFTER_LABEL}{_VALUES}"
_GERMAN_UNIT = rf"(?<=[,;:)]\s)(?-i:S)\.\s?[0-9]{{1,3}}(?:{_DASH}[0-9]{{1,3}})?(?![0-9])(?:f{{1,2}}\.?)?+"
_UNIT = rf"(?:{_COARSE_UNIT}|{_FINE_UNIT}|{_GERMAN_UNIT})"

VALUE = re.compile(_VALUE, re.IGNORECASE)
"""One page, number or range."""

RANGE = re.compile(rf"([0-9]{{1,6}})[a-z]?(?:{_DASH}([0-9]{{1,6}})[a-z]?)?")
"""One arabic page or range; groups 1 and 2 are its numbers."""

PHRASE_AT_END = re.compile(rf"{_UNIT}(?:[,;:.]?\s?{_UNIT}){{0,20}}\s?[.,;]?$", re.IGNORECASE)
"""Labelled numbers up to the end of a line."""

UNIT = re.compile(rf"(?<![^\W_])({_any_of(LABELS)}){_AFTER_LABEL}({_VALUES})", re.IGNORECASE)
"""One labelled number of a phrase; group 1 is the label, group 2 the number."""

UNITS = re.compile(rf"{_UNIT}", re.IGNORECASE)
"""The labelled numbers of a phrase, one by one."""

PAGES_INSIDE = re.compile(rf"\s?[(\[](pp?\.\s?{_VALUES})[)\]](?=[.,]|$)|,\s(pp?\.\s?{_VALUES})(?=\s\(|[.;,]\s[^\W\d_a-z])")
"""Labelled pages in the middle of a reference: in brackets, or before an imprint."""

OTHER_AT_END = re.compile(
    r"[,;.:]\s(?:"
    r"(?P<timestamp>(?:at\s|min\.?\s|timestamp\s)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\s?[-–]\s?[0-9]{1,2}:[0-9]{2}:[0-9]{2})?|(?:at\s)?min\.?\s[0-9]{1,3}:[0-9]{2})"
    r"|(?P<page>passim|sigs?\.\s[A-Z*†]{1,3}[0-9]{0,2}(?:[rv]|\s?recto|\s?verso)?(?:\s?[-–]\s?[A-Z]{0,2}[0-9]{0,2}[rv]?)?)"
    r"|(?P<section>(?:(?:pt|part|div|ch|art|reg|sch|cl|ss?|sec|r)\.?\s[0-9IVX]{1,6}[A-Z]?(?:\([0-9a-z]{1,4}\))*[,\s]{0,2}){2,5}"
    r"|(?:ss?|sec|reg|cl|sch)\.?\s[0-9]{1,4}[A-Z]{0,2}(?:\([0-9a-z]{1,4}\))+)"
    r")\.?$"
)
"""Locators of other kinds, the group being the CSL label: times, signatures, sections of statutes, "passim"."""

_PAGE_WITH_NOTE = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?\s\((?:nos?|nrs?|arts?|nn?|notes?|docs?|items?|figs?)\.?\s[^()]{{1,40}}\)"
WITH_NOTES_AT_END = re.compile(
    rf"(?<![^\W_])pp?\.\s?(?P<value>{_PAGE_WITH_NOTE}(?:,\s(?:{_PAGE_WITH_NOTE}|{_NUMBER}(?:{_DASH}{_NUMBER})?))*)\.?$"
)
"""Pages that each carry a note in brackets: "pp. 41 (no. 58), 163 (no. 201)"."""

YEAR_AFTER_PAGES = re.compile(
    rf"[,.]?\s(?:pp?\.|pages?)\s?(?P<value>{_VALUE})(?P<year>[,.]\s(?:[^\W\d_a-z][a-zé]+\.?\s)?(?:1[4-9]|20)[0-9]{{2}}[a-z]?\.?)$"
)
"""Pages before the year that ends the line ("…, pp. 279–292, 2010."), which is none of them."""

ROMAN_VOLUME_AT_END = re.compile(rf"(?<=[0-9]{{4}}),\s(?P<volume>[IVXLC]{{1,7}}),\s(?P<value>{_VALUE})\.?$")
"""A volume in Roman figures and a page behind the year: "…, 1985, VIII, 89"."""

HERE_AT_END = re.compile(
    rf"[,;:]\s(?:here|hier|ici|qui|aquí|at|esp\.|especially)(?:\sat)?:?\s(?:(?:pp?|S)\.\s?)?(?P<value>{_VALUE})\.?$"
)
"""The page meant, behind those of the whole article: "33–47, here 41"."""

UNKNOWN_AT_END = re.compile(
    r"(?<=[0-9]{4}),\s(?P<value>(?=[^,;]*[0-9IVX])(?:[^\W\d_]+\.?\s)?[^\s,;:()]{1,20}(?:\s[^\s,;:()]{1,20}){0,2})\.?$"
)
"""What stands behind the year and holds a number, whatever its label: it is a locator that nobody can name."""

BARE_TO_END = re.compile(rf"(?:(?P<volume>[0-9]{{1,3}}):)?(?P<value>{_VALUES})[.,;]?$")
"""Pages without a label, matched where they start: "58–59", "2:58"."""

PASSAGE_AT_END = re.compile(
    r"(?:(?<=[^\W\d_])|(?<=[),]))\s"
    r"([0-9]{1,4}[a-e](?:[-–][0-9]{0,4}[a-e])?|[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}(?:[-–][0-9]{1,4}(?:\.[0-9]{1,4}){0,3})?)\.?$"
)
"""How ancient texts and numbered paragraphs are cited: "514a–b", "2.37", "14.1"."""


_NOTE = re.compile(r"\s{0,9}[\[(]([^\[\]()]{1,80})[\])]\.?$")
_ENDS_IN_YEAR = re.compile(r"(?<![0-9])(?:1[4-9]|20)[0-9]{2}$")
_BRACKETED = re.compile(r"\s\([^()]*\)")
_REACH = 160
_LAST_WORD = 40
_AFTER_NUMBERS = ("f", "ff", "seq", "passim")
_ROMAN_LETTERS = "ivxlcdm-‐‑‒–—―−&/,;"
_BARE_REACH = 60
_YEARS = range(1450, 2101)


class Unit(msgspec.Struct, frozen=True):
    """One labelled number of a locator phrase, and the phrase as written: ("volume", "13", "Vol. 13")."""

    label: str
    value: str
    text: str = ""


class Tail(msgspec.Struct, frozen=True):
    """A line cut before its locator: ``head`` is the rest, ``units`` in the order written, ``note`` what is added in brackets."""

    head: str
    units: tuple[Unit, ...] = ()
    note: str = ""
    labelled: bool = False


def cut_locator(line: str) -> Tail:
    """Cuts a labelled locator off the end of a squeezed line; without one, ``units`` is empty and ``head`` the line."""
    found = _find_phrase(line)
    if found is not None:
        return msgspec.structs.replace(_tail(found, 0, ""), head=line[: found.start()])
    note = _NOTE.search(line)
    if note is not None:
        found = _find_phrase(line[: note.start()])
        if found is not None:
            return msgspec.structs.replace(_tail(found, 0, note[1]), head=line[: found.start()])
    return Tail(line)


def cut_any_locator(line: str) -> Tail:
    """Cuts whichever locator a bare line has: labelled at its end, bare at its end, or printed inside it."""
    for cut in (_cut_other, cut_locator, cut_bare_locator, cut_inner_locator, _cut_passage):
        tail = cut(line)
        if tail.units:
            return tail
    return Tail(line)


def cut_here(line: str) -> Tail:
    """Cuts the page meant off the end of a line that gives an article's pages before it: "33–47, here 41"."""
    found = HERE_AT_END.search(line, max(0, len(line) - _BARE_REACH))
    if found is None or not any(sign.isdigit() for sign in line[max(0, found.start() - 6) : found.start()]):
        return Tail(line)
    return Tail(line[: found.start()], (Unit("page", found["value"]),), labelled=True)


def without_unknown_locator(line: str) -> str:
    """A line before what stands behind its year and holds a number ("…, 1985, tableau 3b"): the year must not go with it."""
    found = UNKNOWN_AT_END.search(line, max(0, len(line) - _BARE_REACH))
    return line if found is None or parse_date(found["value"]) or _is_year(found["value"]) else line[: found.start()]


def _cut_other(line: str) -> Tail:
    """Cuts times, signatures, sections of statutes, "passim", pages with notes of their own, and roman volumes."""
    start = max(0, len(line) - _REACH)
    if not (_may_end_in_number(line) or "sig" in line[start:]):
        return Tail(line)
    found = OTHER_AT_END.search(line, start)
    if found is not None and found.lastgroup:
        value = found[found.lastgroup].strip(" ,")
        return Tail(line[: found.start()], (Unit(found.lastgroup, value, value),), labelled=True)
    found = WITH_NOTES_AT_END.search(line, start)
    if found is not None:
        return Tail(line[: found.start()], (Unit("page", found["value"]),), labelled=True)
    found = YEAR_AFTER_PAGES.search(line, start)
    if found is not None:
        return Tail(line[: found.start()] + found["year"], (Unit("page", found["value"]),), labelled=True)
    found = ROMAN_VOLUME_AT_END.search(line, start)
    if found is not None:
        return Tail(line[: found.start()], (Unit("volume", found["volume"], found["volume"]), Unit("page", found["value"])))
    return Tail(line)


def cut_inner_locator(line: str) -> Tail:
    """Cuts labelled pages out of the middle: "The paper age (p. 58). Lanternhouse." or "…, p. 58 (New York: …)"."""
    found = PAGES_INSIDE.search(line)
    if found is None:
        return Tail(line)
    tail = _tail(found, 1 if found[1] else 2, "")
    return Tail(line[: found.start()] + line[found.end() :], tail.units, labelled=True)


def _cut_passage(line: str) -> Tail:
    """Cuts the numbers by which ancient texts are cited: "Republic 514a–b", "Peloponnesian War 2.37"."""
    found = PASSAGE_AT_END.search(line, max(0, len(line) - _BARE_REACH))
    if found is None or ", " not in line[: found.start()]:
        return Tail(line)
    return Tail(line[: found.start()], (Unit("section", found[1]),))


def cut_bare_locator(line: str) -> Tail:
    """Cuts unlabelled pages off the end: "…, 58–59.", "…): 45.", "…, 2:58."; a year is never taken for a page.

    Roman numbers count only after a closing bracket or a year.
    """
    for separator in (", ", ": ", ". ", "” ", '" '):
        best = Tail(line)
        start = line.rfind(separator)
        while start > 0 and len(line) - start < _BARE_REACH:
            found = BARE_TO_END.match(line, start + len(separator))
            if found is None or not _may_be_bare(line[: start + 1], separator, found):
                break
            units = (Unit("volume", found["volume"], f"vol. {found['volume']}"),) if found["volume"] else ()
            best = Tail(line[: start + (separator[0] in CLOSING_QUOTES)], (*units, Unit("page", found["value"])))
            start = line.rfind(separator, 0, start)
        if best.units:
            return best
    return Tail(line)


def locator(units: tuple[Unit, ...], note: str = "") -> Locator:
    """The record for a phrase of units: the pages, or else the last, are the locator; the others and ``note`` are its note."""
    finest = next((unit for unit in units if unit.label == "page"), units[-1])
    notes = [unit.text or unit.value for unit in units if unit is not finest]
    pages = expand_pages(finest.value) if finest.label == "page" else ()
    return Locator(finest.label, finest.value, pages, ", ".join([*notes, note] if note else notes))


def expand_pages(value: str) -> tuple[tuple[int, int], ...]:
    """Arabic pages as inclusive ranges: "230-31" is (230, 231), "98. 100" is (98, 98), (100, 100).

    A shorter second number takes the missing digits of the first. What would still run backwards, and
    roman numbers, give no range: nothing is invented.
    """
    ranges = []
    for item in VALUE.finditer(_BRACKETED.sub("", value)):
        found = RANGE.match(item[0])
        if found is None:
            continue
        first, second = found[1], found[2] or found[1]
        second = first[: max(0, len(first) - len(second))] + second
        if int(second) >= int(first):
            ranges.append((int(first), int(second)))
    return tuple(ranges)


def _find_phrase(line: str) -> re.Match[str] | None:
    return PHRASE_AT_END.search(line, max(0, len(line) - _REACH)) if _may_end_in_number(line) else None


def _may_end_in_number(line: str) -> bool:
    """Whether the last word of a line is a number, or what follows one ("ff."): far cheaper than to search for a locator."""
    last = line[-_LAST_WORD:].rstrip(" .,;)]").rpartition(" ")[2].casefold()
    return last in _AFTER_NUMBERS or any(sign.isdigit() for sign in last) or not last.strip(_ROMAN_LETTERS)


def _tail(phrase: re.Match[str], group: int, note: str) -> Tail:
    units = UNITS.finditer(phrase.string, *phrase.span(group))
    return Tail("", tuple(_unit(found[0]) for found in units), note, labelled=True)


def _unit(text: str) -> Unit:
    found = UNIT.match(text)
    assert found is not None, "every unit has a label and a number"  # noqa: S101 - the two patterns are built from the same parts
    return Unit(LABELS[found[1].lower().rstrip(".")], found[2].rstrip(".,; "), text.rstrip(".,; "))


def _may_be_bare(before: str, separator: str, found: re.Match[str]) -> bool:
    """Whether a number may be a page: never a year, and after a colon, full stop or with roman figures only behind a date."""
    rest = before.rstrip(" ,.:")
    dated = rest.endswith(")") or _ENDS_IN_YEAR.search(rest) is not None
    if not found["value"][0].isdigit() or separator in (". ", ": "):
        return dated and not (separator == ": " and _is_year(found["value"]))
    return not _is_year(found["value"]) or rest.endswith(")")


def _is_year(text: str) -> bool:
    number = re.search(r"[0-9]+", text)
    return number is not None and int(number[0]) in _YEARS
