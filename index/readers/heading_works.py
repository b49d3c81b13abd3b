"""Which work the headings over a quotation name: "Author / Title (Year)", "Author, Title (Year)" or "Title by Author".

Headings are about anything. So a manner counts only where every heading over a quotation of the document fits it.
"""

import re
from collections.abc import Callable, Sequence

from index.citations.parse import parse_citation
from index.citations.people import Names, parse_names
from index.citations.words import is_given
from index.records import Citation, CslItem, Locator

_DATED = re.compile(r"(?P<title>.*\S)\s*[(\[](?P<year>(?:1[0-9]|20)[0-9]{2})[)\]]\s*")
_BY = re.compile(r"(?P<title>.*\S)\s+(?:by|—|–)\s+(?P<author>\S.*)")
_MOSTLY = 0.5

Trail = tuple[str, ...]
_Manner = Callable[[Trail], CslItem | None]


def works_of(trails: Sequence[Trail]) -> dict[Trail, CslItem]:
    """The work that each trail of headings names; empty where they do not all name one in the same manner.

    Args:
        trails: the headings over each quotation that has no citation of its own, outermost first.
    """
    distinct = list(dict.fromkeys(trails))
    if not distinct or not all(distinct):
        return {}
    for manner in (_author_above, _in_one_line, _by):
        found = {trail: item for trail in distinct if (item := manner(trail))}
        if len(found) == len(distinct) and _are_people([_family_and_given(item) for item in found.values()]):
            return found
    return {}


def cite_heading(item: CslItem, trail: Trail, where: Locator | None, place: str) -> Citation:
    """The citation of a quotation whose work its headings name; ``place`` is its page as written."""
    raw = ", ".join(filter(None, (*trail[-2:], place.strip("()[] "))))
    return Citation(raw, csl=item, locator=where)


def _author_above(trail: Trail) -> CslItem | None:
    """The heading is a title, that above it its author."""
    if len(trail) < 2:
        return None
    names, dated = parse_names(trail[-2]), _DATED.fullmatch(trail[-1])
    if not names or (not dated and _is_person(trail[-1])):
        return None
    return _item(names, dated["title"] if dated else trail[-1], dated["year"] if dated else "")


def _in_one_line(trail: Trail) -> CslItem | None:
    parsed = parse_citation(trail[-1])
    csl = parsed.csl or {}
    return csl if csl.keys() >= {"author", "title"} and not parsed.problem and not parsed.locator else None


def _by(trail: Trail) -> CslItem | None:
    found = _BY.fullmatch(trail[-1])
    if not found:
        return None
    dated = _DATED.fullmatch(found["author"])
    names = parse_names(dated["title"] if dated else found["author"])
    return _item(names, found["title"], dated["year"] if dated else "") if names else None


def _item(names: Names, title: str, year: str) -> CslItem:
    csl: CslItem = {"type": "book", "author": names.csl(), "title": title.strip(" *_/'\"“”")}
    return csl | ({"issued": {"date-parts": [[int(year)]]}} if year else {})


def _is_person(words: str) -> bool:
    names = parse_names(words)
    return bool(names and names.shape == "direct" and is_given(words.split(maxsplit=1)[0]))


def _family_and_given(item: CslItem) -> tuple[str, bool]:
    """The first author's given name, and whether the item says a year besides, which a topic does not."""
    return str(item["author"][0].get("given", "")), "issued" in item


def _are_people(authors: Sequence[tuple[str, bool]]) -> bool:
    """Whether enough of the authors are surely people: their works are dated, or their given names common."""
    sure = sum(dated or bool(given and is_given(given.split()[0])) for given, dated in authors)
    return sure > _MOSTLY * len(authors)
