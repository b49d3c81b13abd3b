"""What a document itself is cited by, and who says so: stated by the user, references beside it, its metadata, its name.

The first that names a title or an author is taken whole; fields of several are never mixed.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from index.citations.csl import read_item
from index.citations.imports import Entry, parse_references
from index.citations.parse import parse_citation
from index.decoding import decode
from index.errors import CitationInvalid, FileUnreadable
from index.readers.cited_fields import date_of, people_of
from index.readers.frontmatter import describe
from index.readers.html_tree import below, words_of
from index.readers.identifiers import with_identifiers
from index.records import Citation, CslItem, DocumentCitation, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->|<!--[^>]{0,200}?\burl:\s*(https?://\S+)", re.IGNORECASE)
_SAVED_ON = re.compile(rb"saved date:\s*([^\r\n]{6,60})", re.IGNORECASE)
_HEAD = 20_000
_META = {
    "title": ("citation_title", "dc.title", "dcterms.title", "og:title", "twitter:title"),
    "author": ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author"),
    "container-title": ("citation_journal_title", "citation_inbook_title", "citation_conference_title"),
    "publisher": ("citation_publisher", "citation_dissertation_institution", "dc.publisher", "dcterms.publisher"),
    "volume": ("citation_volume",),
    "issue": ("citation_issue",),
    "DOI": ("citation_doi", "dc.identifier.doi"),
    "ISBN": ("citation_isbn",),
    "ISSN": ("citation_issn",),
    "language": ("citation_language", "dc.language"),
    "issued": ("citation_publication_date", "citation_date", "citation_online_date", "article:published_time", "dc.date",
               "dcterms.issued", "dcterms.date", "date"),
}  # fmt: skip
_ARTICLES = frozenset(
    "article newsarticle blogposting scholarlyarticle report techarticle webpage book chapter thesis opinionnewsarticle".split()
)
_LD_TYPES = {"newsarticle": "article-newspaper", "scholarlyarticle": "article-journal", "blogposting": "post-weblog",
             "book": "book", "chapter": "chapter", "report": "report", "thesis": "thesis"}  # fmt: skip


def own_citation(file: SourceFile, embedded: CslItem | None, title: str = "") -> DocumentCitation:
    """The document's own citation.

    Args:
        file: with what was stated about it and the references beside it.
        embedded: what its metadata say, None for nothing.
        title: the title that stands in it, "" for none.
    """
    if file.told.citation:
        stated = parse_citation(file.told.citation)
        return DocumentCitation(stated.csl or {"type": "document", "title": file.told.citation}, "collection.toml")
    if file.told.cited_as:
        return file.told.cited_as
    beside = _beside(file)
    if beside:
        return beside
    if embedded and embedded.keys() & {"title", "author"} and _is_item(embedded):
        if "title" not in embedded:
            embedded = {**embedded, "title": title or PurePath(file.name).stem}
        return DocumentCitation(embedded, "its metadata")
    if title.strip():
        return DocumentCitation({"type": "document", "title": " ".join(title.split())}, "its title")
    return DocumentCitation({"type": "document", "title": PurePath(file.name).stem}, "its file name")


def cite_text(
    file: SourceFile, text: str, embedded: Citation | None, title: str
) -> tuple[Citation | None, DocumentCitation | None]:
    """What a plain text is cited by where more than its title is known: the citation of its excerpts, and who gives it.

    Args:
        file: with what was stated about it and the references beside it.
        text: its text, in which a DOI or ISBN may stand. Where it uses the keys of references beside it, these are those of
            works that it refers to, and not its own.
        embedded: what it says itself, None for nothing.
        title: the title that stands in it, "" for none.
    """
    if any(f"@{key}" in text for key in file.told.works):
        file = replace(file, told=replace(file.told, beside={}))
    own = with_identifiers(own_citation(file, embedded.csl if embedded else None, title), text)
    if own is None or own.origin in ("its title", "its file name"):
        return embedded, None
    if own.origin.startswith("its metadata") and embedded:
        return replace(embedded, csl=own.csl), own
    return Citation(describe(own.csl), csl=own.csl), own


def title_of_page(root: "_Element", file: SourceFile) -> str:
    """The title of a page: of its metadata, its head, or its only main heading; else the file's name."""
    metas = _metas(root)
    head = next((" ".join(words_of(title).split()) for title in below(root, "title")), "")
    headings = [" ".join(words_of(heading).split()) for heading in below(root, "h1")]
    return (
        next(filter(None, (_meta(metas, "title"), head, headings[0] if len(headings) == 1 else "")), "")
        or PurePath(file.name).stem
    )


def cite_page(root: "_Element", file: SourceFile) -> DocumentCitation:
    """What a page of HTML is cited by: its citation_* and Dublin Core fields, JSON-LD, its address and date."""
    metas = _metas(root)
    csl: CslItem = {}
    for field, names in _META.items():
        value: Any = [metas[name] for name in names if name in metas]
        if value and field == "author":
            csl[field] = [person for written in value[0] for person in people_of(written) if not written.startswith("http")]
        elif value and field == "issued":
            csl[field] = date_of(value[0][0].replace("/", "-")) or {"literal": value[0][0]}
        elif value:
            csl[field] = value[0][0]
    linked = _linked_data(root)
    csl = {**linked, **{name: value for name, value in csl.items() if value}}
    title = title_of_page(root, file)
    csl.setdefault("title", title)
    if address := _address(root, file, metas):
        csl.setdefault("URL", address)
    if saved := _SAVED_ON.search(file.data[:_HEAD]):
        csl["accessed"] = date_of(saved[1].decode("utf-8", "replace").strip()) or {
            "literal": saved[1].decode("utf-8", "replace").strip()
        }
    told = bool(csl.keys() - {"title", "type"})
    csl["type"] = csl.get("type") or (
        "article-journal" if "container-title" in csl else "webpage" if "URL" in csl else "document"
    )
    return own_citation(file, csl if told else None, title)


def references_beside(file: SourceFile) -> Iterator[tuple[str, Entry]]:
    """The entries of reference files beside a document that are its own, with the name of their file.

    An entry is its own where it names the file, where its key is the file's name, or where it is the only one in a file of
    references of the same name.
    """
    name = PurePath(file.name)
    for beside, data in file.told.beside.items():
        try:
            entries = parse_references(decode(SourceFile(beside, data))[0], beside).entries
        except FileUnreadable:
            continue
        named = [
            entry for entry in entries if any(_last_part(path) == name.name for path in entry.files) or entry.key == name.stem
        ]
        alone = PurePath(beside).stem == name.stem and len(entries) == 1
        for entry in named[:1] or (entries if alone else ()):
            yield beside, entry


def _beside(file: SourceFile) -> DocumentCitation | None:
    for name, entry in references_beside(file):
        return DocumentCitation(entry.csl, f"{PurePath(name).name} beside it")
    return None


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]


def _is_item(csl: CslItem) -> bool:
    try:
        read_item(csl)
    except CitationInvalid:
        return False
    return True


def _metas(root: "_Element") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in below(root, "meta"):
        name, content = meta.get("name") or meta.get("property") or "", " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name.casefold(), []).append(content)
    return found


def _meta(metas: dict[str, list[str]], field: str) -> str:
    return next((metas[name][0] for name in _META[field] if name in metas), "")


def _address(root: "_Element", file: SourceFile, metas: dict[str, list[str]]) -> str:
    """Where the page was: its canonical address, or the one that the program that saved it wrote down."""
    for link in below(root, "link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (link.get("href") or "").startswith("http"):
            return str(link.get("href"))
    for name in ("og:url", "citation_public_url", "citation_fulltext_html_url"):
        if metas.get(name, [""])[0].startswith("http"):
            return metas[name][0]
    saved = _SAVED_FROM.search(file.data[:_HEAD])
    return (saved[1] or saved[2]).decode("utf-8", "replace") if saved else ""


def _linked_data(root: "_Element") -> CslItem:
    """Title, authors, date and publisher of the first JSON-LD object that is a kind of text."""
    for script in below(root, "script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            try:
                given = msgspec.json.decode(script.text or "")
            except msgspec.DecodeError:
                continue
            for one in _objects(given):
                kind = next((name for name in _types(one) if name in _ARTICLES), "")
                if kind:
                    return _from_linked(one, kind)
    return {}


def _objects(given: Any) -> Iterator[dict[str, Any]]:
    if isinstance(given, dict):
        yield given
        given = given.get("@graph")
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            yield one


def _types(one: dict[str, Any]) -> list[str]:
    told = one.get("@type")
    return [name.lower() for name in (told if isinstance(told, list) else [told]) if isinstance(name, str)]


def _from_linked(one: dict[str, Any], kind: str) -> CslItem:
    csl: CslItem = {}
    title = one.get("headline") or one.get("name")
    if isinstance(title, str):
        csl["title"] = " ".join(title.split())
    authors = one.get("author")
    names = [
        author.get("name") if isinstance(author, dict) else author
        for author in (authors if isinstance(authors, list) else [authors])
    ]
    people = [person for name in names if isinstance(name, str) and name for person in people_of(name)]
    if people:
        csl["author"] = people
    date = one.get("datePublished")
    if isinstance(date, str) and date_of(date):
        csl["issued"] = date_of(date)
    publisher = one.get("publisher")
    if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
        csl["container-title" if kind in ("newsarticle", "blogposting") else "publisher"] = publisher["name"]
    if csl:
        csl["type"] = _LD_TYPES.get(kind, "webpage")
    return csl
