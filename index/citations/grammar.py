"""A reference without its locator, read into a CSL-JSON item: who, what, in what, where, by whom, when.

Each form is read from both ends towards the title: names at the start and the imprint at the end have
shapes of their own; the title is what is left. Every string of the item is a slice of the reference.
"""

import re

import msgspec

from index.citations.archives import read_archived
from index.citations.articles import read_article, read_quoted
from index.citations.author_year import read_author_year
from index.citations.authors import cut_authors
from index.citations.books import read_book
from index.citations.links import cut_links
from index.citations.periodicals import is_periodical
from index.citations.reference import Reference
from index.citations.titles import cut_quoted, trim_title
from index.records import CslItem

_JOURNAL = re.compile(
    r"[.?]\s+((?:The )?(?:[^\W\d_a-z][\w’'-]*\s|of\s|and\s|the\s|&\s)*"
    r"(?:Review|Journal|Quarterly|Bulletin|Studies|Annals|Proceedings|Transactions)\b[^.?:]{0,40},?\sVol\.?\s?[0-9].*)$"
)
_ISBN = re.compile(r"[.,;]?\s*[(\[]?ISBN(?:-1[03])?:?\s?([0-9][0-9Xx–-]{8,16})[)\]]?\.?$", re.IGNORECASE)
_MEDIUM = re.compile(r"[.,]\s*(?:Print|Web|Kindle(?: edition)?|E-?book|PDF)\.?$")


def read_reference(text: str) -> Reference:
    """Reads a reference without links; with nothing to read, ``csl`` holds a type and no more."""
    return read_author_year(text) or read_archived(text) or _read_in_order(text)


def cut_surroundings(text: str) -> tuple[str, CslItem]:
    """The reference without its links and medium ("Print"), and what the links say."""
    number = _ISBN.search(text)
    text, links = cut_links(text[: number.start()] if number else text)
    return _MEDIUM.sub("", text), links | ({"ISBN": number[1]} if number else {})


def with_links(reference: Reference, links: CslItem) -> Reference:
    """A reference that has links; where neither publisher nor periodical is known, it is to a web page."""
    if not links:
        return reference
    csl = reference.csl | links
    in_print = csl.keys() & {"publisher", "volume", "issue", "DOI"} or is_periodical(csl.get("container-title", ""))
    if links.keys() & {"URL", "accessed"} and "URL" in csl and not in_print and csl["type"] in ("book", "document", "article-journal", "article-magazine"):
        csl["type"] = "webpage"
    return msgspec.structs.replace(reference, csl=csl)


def _read_in_order(text: str) -> Reference:
    quoted = cut_quoted(text)
    return (read_quoted(quoted) if quoted else None) or _read_unquoted_article(text) or read_book(text)


def _read_unquoted_article(text: str) -> Reference | None:
    """Reads an article whose title nobody quoted, where a journal and its volume follow it."""
    found = _JOURNAL.search(text)
    authorship = cut_authors(text[: found.start()]) if found else None
    if found is None or authorship is None or authorship.names is None:
        return None
    return read_article(trim_title(authorship.rest), found[1], authorship)
