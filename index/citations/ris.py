"""RIS: what EndNote, Zotero, Mendeley and library catalogues exchange (Research Information Systems, 2001; as EndNote reads it).

RIS has no escapes: a value is one line, and a comma in a name divides family and given name.
"""

from collections.abc import Iterator, Sequence

from index.citations.cite_keys import cite_keys
from index.citations.csl import Item, PartialDate, Person, read_item
from index.citations.markup import mark_tags, unmarked
from index.records import CslItem

_TYPES = {
    "article": "GEN",
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "bill": "BILL",
    "book": "BOOK",
    "broadcast": "MPCT",
    "chapter": "CHAP",
    "classic": "CLSWK",
    "dataset": "DATA",
    "entry": "CHAP",
    "entry-dictionary": "DICT",
    "entry-encyclopedia": "ENCYC",
    "figure": "FIGURE",
    "hearing": "HEAR",
    "interview": "PCOMM",
    "legal_case": "CASE",
    "legislation": "STAT",
    "manuscript": "UNPB",
    "map": "MAP",
    "motion_picture": "MPCT",
    "musical_score": "MUSIC",
    "pamphlet": "PAMP",
    "paper-conference": "CONF",
    "patent": "PAT",
    "personal_communication": "PCOMM",
    "post": "ELEC",
    "post-weblog": "BLOG",
    "report": "RPRT",
    "review": "JOUR",
    "review-book": "JOUR",
    "software": "COMP",
    "song": "SOUND",
    "standard": "STAND",
    "thesis": "THES",
    "webpage": "ELEC",
}
_ROLES = {"author": "AU", "editor": "A2", "collection-editor": "A3", "translator": "A4"}
_FIELDS = {
    "title": "TI",
    "container-title": "T2",
    "collection-title": "T3",
    "title-short": "ST",
    "publisher": "PB",
    "publisher-place": "CY",
    "edition": "ET",
    "volume": "VL",
    "issue": "IS",
    "number": "M1",
    "ISBN": "SN",
    "ISSN": "SN",
    "DOI": "DO",
    "URL": "UR",
    "genre": "M3",
    "language": "LA",
    "archive": "DB",
    "call-number": "CN",
    "abstract": "AB",
    "note": "N1",
}


def to_ris(items: Sequence[CslItem]) -> str:
    """A RIS file with CR LF line ends; an item given twice is written once.

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    checked = [read_item(csl) for csl in items]
    records = dict(zip(cite_keys(checked), checked, strict=True))
    return "".join("".join(f"{tag}  - {value}\r\n" for tag, value in _tags(key, item)) + "\r\n" for key, item in records.items())


def _tags(key: str, item: Item) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES.get(item.type, "GEN")
    yield "ID", key
    for role, tag in _ROLES.items():
        yield from ((tag, _name(person)) for person in item.people(role))
    for field, tag in _FIELDS.items():
        if text := unmarked(mark_tags(item.text(field))):
            yield tag, text
    yield from _pages(item.text("page"))
    yield from _dated(item.issued)
    yield "ER", ""


def _pages(pages: str) -> Iterator[tuple[str, str]]:
    first, dash, last = pages.replace("–", "-").partition("-")
    if first:
        yield "SP", first.strip()
    if dash:
        yield "EP", last.strip()


def _dated(issued: PartialDate) -> Iterator[tuple[str, str]]:
    """PY holds a year and nothing else; DA year/month/day, "/" and all, or the date in words."""
    if not issued.begin:
        if issued.literal:
            yield "DA", issued.literal
        return
    yield "PY", issued.year
    if issued.end or issued.circa:
        years = "–".join(str(part[0]) for part in (issued.begin, issued.end) if part)
        yield "DA", f"ca. {years}" if issued.circa else years
    elif len(issued.begin) > 1:
        year, month, *day = issued.begin
        yield "DA", f"{year}/{month:02}/{f'{day[0]:02}' if day else ''}/"


def _name(person: Person) -> str:
    if person.literal:
        return person.literal
    family = " ".join(filter(None, (person.dropping_particle, person.non_dropping_particle, person.family)))
    return ", ".join(filter(None, (family, person.given, person.suffix)))
