"""Zotero RDF: each item with its note beside it, so that an import gives the work and, below it, the quotation with its page.

The vocabulary is that of Zotero's own export (bib, dc, dcterms, foaf, prism, vcard, z).
"""

from collections.abc import Iterator, Sequence
from html import escape

from index.citations.csl import Item, PartialDate, Person, read_item
from index.citations.markup import mark_tags, unmarked
from index.citations.name_order import beside
from index.records import CslItem

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:bib="http://purl.org/net/biblio#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/" xmlns:vcard="http://nwalsh.com/rdf/vCard#"
 xmlns:z="http://www.zotero.org/namespaces/export#">
"""
_TYPES = {
    "article-journal": "journalArticle", "article-magazine": "magazineArticle", "article-newspaper": "newspaperArticle",
    "bill": "bill", "book": "book", "broadcast": "tvBroadcast", "chapter": "bookSection", "dataset": "dataset",
    "entry-dictionary": "dictionaryEntry", "entry-encyclopedia": "encyclopediaArticle", "graphic": "artwork",
    "hearing": "hearing", "interview": "interview", "legal_case": "case", "legislation": "statute",
    "manuscript": "manuscript", "map": "map",
    "motion_picture": "film", "paper-conference": "conferencePaper", "patent": "patent", "personal_communication": "letter",
    "post": "forumPost", "post-weblog": "blogPost", "report": "report", "review": "journalArticle",
    "review-book": "journalArticle", "software": "computerProgram", "song": "audioRecording", "speech": "presentation",
    "thesis": "thesis", "webpage": "webpage",
    "classic": "book", "pamphlet": "book",
}  # fmt: skip
_ROLES = {
    "author": "bib:authors", "editor": "bib:editors", "translator": "z:translators", "interviewer": "z:interviewers",
    "recipient": "z:recipients", "container-author": "z:bookAuthors", "collection-editor": "z:seriesEditors",
    "director": "z:directors", "composer": "z:composers",
}  # fmt: skip
_FIELDS = {
    "title": "dc:title", "title-short": "z:shortTitle", "edition": "prism:edition", "volume": "prism:volume",
    "issue": "prism:number", "number-of-volumes": "z:numberOfVolumes", "genre": "z:type", "archive": "z:archive",
    "archive_location": "z:archiveLocation", "call-number": "z:callNumber", "language": "z:language", "authority": "z:court",
    "abstract": "dcterms:abstract", "page": "bib:pages", "medium": "z:medium", "number": "z:number", "section": "z:section",
}  # fmt: skip


def to_zotero_rdf(items: Sequence[CslItem]) -> str:
    """A Zotero RDF file; ``note`` and ``annote`` of an item become one note of it, an original date goes into "Extra".

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    return f"{_HEAD}{''.join(_item(number, read_item(csl)) for number, csl in enumerate(items, 1))}</rdf:RDF>\n"


def _item(number: int, item: Item) -> str:
    about = f"#ibid_{number}"
    kind = _TYPES.get(item.type, "document")
    lines = [f"<z:itemType>{kind}</z:itemType>", *_within(item), *_people(item), *_texts(item)]
    note = "".join(f"<p>{escape(_plain(text))}</p>" for text in (item.text("annote"), item.text("note")) if text)
    if note:
        lines.append(f'<dcterms:isReferencedBy rdf:resource="{about}_note"/>')
    whole = f'<bib:Document rdf:about="{about}">\n' + "".join(f"  {line}\n" for line in lines) + "</bib:Document>\n"
    if note:
        whole += f'<bib:Memo rdf:about="{about}_note">\n  <rdf:value>{escape(note)}</rdf:value>\n</bib:Memo>\n'
    return whole


def _within(item: Item) -> Iterator[str]:
    kind = {"article-journal": "bib:Journal", "article-magazine": "bib:Periodical", "article-newspaper": "bib:Newspaper"}
    if container := item.text("container-title"):
        tag = kind.get(item.type, "bib:Book")
        title = _plain(container)
        yield f"<dcterms:isPartOf><{tag}><dc:title>{escape(title)}</dc:title></{tag}></dcterms:isPartOf>"
    if series := item.text("collection-title"):
        title = f"<dc:title>{escape(_plain(series))}</dc:title>"
        yield f"<dcterms:isPartOf><bib:Series>{title}</bib:Series></dcterms:isPartOf>"


def _people(item: Item) -> Iterator[str]:
    for role, tag in _ROLES.items():
        if people := item.people(role):
            yield f"<{tag}><rdf:Seq>{''.join(map(_person, people))}</rdf:Seq></{tag}>"


def _person(person: Person) -> str:
    family = beside(person.dropping_particle, person.non_dropping_particle, person.family) or person.literal
    given = ", ".join(filter(None, (person.given, person.suffix)))
    named = f"<foaf:surname>{escape(family)}</foaf:surname>" + (
        f"<foaf:givenName>{escape(given)}</foaf:givenName>" if given else ""
    )
    return f"<rdf:li><foaf:Person>{named}</foaf:Person></rdf:li>"


def _texts(item: Item) -> Iterator[str]:
    for field, tag in _FIELDS.items():
        if text := item.text(field):
            yield f"<{tag}>{escape(_plain(text))}</{tag}>"
    if date := _date(item.issued):
        yield f"<dc:date>{escape(date)}</dc:date>"
    if original := _date(item.dates.get("original-date", PartialDate())):
        yield f"<dc:description>original-date: {escape(original)}</dc:description>"
    for scheme, field in (("ISBN", "ISBN"), ("ISSN", "ISSN"), ("DOI", "DOI")):
        if text := item.text(field):
            yield f"<dc:identifier>{scheme} {escape(text)}</dc:identifier>"
    if url := item.text("URL"):
        yield f"<dc:identifier><dcterms:URI><rdf:value>{escape(url)}</rdf:value></dcterms:URI></dc:identifier>"
    publisher, place = item.text("publisher"), item.text("publisher-place")
    if publisher or place:
        address = f"<vcard:adr><vcard:Address><vcard:locality>{escape(place)}</vcard:locality></vcard:Address></vcard:adr>"
        name = f"<foaf:name>{escape(publisher)}</foaf:name>"
        told = (address if place else "") + (name if publisher else "")
        yield f"<dc:publisher><foaf:Organization>{told}</foaf:Organization></dc:publisher>"


def _date(date: PartialDate) -> str:
    parts = ["-".join(f"{number:02}" for number in part) for part in (date.begin, date.end) if part]
    return ("ca. " if date.circa and parts else "") + ("/".join(parts) or date.literal)


def _plain(text: str) -> str:
    return unmarked(mark_tags(text))
