"""Locators: where in a cited work a passage stands ("p. 230-31", "vol. 2, ch. 4", "f. 12r"), with page ranges written out."""

import re

import msgspec

from index.records import Locator

_NAMES: dict[str, str] = {
    "page": "p pp pg pgs page pages str стр",
    "volume": "vol vols volume volumes bd",
    "chapter": "ch chs chap chaps chapter chapters kap",
    "section": "§ §§ sec secs sect section sections",
    "paragraph": "¶ ¶¶ par para paras paragraph paragraphs",
    "line": "l ll line lines",
    "note": "n nn note notes",
    "folio": "f fol fols folio folios",
    "column": "col cols column columns",
    "book": "bk book",
    "part": "pt pts part parts",
    "issue": "no nos number nr №",
    "figure": "fig figs figure figures",
    "verse": "v vv verse verses",
    "act": "act",
    "scene": "scene",
    "canto": "canto",
    "article-locator": "art arts",
}
LABELS = {name: label for label, names in _NAMES.items() for name in names.split()}
"""CSL locator term by the ways sources write it, in small letters."""

COARSE = ("volume", "issue", "part", "book")
"""Labels that name a piece of the work; with a finer label beside them they describe the work cited."""

_NEED_FULL_STOP = frozenset("flnv")
_LABEL = (
    "(?:"
    + "|".join(
        re.escape(name) + (r"\." if name in _NEED_FULL_STOP else "") for name in sorted(LABELS, key=len, reverse=True)
    )
    + ")"
)
_DASH = r"\s?(?:[-‐-―−]|--)\s?"
_ROMAN = r"[ivxlcdm]{1,9}(?![^\W_])"
_NUMBER = rf"(?:[0-9]{{1,6}}(?:[a-hrvn](?![^\W_]))?(?![0-9])|{_ROMAN})"
_VALUE = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?(?:\s?ff?\b\.?|\s?n\.?\s?[0-9]{{1,4}}|\s+et\s+seq\.?|\s+passim)?"
_VALUES = rf"{_VALUE}(?:\s?(?:[,;.&/]|,?\s?and)\s?{_VALUE})*"
_UNIT = rf"(?<![^\W_])(?<!['’]){_LABEL}(?:\.\s?|\s)?{_VALUES}"
_PHRASE = re.compile(rf"{_UNIT}(?:[,;:.]?\s?{_UNIT})*\s?[.,;]?$", re.IGNORECASE)
_ONE_UNIT = re.compile(rf"(?<![^\W_])({_LABEL})(?:\.\s?|\s)?({_VALUES})", re.IGNORECASE)
_BARE = re.compile(rf"(?:(?P<volume>[0-9]{{1,3}}):)?(?P<value>{_VALUES})[.,;]?$")
_NOTE = re.compile(r"\s*[\[(]([^\[\]()]{1,80})[\])]\.?$")
_RANGE = re.compile(rf"([0-9]{{1,6}})[a-z]?(?:{_DASH}([0-9]{{1,6}})[a-z]?)?")
_ITEMS = re.compile(rf"{_VALUE}", re.IGNORECASE)
_REACH = 160
_LATEST_YEAR = 2100
_EARLIEST_YEAR = 1450


class Unit(msgspec.Struct, frozen=True):
    """One labelled number of a locator phrase: ("volume", "13")."""

    label: str
    value: str


class Tail(msgspec.Struct, frozen=True):
    """A line cut before its locator: ``head`` is all before it, ``units`` in the order written, ``note`` what is added in brackets."""

    head: str
    units: tuple[Unit, ...] = ()
    note: str = ""
    labelled: bool = False


def parse_locator(text: str) -> Locator | None:
    """The locator a text consists of, or None when it is not one, whole.

    The finest label wins and the coarser ones go to ``note``: "vol. 2, p. 5" is page 5 with the note "vol. 2".
    A number without a label ("58", "58–59", "xi") is a page. "2:58" is page 58 of volume 2.
    """
    tail = cut_locator(" ".join(text.split()))
    if tail.units and not tail.head:
        return locator(tail.units, tail.note)
    bare = _BARE.match(" ".join(text.split()))
    if bare is None:
        return None
    note = f"vol. {bare['volume']}" if bare["volume"] else ""
    return Locator("page", bare["value"], expand_pages(bare["value"]), note)


def cut_locator(line: str) -> Tail:
    """Cuts a labelled locator off the end of a squeezed line; without one, ``units`` is empty and ``head`` the line."""
    found = _find_phrase(line)
    if found is not None:
        return _tail(line, found, "")
    note = _NOTE.search(line)
    if note is not None:
        found = _find_phrase(line[: note.start()])
        if found is not None:
            return _tail(line, found, note[1])
    return Tail(line)


def cut_bare_locator(line: str) -> Tail:
    """Cuts unlabelled pages off the end: "…, 58–59.", "…): 45.", "…, 2:58."; a year is never taken for a page.

    Roman numbers count only after a closing bracket or a year.
    """
    best = Tail(line)
    for separator in (", ", ": "):
        start = line.rfind(separator)
        while start > 0 and len(line) - start < 60:
            found = _BARE.match(line, start + len(separator))
            if found is None or not _may_be_bare(line[:start], separator, found):
                break
            units = (Unit("volume", found["volume"]),) if found["volume"] else ()
            best = Tail(line[:start], (*units, Unit("page", found["value"])))
            start = line.rfind(separator, 0, start)
        if best.units:
            return best
    return best


def locator(units: tuple[Unit, ...], note: str = "") -> Locator:
    """The record for a phrase of units: the finest (last) is the locator, the others and ``note`` are its note."""
    *coarser, finest = units
    notes = [f"{unit.label} {unit.value}" for unit in coarser]
    pages = expand_pages(finest.value) if finest.label == "page" else ()
    return Locator(finest.label, finest.value, pages, ", ".join([*notes, note] if note else notes))


def expand_pages(value: str) -> tuple[tuple[int, int], ...]:
    """Arabic pages as inclusive ranges: "230-31" is (230, 231), "98. 100" is (98, 98), (100, 100).

    A shorter second number takes the missing digits of the first. What would still run backwards, and
    roman numbers, give no range: nothing is invented.
    """
    ranges = []
    for item in _ITEMS.finditer(value):
        found = _RANGE.match(item[0])
        if found is None:
            continue
        first, second = found[1], found[2] or found[1]
        second = first[: max(0, len(first) - len(second))] + second
        if int(second) >= int(first):
            ranges.append((int(first), int(second)))
    return tuple(ranges)


def _find_phrase(line: str) -> re.Match[str] | None:
    return _PHRASE.search(line, max(0, len(line) - _REACH))


def _tail(line: str, phrase: re.Match[str], note: str) -> Tail:
    units = tuple(
        Unit(LABELS[found[1].lower().rstrip(".")], found[2].rstrip(".,; ")) for found in _ONE_UNIT.finditer(phrase[0])
    )
    return Tail(line[: phrase.start()], units, note, labelled=True)


def _may_be_bare(before: str, separator: str, found: re.Match[str]) -> bool:
    after_imprint = before.endswith(")") or before[-4:].isdigit()
    first = found["value"][:1]
    if not first.isdigit():
        return after_imprint
    if separator == ": " or _is_year(found["value"]):
        return after_imprint and before.endswith(")")
    return True


def _is_year(text: str) -> bool:
    number = re.search(r"[0-9]+", text)
    return number is not None and _EARLIEST_YEAR <= int(number[0]) <= _LATEST_YEAR
