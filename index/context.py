"""What is searched beside an excerpt's own words: its headings, and who wrote it where and when."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from index.records import Citation, CslItem, Excerpt

_NEAREST_HEADINGS = 2


class Context(msgspec.Struct, frozen=True):
    """The parts of an excerpt's context; what the source does not give is ""."""

    headings: str = ""
    author: str = ""
    title: str = ""
    year: str = ""

    @property
    def line(self) -> str:
        """All parts in one line, as they are embedded together with a window."""
        source = ", ".join(part for part in (self.author, self.title, self.year) if part)
        return ". ".join(part for part in (self.headings, source) if part)


def context_of(excerpt: Excerpt) -> Context:
    """The context of an excerpt: nearest headings, family names, title and year."""
    csl = _csl(excerpt.citation)
    years = issued_years(csl)
    return Context(
        headings=". ".join(excerpt.headings[-_NEAREST_HEADINGS:]),
        author=", ".join(family_names(csl)),
        title=str(csl.get("title", "")),
        year=" ".join(dict.fromkeys(str(year) for year in years or ())),
    )


def family_names(csl: CslItem) -> list[str]:
    """Family names (or the whole name of a body) of the authors, else of the editors."""
    return [name for person in _people(csl) if (name := _text(person, "family") or _text(person, "literal"))]


def full_names(csl: CslItem) -> list[str]:
    """Given and family names of the authors, else of the editors."""
    parts = ("given", "non-dropping-particle", "dropping-particle", "family", "literal")
    return [" ".join(_text(person, part) for part in parts) for person in _people(csl)]


def issued_years(csl: CslItem) -> tuple[int, int] | None:
    """First and last year of ``issued``; None when the item gives none."""
    issued = csl.get("issued")
    dates = issued.get("date-parts") if isinstance(issued, Mapping) else None
    years = [_year(date) for date in dates] if isinstance(dates, Sequence) else []
    known = [year for year in years if year is not None]
    return (min(known), max(known)) if known else None


def _year(date: Any) -> int | None:
    """The year of a CSL date, which some tools write as text."""
    first = date[0] if isinstance(date, Sequence) and date and not isinstance(date, str) else None
    if isinstance(first, str) and first.strip().lstrip("-").isdecimal():
        return int(first)
    return first if isinstance(first, int) else None


def _csl(citation: Citation | None) -> CslItem:
    return citation.csl or {} if citation else {}


def _people(csl: CslItem) -> list[Mapping[str, Any]]:
    people = csl.get("author") or csl.get("editor") or []
    return [person for person in people if isinstance(person, Mapping)]


def _text(person: Mapping[str, Any], part: str) -> str:
    return str(person.get(part) or "")
