"""What a page says to reference managers and search engines: COinS, Highwire ``citation_*`` tags and JSON-LD."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec

from index.citations.csl import Item, PartialDate, Person, read_item
from index.citations.markup import mark_tags, unmarked
from index.citations.name_order import beside
from index.records import CslItem

_JOURNALS = frozenset({"article-journal", "article-magazine", "article-newspaper", "review", "review-book"})
_PARTS = frozenset({"chapter", "entry", "entry-dictionary", "entry-encyclopedia"})
_SCHEMA_TYPES = {"thesis": "Thesis", "report": "Report", "webpage": "WebPage", "map": "Map", "motion_picture": "Movie"}
_HIGHWIRE_CONTAINERS = {"thesis": "citation_dissertation_institution", "report": "citation_technical_report_institution"}


class PageMetadata(msgspec.Struct, frozen=True):
    """``coins`` is the title of a span of class Z3988, ``tags`` names and contents of meta elements, ``linked`` is JSON-LD."""

    coins: str
    tags: tuple[tuple[str, str], ...]
    linked: str


def work_metadata(csl: CslItem, url: str) -> PageMetadata:
    """What the page of a work says of it. Raises CitationInvalid."""
    item = read_item(csl)
    return PageMetadata(_coins(item), tuple(_highwire(item)), _json_ld(_work(item) | {"url": url}))


def quotation_metadata(csl: CslItem, url: str, text: str, quoted_in: str, locator: str = "") -> PageMetadata:
    """What the page of an excerpt says: a ``Quotation`` of ``text`` that is part of its work. Raises CitationInvalid."""
    item = read_item(csl)
    linked: dict[str, Any] = {
        "@type": "Quotation",
        "url": url,
        "text": text,
        "isPartOf": _work(item) | ({"pagination": locator} if locator else {}),
        "citation": {"@type": "CreativeWork", "name": quoted_in},
    }
    if people := _schema_people(item.people("author")):
        linked["creator"] = people
    return PageMetadata(_coins(item), tuple(_highwire(item)), _json_ld(linked))


def _coins(item: Item) -> str:
    """OpenURL 1.0 in the journal, book or dissertation format (ANSI/NISO Z39.88)."""
    if item.type in _JOURNALS:
        kind, fields = "journal", {"genre": "article", "atitle": "title", "jtitle": "container-title"}
    elif item.type == "thesis":
        kind, fields = "dissertation", {"title": "title", "inst": "publisher"}
    elif item.type in _PARTS:
        kind, fields = "book", {"genre": "bookitem", "atitle": "title", "btitle": "container-title"}
    else:
        kind, fields = "book", {"genre": "book", "btitle": "title"}
    told = [("ctx_ver", "Z39.88-2004"), ("rft_val_fmt", f"info:ofi/fmt:kev:mtx:{kind}")]
    told += [(f"rft.{key}", field if key == "genre" else _plain(item.text(field))) for key, field in fields.items()]
    told += _coins_people(item)
    told += [(f"rft.{key}", _plain(item.text(field))) for key, field in _COINS_FIELDS.items()]
    told += [("rft.date", _iso(item.issued))]
    told += [("rft_id", f"info:doi/{item.text('DOI')}" if item.text("DOI") else item.text("URL"))]
    return urlencode([(key, value) for key, value in told if value])


_COINS_FIELDS = {
    "publisher": "publisher", "place": "publisher-place", "edition": "edition", "volume": "volume", "issue": "issue",
    "pages": "page", "isbn": "ISBN", "issn": "ISSN", "series": "collection-title",
}  # fmt: skip


def _coins_people(item: Item) -> Iterator[tuple[str, str]]:
    people = item.people("author") or item.people("editor")
    if people and not people[0].literal:
        yield "rft.aulast", beside(people[0].non_dropping_particle, people[0].family)
        yield "rft.aufirst", people[0].given
    yield from (("rft.au", _spoken(person)) for person in people[(0 if people and people[0].literal else 1) :])


def _highwire(item: Item) -> Iterator[tuple[str, str]]:
    """The tags that Google Scholar and Zotero's Embedded Metadata translator read."""
    yield "citation_title", _plain(item.text("title") or item.text("container-title"))
    for role, tag in (("author", "citation_author"), ("editor", "citation_editor")):
        yield from ((tag, _spoken(person)) for person in item.people(role))
    yield "citation_publication_date", _iso(item.issued).replace("-", "/")
    containers = ("citation_journal_title",) if item.type in _JOURNALS else ("citation_book_title", "citation_inbook_title")
    if item.text("container-title") and item.text("title"):
        yield from ((container, _plain(item.text("container-title"))) for container in containers)
    if publisher := item.text("publisher"):
        yield _HIGHWIRE_CONTAINERS.get(item.type, "citation_publisher"), publisher
    first, _, last = item.text("page").replace("–", "-").partition("-")
    fields = {"volume": "volume", "issue": "issue", "ISBN": "isbn", "ISSN": "issn", "DOI": "doi", "language": "language"}
    yield from ((f"citation_{tag}", item.text(field)) for field, tag in fields.items() if item.text(field))
    yield from ((name, page.strip()) for name, page in (("citation_firstpage", first), ("citation_lastpage", last)) if page)


def _work(item: Item) -> dict[str, Any]:
    """The work as schema.org has it."""
    kind = "Article" if item.type in _JOURNALS else _SCHEMA_TYPES.get(item.type, "Chapter" if item.type in _PARTS else "Book")
    told: dict[str, Any] = {
        "@type": kind,
        "name": _plain(item.text("title") or item.text("container-title")),
        "author": _schema_people(item.people("author")),
        "editor": _schema_people(item.people("editor")),
        "datePublished": _iso(item.issued),
        "publisher": {"@type": "Organization", "name": item.text("publisher")} if item.text("publisher") else None,
        "isbn": item.text("ISBN"),
        "volumeNumber": item.text("volume") if kind == "Article" else "",
        "pagination": item.text("page"),
    }
    if item.text("container-title") and item.text("title"):
        told["isPartOf"] = {"@type": "Periodical" if kind == "Article" else "Book", "name": _plain(item.text("container-title"))}
    return {key: value for key, value in told.items() if value}


def _schema_people(people: tuple[Person, ...]) -> list[dict[str, str]]:
    return [{"@type": "Organization" if person.literal else "Person", "name": _spoken(person)} for person in people]


def _spoken(person: Person) -> str:
    family = beside(person.dropping_particle, person.non_dropping_particle, person.family)
    return person.literal or " ".join(filter(None, (person.given, family, person.suffix)))


def _iso(date: PartialDate) -> str:
    return "-".join(f"{number:02}" for number in date.begin)


def _plain(text: str) -> str:
    return unmarked(mark_tags(text))


def _json_ld(told: dict[str, Any]) -> str:
    """JSON that may stand in a script element: no "<" in it can end the element."""
    return msgspec.json.encode({"@context": "https://schema.org", **told}).decode().replace("<", "\\u003c")
