"""The words and shapes of locators: "p.", "Vol. 13", "ch. iv", "f. 12r", "230-31", "514a–b"."""

import re
from collections.abc import Iterable

_NAMES = {
    "page": "p pp pg pgs pgg pag pags pagg pág págs page pages str стр s с",
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
    "elocation": "loc locs location locations kindle_loc kindle_locs kindle_location kindle_locations",
}
LABELS = {name.replace("_", " "): label for label, names in _NAMES.items() for name in names.split()}
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
    return r"(?!\.\s(?:1[4-9]|20)[0-9]{2}(?![0-9]))" if name.removesuffix("s") in _NAMES else ""


_DASH = r"\s?(?:[-‐-―−]|--)\s?"
_ROMAN = r"[ivxlcdm]{1,9}(?![^\W_])"
_NUMBER = rf"(?:[a-z]-?[0-9]{{1,4}}(?![^\W_])|[0-9]{{1,6}}(?:[a-hrvn](?![^\W_]))?(?![0-9])|{_ROMAN})"
_VALUE = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?(?:\s?ff?\b\.?|\s?n\.?\s?[0-9]{{1,4}}|\s+et\s+seq\.?|\s+passim)?"
_VALUES = rf"{_VALUE}(?:\s?(?:[,;&/]|\.(?=\s)|,?\s?and)\s?{_VALUE})*"
_AFTER_LABEL = r"(?:\.\s?|\s)?"
_FIRST_LETTERS = "".join(sorted({re.escape(name[0]) for name in LABELS}))
_LABEL_STARTS = rf"(?<![^\W_])(?<!['’])(?=[{_FIRST_LETTERS}])"
_FINE = _any_of(name for name in LABELS if LABELS[name] not in COARSE and name != _GERMAN_PAGE)
_COARSE_UNIT = rf"{_LABEL_STARTS}{_any_of(name for name in LABELS if LABELS[name] in COARSE)}{_AFTER_LABEL}{_VALUE}"
_FINE_UNIT = rf"{_LABEL_STARTS}{_FINE}{_AFTER_LABEL}{_VALUES}"
_GERMAN_UNIT = rf"(?<=[,;:)]\s)(?-i:S)\.\s?[0-9]{{1,3}}(?:{_DASH}[0-9]{{1,3}})?(?![0-9])f{{0,2}}"
_UNIT = rf"(?:{_COARSE_UNIT}|{_FINE_UNIT}|{_GERMAN_UNIT})"

VALUE = re.compile(_VALUE, re.IGNORECASE)
"""One page, number or range."""

RANGE = re.compile(rf"([0-9]{{1,6}})[a-z]?(?:{_DASH}([0-9]{{1,6}})[a-z]?)?")
"""One arabic page or range; groups 1 and 2 are its numbers."""

PHRASE_AT_END = re.compile(rf"{_UNIT}(?:[,;:.]?\s?{_UNIT})*\s?[.,;]?$", re.IGNORECASE)
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

WITH_NOTES_AT_END = re.compile(rf"(?<![^\W_])pp?\.\s?(?P<value>{_NUMBER}(?:{_DASH}{_NUMBER})?\s\([^()]{{2,40}}\)(?:,\s{_NUMBER}(?:{_DASH}{_NUMBER})?(?:\s\([^()]{{2,40}}\))?)*)\.?$")
"""Pages that each carry a note in brackets: "pp. 41 (no. 58), 163 (no. 201)"."""

ROMAN_VOLUME_AT_END = re.compile(rf"(?<=[0-9]{{4}}),\s(?P<volume>[IVXLC]{{1,7}}),\s(?P<value>{_VALUE})\.?$")
"""A volume in Roman figures and a page behind the year: "…, 1985, VIII, 89"."""

HERE_AT_END = re.compile(
    rf"[,;:]\s(?:here|hier|ici|qui|aquí|at|esp\.|especially)(?:\sat)?:?\s(?:(?:pp?|S)\.\s?)?(?P<value>{_VALUE})\.?$"
)
"""The page meant, behind those of the whole article: "33–47, here 41"."""

UNKNOWN_AT_END = re.compile(r"(?<=[0-9]{4}),\s(?P<value>(?=[^,;]*[0-9IVX])(?:[^\W\d_]+\.?\s)?[^\s,;:()]{1,20}(?:\s[^\s,;:()]{1,20}){0,2})\.?$")
"""What stands behind the year and holds a number, whatever its label: it is a locator that nobody can name."""

BARE_TO_END = re.compile(rf"(?:(?P<volume>[0-9]{{1,3}}):)?(?P<value>{_VALUES})[.,;]?$")
"""Pages without a label, matched where they start: "58–59", "2:58"."""

PASSAGE_AT_END = re.compile(
    r"(?:(?<=[^\W\d_])|(?<=[),]))\s"
    r"([0-9]{1,4}[a-e](?:[-–][0-9]{0,4}[a-e])?|[0-9]{1,3}(?:\.[0-9]{1,4}){1,3}(?:[-–][0-9]{1,4}(?:\.[0-9]{1,4}){0,3})?)\.?$"
)
"""How ancient texts and numbered paragraphs are cited: "514a–b", "2.37", "14.1"."""
