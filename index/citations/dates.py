"""Dates of issue as citations write them ("c1996", "August 7, 1935", "1952–55", "n.d.") turned into CSL dates."""

import re
from typing import Any

import msgspec

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
_DAY = r"(?P<day{0}>[0-3]?[0-9])(?:st|nd|rd|th)?"
_FORMS = (
    rf"{_MONTH.format(1)}\s{_DAY.format(1)},?\s{_YEAR.format(1)}",
    rf"{_DAY.format(2)}\.?\s(?:de\s)?{_MONTH.format(2)},?\s(?:de\s)?{_YEAR.format(2)}",
    rf"{_YEAR.format(3)}-(?P<number3>[01]?[0-9])-{_DAY.format(3)}",
    rf"{_YEAR.format(6)},\s{_MONTH.format(6)}(?:\s{_DAY.format(6)})?",
    rf"(?:(?:(?P<from4>{_ANY_MONTH})\.?\s?[/–-]\s?)?{_MONTH.format(4)}|(?P<season4>spring|summer|autumn|fall|winter)),?\s{_YEAR.format(4)}",
    rf"(?P<circa5>(?:ca?\.|circa|um|vers)\s?)?\[?(?:[c©]\s?)?\[?{_YEAR.format(5)}\]?(?P<suffix5>[a-z](?![^\W_]))?(?:\s?[-–/]\s?(?P<until5>[0-9]{{4}}|[0-9]{{2}}))?",
)
_DATE = "(?:" + "|".join(f"(?P<form{number}>{form})" for number, form in zip("123645", _FORMS, strict=True)) + ")"
DATE_AT_END = re.compile(rf"(?<![^\W_])(?<![0-9][-–]){_DATE}[.,;)\]\s]*$", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<![^\W_])(?<![0-9][-–/]){_DATE}(?![^\W_])", re.IGNORECASE)
_MONTH_DAY_YEAR = re.compile(r"(1[0-2]|0?[1-9])[-/](3[01]|[12][0-9]|0?[1-9])[-/]((?:1[89]|20)[0-9]{2})")
_REPRINTED = re.compile(r"\[?((?:1[4-9]|20)[0-9]{2})\]?\s?[/[(]\s?((?:1[4-9]|20)[0-9]{2})\]?")
_WHOLE = re.compile(rf"{_DATE}\.?", re.IGNORECASE)
_ANY_YEAR = re.compile(r"(?:1[4-9]|20)[0-9]{2}")
_LAST_WORD = re.compile(r"([^\W_]+)[\W_]*$")
_BEFORE_YEARS = {*_MONTHS, *_SEASONS, "c", "ca", "circa", "um", "vers", "de", "st", "nd", "rd", "th"}
_REACH = 48
_SIGNS = 4
_BEHIND = 16


class DatedHead(msgspec.Struct, frozen=True):
    """A text cut before the date at its end; ``issued`` is None when there is none, and ``head`` then the whole text.

    ``day`` says that the date names a month, as those of newspapers, letters and magazines do.
    """

    head: str
    issued: CslDate | None = None
    day: bool = False


def cut_date(text: str) -> DatedHead:
    """Cuts a date off the end of a text."""
    start = max(0, len(text) - _REACH)
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
    numbers = _MONTH_DAY_YEAR.fullmatch(text)
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
        before = _LAST_WORD.search(text, max(0, place.start() - _REACH), place.start())
        alone = before is None or not (before[1].lower() in _BEFORE_YEARS or any(sign.isdigit() for sign in before[1]))
        start, stop = max(0, place.start() - (_SIGNS if alone else _REACH)), min(len(text), place.end() + _BEHIND)
        found = [*_ANYWHERE.finditer(text, start, stop), *_MONTH_DAY_YEAR.finditer(text, start, stop)]
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
