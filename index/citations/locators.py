"""Locators: where in a cited work a passage stands ("p. 230-31", "vol. 2, ch. 4", "f. 12r"), with page ranges written out."""

import re

import msgspec

from index.citations.dates import parse_date
from index.citations.lines import CLOSING_QUOTES
from index.citations.locator_phrases import (
    BARE_TO_END,
    HERE_AT_END,
    LABELS,
    OTHER_AT_END,
    PAGES_INSIDE,
    PASSAGE_AT_END,
    PHRASE_AT_END,
    RANGE,
    ROMAN_VOLUME_AT_END,
    UNIT,
    UNITS,
    UNKNOWN_AT_END,
    VALUE,
    WITH_NOTES_AT_END,
)
from index.records import Locator

_NOTE = re.compile(r"\s*[\[(]([^\[\]()]{1,80})[\])]\.?$")
_ENDS_IN_YEAR = re.compile(r"(?<![0-9])(?:1[4-9]|20)[0-9]{2}$")
_BRACKETED = re.compile(r"\s\([^()]*\)")
_REACH = 160
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
    found = OTHER_AT_END.search(line, start)
    if found is not None and found.lastgroup:
        value = found[found.lastgroup].strip(" ,")
        return Tail(line[: found.start()], (Unit(found.lastgroup, value, value),), labelled=True)
    found = WITH_NOTES_AT_END.search(line, start)
    if found is not None:
        return Tail(line[: found.start()], (Unit("page", found["value"]),), labelled=True)
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
    return PHRASE_AT_END.search(line, max(0, len(line) - _REACH))


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
