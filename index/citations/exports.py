"""Export: items as CSL-JSON, BibTeX or RIS, with what a passage adds to its work kept in the note."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from index.citations.bibtex import _plain_name, cite_keys, to_bibtex
from index.citations.csl import Item, PartialDate, Person, clean, read_item
from index.citations.markup import mark_tags, unmarked
from index.citations.name_order import beside
from index.citations.zotero_rdf import to_zotero_rdf
from index.errors import CitationInvalid
from index.records import CslItem, Locator

# RIS: what EndNote, Zotero, Mendeley and library catalogues exchange (Research Information Systems, 2001; as EndNote reads it).
#
# RIS has no escapes: a value is one line, and a comma in a name divides family and given name.

_RIS_TYPES = {
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
    "manuscript": "MANSCPT",
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
_RIS_FIELDS = {
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
    "annote": "N1",
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
    yield "TY", _RIS_TYPES.get(item.type, "GEN")
    yield "ID", key
    for role, tag in _ROLES.items():
        yield from ((tag, _ris_name(person)) for person in item.people(role))
    for field, tag in _RIS_FIELDS.items():
        if text := unmarked(mark_tags(item.text(field))):
            yield tag, text
    if asked := " and ".join(_plain_name(person) for person in item.people("interviewer")):
        yield "N1", f"Interview by {asked}"
    if court := item.text("authority"):
        yield ("PB" if item.type == "legal_case" and not item.text("publisher") else "N1"), court
    if original := item.dates.get("original-date"):
        yield "OP", original.year or original.literal
        yield "N1", f"original-date: {original.year or original.literal}"  # Zotero reads no OP
    yield from _pages(item.text("page"))
    yield from _ris_date(item.issued)
    yield "ER", ""


def _pages(pages: str) -> Iterator[tuple[str, str]]:
    first, dash, last = pages.replace("–", "-").partition("-")
    if first:
        yield "SP", first.strip()
    if dash:
        yield "EP", last.strip()


def _ris_date(issued: PartialDate) -> Iterator[tuple[str, str]]:
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


def _ris_name(person: Person) -> str:
    if person.literal:
        return person.literal
    family = beside(person.dropping_particle, person.non_dropping_particle, person.family)
    return ", ".join(filter(None, (family, person.given, person.suffix)))


# CSL-JSON: what reference managers and CSL processors read (https://docs.citationstyles.org, "CSL-JSON schema").


def to_csl_json(items: Sequence[CslItem]) -> str:
    """A JSON array of the items, checked, each with an id: its own, or its cite key where it has none or shares it.

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    checked = [read_item(csl) for csl in items]
    ids = [item.id for item in checked]
    written = [
        _csl(item, item.id if item.id and ids.count(item.id) == 1 else key)
        for item, key in zip(checked, cite_keys(checked), strict=True)
    ]
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"


def _csl(item: Item, item_id: str) -> CslItem:
    return {
        "id": item_id,
        "type": item.type,
        **item.texts,
        **_extra(item),
        **{role: [_csl_name(person) for person in people] for role, people in item.names.items()},
        **{field: _date(date) for field, date in item.dates.items()},
    }


def _extra(item: Item) -> dict[str, str]:
    """The note with what Zotero's import of CSL-JSON takes from nowhere else: the original date and a passage's words."""
    original = item.dates.get("original-date")
    first = f"original-date: {original.year or original.literal}" if original else ""
    told = [part for part in (first, item.text("note"), item.text("annote")) if part]
    return {"note": "\n".join(told)} if told else {}


def _csl_name(person: Person) -> dict[str, str]:
    parts = {
        "family": person.family,
        "given": person.given,
        "dropping-particle": person.dropping_particle,
        "non-dropping-particle": person.non_dropping_particle,
        "suffix": person.suffix,
        "literal": person.literal,
    }
    return {part: text for part, text in parts.items() if text}


def _date(date: PartialDate) -> dict[str, object]:
    told: dict[str, object] = {"date-parts": [list(part) for part in (date.begin, date.end) if part]}
    if not date.begin:
        told = {"literal": date.literal}
    if date.season:
        told["season"] = date.season
    if date.circa:
        told["circa"] = True
    return told


_WRITERS: dict[str, Callable[[Sequence[CslItem]], str]] = {
    "csl-json": to_csl_json,
    "bibtex": to_bibtex,
    "ris": to_ris,
    "zotero-rdf": to_zotero_rdf,
}

FORMATS = tuple(_WRITERS)
"""The formats by name."""

MEDIA_TYPES = {
    "csl-json": "application/vnd.citationstyles.csl+json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "zotero-rdf": "application/rdf+xml",
}
"""What HTTP calls each format."""


def export_items(items: Sequence[CslItem], format_name: str) -> str:
    """The items in one of ``FORMATS``.

    Raises:
        CitationInvalid: an unknown format, or an item that is none.
    """
    if format_name not in _WRITERS:
        raise CitationInvalid(
            f"format {format_name!r} is unknown",
            rule=f"the formats are {', '.join(FORMATS)}",
            remedy="ask for one of them",
        )
    return _WRITERS[format_name](items)


def with_likely(csl: CslItem, likely: Sequence[str]) -> CslItem:
    """The item with the names of its fields that are only likely in its ``note``: no export hides what is uncertain."""
    if not likely:
        return dict(csl)
    own = csl.get("note")
    told = [clean(own)] if isinstance(own, str) and clean(own) else []
    return {**csl, "note": "; ".join([*told, f"Read by machine, please check: {', '.join(likely)}"])}


def with_locator(csl: CslItem, locator: Locator | None, *, quoted_in: str | None = None, quotation: str = "") -> CslItem:
    """The item of one passage: its place in the work and the document that quotes it stand in ``note``, its words in ``annote``.

    A note, and not the page fields: those give the pages an article or chapter fills, which one passage does not tell.
    """
    own = csl.get("note")
    told = [clean(own)] if isinstance(own, str) and clean(own) else []
    if locator and clean(locator.value):
        note = f" [{clean(locator.note)}]" if clean(locator.note) else ""
        told.append(f"Cited: {clean(locator.label)} {clean(locator.value)}{note}")
    if quoted_in and clean(quoted_in):
        told.append(f"Quoted in: {clean(quoted_in)}")
    words = {"annote": f"“{clean(quotation)}”"} if clean(quotation) else {}
    return {**csl, **({"note": "; ".join(told)} if told else {}), **words}
