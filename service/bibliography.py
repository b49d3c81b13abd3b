"""Citations of excerpts and of whole collections in every form that is offered: text, HTML and the export formats."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from index.citations.exports import FORMATS, export_items, with_likely, with_locator
from index.citations.exports import MEDIA_TYPES as EXPORT_MEDIA_TYPES
from index.citations.markup import Markup
from index.citations.styles import (
    format_bibliography,
    format_excerpt_citation,
)
from index.collection import Collection
from index.errors import CitationInvalid
from index.records import CslItem, Excerpt, QuotedIn, Work
from service.errors import RequestInvalid
from service.links import Links

EXPORTS = FORMATS
FORMS = ("text", "html", *EXPORTS)
MEDIA_TYPES = {"text": "text/plain", "html": "text/html", **EXPORT_MEDIA_TYPES}
EXTENSIONS = {"text": "txt", "html": "html", "csl-json": "json", "bibtex": "bib", "ris": "ris", "zotero-rdf": "rdf"}


class Cited(NamedTuple):
    """An excerpt, and the title of the document it is quoted in, "" where that is what it cites."""

    excerpt: Excerpt
    quoted_in: QuotedIn


def write_with_reference(excerpts: Sequence[Cited], form: str, style: str) -> str:
    """Each citation, and below it the full reference of its work, as text or HTML; a line as written has no reference.

    Raises:
        CitationInvalid: another form than these, or no such style.
    """
    if form not in ("text", "html"):
        raise CitationInvalid(
            f"format {form!r} has no reference beside the citation", rule="the formats with one are text and html",
            remedy="ask for one of them",
        )  # fmt: skip
    join = _lines if form == "text" else _paragraphs
    markup: Markup = "text" if form == "text" else "html"
    return join(line for each in excerpts for line in (_formatted(each, style, markup), *_references(each, style, markup)))


def _references(cited_excerpt: Cited, style: str, markup: Markup) -> list[str]:
    citation = cited_excerpt.excerpt.citation
    return format_bibliography([citation.csl], style, markup) if citation and citation.csl else []


def cited(collection: Collection, excerpt_ids: Sequence[str]) -> list[Cited]:
    """The excerpts of these ids, in the order given. Raises Unknown."""
    return [cite(collection, excerpt) for excerpt in collection.excerpts(excerpt_ids)]


def cite(collection: Collection, excerpt: Excerpt) -> Cited:
    """The excerpt with the title it is quoted in: none where its document itself is cited."""
    return Cited(excerpt, collection.document(excerpt.document_id).quoted_in(excerpt.citation))


def write_citations(excerpts: Sequence[Cited], form: str, style: str) -> str:
    """One citation an excerpt, in the order given; ``style`` is for text and HTML.

    Raises:
        CitationInvalid: no such form or style, or a form that needs the parts of a citation that could not be parsed.
    """
    _check_form(form)
    match form:
        case "text":
            return _lines(_formatted(each, style, "text") for each in excerpts)
        case "html":
            return _paragraphs(_formatted(each, style, "html") for each in excerpts)
        case _:
            return export_items([_item(each) for each in excerpts], form)


def write_bibliography(works: Sequence[Work], form: str, style: str) -> str:
    """The works cited, once each; in text and HTML sorted as the style sorts. Raises CitationInvalid."""
    _check_form(form)
    items = [work.csl for work in works]
    match form:
        case "text":
            return _lines(format_bibliography(items, style))
        case "html":
            return _paragraphs(format_bibliography(items, style, "html"))
        case _:
            return export_items([with_likely(work.csl, work.likely) for work in works], form)


def accepted_export(accept: str) -> str:
    """The format that an ``Accept`` header puts before HTML, "" where it does not; its order is that of the qualities."""
    wanted = []
    for number, each in enumerate(accept.split(",")):
        media, *parameters = (part.strip() for part in each.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        wanted.append((-float(quality) if re.fullmatch(r"[01](?:\.[0-9]*)?", quality) else 0.0, number, media.lower()))
    known = {media: form for form, media in EXPORT_MEDIA_TYPES.items()}
    for weight, _, media in sorted(wanted):
        if weight and (media in known or media in ("text/html", "application/xhtml+xml", "*/*", "text/*")):
            return known.get(media, "")
    return ""


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise CitationInvalid(
            f"format {form!r} is unknown", rule=f"the formats are {', '.join(FORMS)}", remedy="ask for one of them"
        )


def _formatted(excerpt: Cited, style: str, markup: Markup) -> str:
    return format_excerpt_citation(excerpt.excerpt.citation, style, quoted_in=excerpt.quoted_in, markup=markup)


def _item(cited_excerpt: Cited) -> CslItem:
    excerpt, quoted_in = cited_excerpt
    citation = excerpt.citation
    if citation is None or citation.csl is None:
        raise CitationInvalid(
            f"the citation of {excerpt.id} could not be parsed ({citation.problem if citation else 'there is none'})",
            rule=f"only parsed citations can be written as {', '.join(EXPORTS)}",
            remedy="ask for it as text or html, which keep the line as written",
        )
    item = with_locator(citation.csl, citation.locator, quoted_in=quoted_in.title + quoted_in.details, quotation=excerpt.text)
    return with_likely(item, citation.likely)


def _lines(entries: Iterable[str]) -> str:
    return "".join(f"{entry}\n" for entry in entries)


def _paragraphs(entries: Iterable[str]) -> str:
    return "".join(f"<p>{entry}</p>\n" for entry in entries)


# A tray of passages to take away: as Markdown with the quotations, or as the bibliography of their works.

BOOKMARK_FORMATS = ("markdown", "docx", "cards", *FORMS)
MAX_BOOKMARKS = 200

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_AT_LINE_START = re.compile(r"^([^\S\n]*+)([-+=]|\d+[.)])", re.MULTILINE)


def validate_bookmarks(ids: Sequence[str]) -> list[str]:
    """The ids of a tray, each once. Raises RequestInvalid for more than a tray holds."""
    kept = list(dict.fromkeys(ids))
    if len(kept) > MAX_BOOKMARKS:
        raise RequestInvalid(
            f"the tray has {len(kept)} passages", rule=f"a tray holds at most {MAX_BOOKMARKS}", remedy="take it away in parts"
        )
    return kept


def works_of(collection: Collection, excerpts: Sequence[Excerpt]) -> list[Work]:
    """The works that excerpts cite, once each; an excerpt whose citation could not be parsed has none."""
    return [collection.work(work) for work in dict.fromkeys(excerpt.work_id for excerpt in excerpts if excerpt.work_id)]


def export_bookmarks(collection: Collection, excerpts: Sequence[Excerpt], form: str, style: str) -> str:
    """The works of a tray in one of ``FORMS``; as notes ``service.note_files`` writes them.

    Raises:
        CitationInvalid: there is no such form or style.
    """
    return write_bibliography(works_of(collection, excerpts), form, style)


def as_markdown(passages: Sequence[Cited], style: str, links: Links) -> str:
    """Each passage as a block quote, verbatim to whoever reads the rendered page, with its citation and its address."""
    return "\n".join(_block(passage, style, links) for passage in passages)


def _block(passage: Cited, style: str, links: Links) -> str:
    excerpt, quoted_in = passage
    quoted = "\n".join(f"> {line}".rstrip() for line in _plain(excerpt.text).splitlines())
    citation = _plain(format_excerpt_citation(excerpt.citation, style, quoted_in=quoted_in))
    return f"{quoted}\n>\n> — {citation} [Passage]({links.excerpt(excerpt.id)})\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _AT_LINE_START.sub(_escape_marker, _SPECIAL.sub(r"\\\1", text))


def _escape_marker(marker: re.Match[str]) -> str:
    return f"{marker[1]}{marker[2][:-1]}\\{marker[2][-1]}"
