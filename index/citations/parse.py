"""From a citation line as written to a citation: a CSL-JSON item, a locator, and what could not be read.

The raw line is never changed. A field the source does not give is absent, never guessed: every string
of the item stands in the line (white space aside), every number is one of its numbers.
"""

from functools import lru_cache

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
    where = _locator(read.tail)
    if not _is_certain(read, where):
        return Citation(
            raw, start, end, locator=where, problem="no author, title, publisher or year can be told apart in this line"
        )
    return Citation(raw, start, end, _item(read), where, _problem(read.reference))


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


def _item(read: Line) -> CslItem:
    csl: CslItem = msgspec.json.decode(msgspec.json.encode(read.reference.csl))
    for unit in read.tail.units[:-1] if _is_fine(read.tail.units) else read.tail.units:
        if unit.label in ("volume", "issue") and unit.label not in csl:
            csl[unit.label] = unit.value
    if _cites_whole_article(read):
        csl["page"] = read.tail.units[-1].value
    return csl


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


def _locator(tail: Tail) -> Locator | None:
    if not _is_fine(tail.units):
        return None
    return locator(tuple(unit for unit in tail.units if unit.label not in ("volume", "issue")), tail.note)


def _is_fine(units: tuple[Unit, ...]) -> bool:
    return bool(units) and units[-1].label not in COARSE


def _is_certain(read: Line, where: Locator | None) -> bool:
    csl = read.reference.csl
    named = any(role in csl for role in ("author", "editor", "translator"))
    titled = any(name in csl for name in ("title", "container-title", "archive"))
    placed = any(name in csl for name in ("publisher", "publisher-place", "issued", "URL", "DOI", "archive", "volume"))
    evidence = named + placed + (where is not None)
    if titled and prose_weight(str(csl.get("title", ""))) > 3:
        return False
    return (titled and evidence > 0 and not (evidence == 1 and named and read.reference.shape == "surnames")) or (
        named and placed
    )


def _problem(reference: Reference) -> str:
    left_over = [part for part in reference.left_over if part]
    told = [f"left over: {', '.join(repr(part) for part in left_over)}"] if left_over else []
    if not any(name in reference.csl for name in ("title", "container-title", "archive")):
        told.insert(0, "the line names no title")
    return "; ".join(told)
