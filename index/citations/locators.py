"""Locators: where in a cited work a passage stands ("p. 230-31", "vol. 2, ch. 4", "f. 12r"), with page ranges written out."""

import re

import msgspec

from index.citations.lines import CLOSING_QUOTES
from index.records import Locator

_NAMES: dict[str, str] = {
    "page": "p pp pg pgs page pages str стр s",
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
        re.escape(name) + (r"\." if name in _NEED_FULL_STOP else "") for name in sorted(LABELS, key=len, reverse=True) if name != "s"
    )
    + ")"
)
_DASH = r"\s?(?:[-‐-―−]|--)\s?"
_ROMAN = r"[ivxlcdm]{1,9}(?![^\W_])"
_NUMBER = rf"(?:[0-9]{{1,6}}(?:[a-hrvn](?![^\W_]))?(?![0-9])|{_ROMAN})"
_VALUE = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?(?:\s?ff?\b\.?|\s?n\.?\s?[0-9]{{1,4}}|\s+et\s+seq\.?|\s+passim)?"
_VALUES = rf"{_VALUE}(?:\s?(?:[,;.&/]|,?\s?and)\s?{_VALUE})*"
_COARSE = "(?:" + "|".join(sorted((re.escape(name) for name, label in LABELS.items() if label in COARSE), key=len, reverse=True)) + ")"
_LEFT = r"(?<![^\W_])(?<!['’])"
_COARSE_UNIT = rf"{_LEFT}{_COARSE}(?:\.\s?|\s)?{_VALUE}"
_UNIT = rf"(?:{_COARSE_UNIT}|{_LEFT}{_LABEL}(?:\.\s?|\s)?{_VALUES}|(?<=[,;:)]\s)(?-i:S)\.\s?[0-9]{{1,3}}(?:{_DASH}[0-9]{{1,3}})?(?![0-9])f{{0,2}})"
_PHRASE = re.compile(rf"{_UNIT}(?:[,;:.]?\s?{_UNIT})*\s?[.,;]?$", re.IGNORECASE)
_ONE_UNIT = re.compile(rf"{_LEFT}(?:({_LABEL}|(?-i:S)\.)(?:\.\s?|\s)?({_VALUES}))", re.IGNORECASE)
_PRINTED = re.compile(rf"\s?[(\[](pp?\.\s?{_VALUES})[)\]](?=[.,]|$)|,\s(pp?\.\s?{_VALUES})(?=\s\(|[.;,]\s[^\W\d_])")
_BARE = re.compile(rf"(?:(?P<volume>[0-9]{{1,3}}):)?(?P<value>{_VALUES})[.,;]?$")
_NOTE = re.compile(r"\s*[\[(]([^\[\]()]{1,80})[\])]\.?$")
_RANGE = re.compile(rf"([0-9]{{1,6}})[a-z]?(?:{_DASH}([0-9]{{1,6}})[a-z]?)?")
_ITEMS = re.compile(rf"{_VALUE}", re.IGNORECASE)
_ENDS_IN_YEAR = re.compile(r"(?<![0-9])(?:1[4-9]|20)[0-9]{2}$")
_REACH = 160
_BARE_REACH = 60
_LATEST_YEAR = 2100
_EARLIEST_YEAR = 1450


class Unit(msgspec.Struct, frozen=True):
    """One labelled number of a locator phrase, and the phrase as written: ("volume", "13", "Vol. 13")."""

    label: str
    value: str
    text: str = ""


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
        return msgspec.structs.replace(_tail(found[0], ""), head=line[: found.start()])
    note = _NOTE.search(line)
    if note is not None:
        found = _find_phrase(line[: note.start()])
        if found is not None:
            return msgspec.structs.replace(_tail(found[0], note[1]), head=line[: found.start()])
    return Tail(line)


def cut_any_locator(line: str) -> Tail:
    """Cuts whichever locator a bare line has: labelled at its end, bare at its end, or printed inside it."""
    for cut in (cut_locator, cut_bare_locator, cut_inner_locator):
        tail = cut(line)
        if tail.units:
            return tail
    return Tail(line)


def cut_inner_locator(line: str) -> Tail:
    """Cuts labelled pages out of the middle: "The Stalin era (p. 58). Mainstream." or "…, p. 58 (New York: …)"."""
    found = _PRINTED.search(line)
    if found is None:
        return Tail(line)
    tail = _tail(found[1] or found[2], "")
    return Tail(line[: found.start()] + line[found.end() :], tail.units, labelled=True)


def cut_bare_locator(line: str) -> Tail:
    """Cuts unlabelled pages off the end: "…, 58–59.", "…): 45.", "…, 2:58."; a year is never taken for a page.

    Roman numbers count only after a closing bracket or a year.
    """
    for separator in (", ", ": ", ". ", "” ", "\" "):
        best = Tail(line)
        start = line.rfind(separator)
        while start > 0 and len(line) - start < _BARE_REACH:
            found = _BARE.match(line, start + len(separator))
            if found is None or not _may_be_bare(line[: start + 1], separator, found):
                break
            units = (Unit("volume", found["volume"], f"vol. {found['volume']}"),) if found["volume"] else ()
            best = Tail(line[: start + (separator[0] in CLOSING_QUOTES)], (*units, Unit("page", found["value"])))
            start = line.rfind(separator, 0, start)
        if best.units:
            return best
    return Tail(line)


def locator(units: tuple[Unit, ...], note: str = "") -> Locator:
    """The record for a phrase of units: the finest (last) is the locator, the others and ``note`` are its note."""
    *coarser, finest = units
    notes = [unit.text or unit.value for unit in coarser]
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


def _tail(phrase: str, note: str) -> Tail:
    units = tuple(
        Unit(LABELS[found[1].lower().rstrip(".")], found[2].rstrip(".,; "), found[0].rstrip(".,; ")) for found in _ONE_UNIT.finditer(phrase)
    )
    return Tail("", units, note, labelled=True)


def _may_be_bare(before: str, separator: str, found: re.Match[str]) -> bool:
    """Whether a number may be a page: never a year, and after a colon, full stop or with roman figures only behind a date."""
    rest = before.rstrip(" ,.:")
    dated = rest.endswith(")") or _ENDS_IN_YEAR.search(rest) is not None
    if not found["value"][0].isdigit() or separator == ". ":
        return dated
    if separator == ": ":
        return rest.endswith(")")
    return not _is_year(found["value"]) or rest.endswith(")")


def _is_year(text: str) -> bool:
    number = re.search(r"[0-9]+", text)
    return number is not None and _EARLIEST_YEAR <= int(number[0]) <= _LATEST_YEAR
