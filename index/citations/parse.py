"""From a citation line as written to a citation: a CSL-JSON item, a locator, and what could not be read.

The raw line is never changed. A field the source does not give is absent, never guessed: every string
of the item stands in the line (white space aside), every number is one of its numbers.
"""

from functools import lru_cache
from typing import Any

import msgspec

from index.citations.archives import parse_verse
from index.citations.author_year import unbracket_locator
from index.citations.grammar import cut_surroundings, read_reference, with_links
from index.citations.lines import LONGEST, is_back_reference, lay_bare, squeeze
from index.citations.locator_phrases import COARSE
from index.citations.locators import Tail, Unit, cut_any_locator, expand_pages, locator
from index.citations.prose import prose_weight
from index.citations.reference import Reference
from index.records import Citation, CslItem, Locator

_MOST_PROSE = 3


class Line(msgspec.Struct, frozen=True):
    """A citation line taken apart: its reference and the locator phrase after it."""

    reference: Reference
    tail: Tail


def parse_citation(raw: str, start: int | None = None, end: int | None = None) -> Citation:
    """Parses one citation line; never raises on any text, never changes it.

    ``csl`` is None, and ``problem`` says why, when no author, title and imprint can be told apart.
    When something is left over, ``csl`` holds what is certain and ``problem`` names the rest.

    Raises:
        RecordInvalid: ``start`` and ``end`` do not span ``raw``.
    """
    line = lay_bare(squeeze(raw))
    problem = _refusal(line)
    if problem:
        return Citation(raw, start, end, problem=problem)
    verse = parse_verse(line)
    if verse:
        return Citation(raw, start, end, {"type": "classic", "title": verse[0]}, Locator("verse", verse[1]))
    read = take_apart(line)
    where = _locator(read.tail, line)
    csl, broken = _item(read, line)
    if not _is_certain(csl, read.reference.shape, where):
        return Citation(
            raw, start, end, locator=where, problem="no author, title, publisher or year can be told apart in this line"
        )
    return Citation(raw, start, end, csl, where, _problem(csl, read.reference.left_over, broken))


def take_apart(line: str) -> Line:
    """A bare line as reference and locator; references that occur again are read once."""
    text, links = cut_surroundings(line)
    tail = cut_any_locator(unbracket_locator(text))
    return Line(with_links(_read(tail.head.rstrip(" ,;:(")), links), tail)


@lru_cache(maxsize=16384)
def _read(head: str) -> Reference:
    return read_reference(head)


def _refusal(line: str) -> str:
    if not line:
        return "the line is empty"
    if len(line) > LONGEST:
        return f"the line has {len(line)} characters, which is prose, not a citation (at most {LONGEST})"
    if is_back_reference(line):
        return "the line refers to the citation before it"
    return ""


def _item(read: Line, line: str) -> tuple[CslItem, list[str]]:
    """The item, fresh, and the fields left out of it because their words do not stand together in the line.

    That happens where something was cut from the middle, a link or pages, and what stood around it is no one field.
    """
    csl: CslItem = msgspec.json.decode(msgspec.json.encode(read.reference.csl))
    for unit in read.tail.units:
        if unit.label in ("volume", "issue") and unit.label not in csl:
            csl[unit.label] = unit.value
    if _cites_whole_article(read):
        csl["page"] = read.tail.units[-1].value
    broken = [name for name, value in csl.items() if name != "type" and not _stands_in(value, line)]
    for name in broken:
        del csl[name]
    return csl, broken


def _stands_in(value: Any, line: str) -> bool:
    """Whether every string of a field is a piece of the line; numbers of dates always are."""
    if isinstance(value, str):
        return value in line
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_stands_in(part, line) for part in parts)


def _cites_whole_article(read: Line) -> bool:
    """Whether the pages at the end are those of the article itself, as in a list of references ("…, 50(1), 76–136.")."""
    csl, units = read.reference.csl, read.tail.units
    if (
        csl["type"] != "article-journal"
        or read.reference.shape != "inverted"
        or not csl.keys() & {"volume", "issue"}
        or "page" in csl
    ):
        return False
    pages = expand_pages(units[-1].value) if units and units[-1].label == "page" else ()
    return len(pages) == 1 and pages[0][0] < pages[0][1]


def _locator(tail: Tail, line: str) -> Locator | None:
    if not _is_fine(tail.units):
        return None
    where = locator(tuple(unit for unit in tail.units if unit.label not in ("volume", "issue")), tail.note)
    return where if where.value in line else None


def _is_fine(units: tuple[Unit, ...]) -> bool:
    return bool(units) and units[-1].label not in COARSE


def _is_certain(csl: CslItem, shape: str, where: Locator | None) -> bool:
    """Whether enough was told apart to call this a citation: a title and one more part, or a name and an imprint."""
    named = bool(csl.keys() & {"author", "editor", "translator", "compiler"})
    placed = bool(csl.keys() & {"publisher", "publisher-place", "issued", "URL", "DOI", "archive", "volume"})
    titled = bool(csl.keys() & {"title", "container-title", "archive"})
    if prose_weight(str(csl.get("title", ""))) > _MOST_PROSE or not (titled or named):
        return False
    if titled:
        return placed or where is not None or (named and shape != "surnames")
    return placed


def _problem(csl: CslItem, left_over: tuple[str, ...], broken: list[str]) -> str:
    told = [] if csl.keys() & {"title", "container-title", "archive"} else ["the line names no title"]
    if left_over:
        told.append(f"left over: {', '.join(repr(part) for part in left_over)}")
    if broken:
        told.append(f"no one piece of the line gives: {', '.join(broken)}")
    return "; ".join(told)
