"""A reference without its locator, read into a CSL-JSON item: who, what, in what, where, by whom, when.

Each form is read from both ends towards the title: names at the start and the imprint at the end have
shapes of their own; the title is what is left. Every string of the item is a slice of the reference.
"""

import re

import msgspec

from index.citations.archives import read_archived
from index.citations.articles import read_quoted
from index.citations.author_year import read_author_year
from index.citations.books import read_book
from index.citations.links import cut_links
from index.citations.periodicals import is_periodical
from index.citations.reference import Reference
from index.citations.titles import cut_quoted
from index.records import CslItem

_MEDIUM = re.compile(r"[.,]\s*(?:Print|Web|Kindle(?: edition)?|E-?book|PDF)\.?$")


def read_reference(text: str) -> Reference:
    """Reads a reference without links; with nothing to read, ``csl`` holds a type and no more."""
    return read_author_year(text) or read_archived(text) or _read_in_order(text)


def cut_surroundings(text: str) -> tuple[str, CslItem]:
    """The reference without its links and medium ("Print"), and what the links say."""
    text, links = cut_links(text)
    return _MEDIUM.sub("", text), links


def with_links(reference: Reference, links: CslItem) -> Reference:
    """A reference that has links; where neither publisher nor periodical is known, it is to a web page."""
    if not links:
        return reference
    csl = reference.csl | links
    in_print = csl.keys() & {"publisher", "volume", "issue", "DOI"} or is_periodical(csl.get("container-title", ""))
    if "URL" in csl and not in_print and csl["type"] in ("book", "document", "article-journal", "article-magazine"):
        csl["type"] = "webpage"
    return msgspec.structs.replace(reference, csl=csl)


def _read_in_order(text: str) -> Reference:
    quoted = cut_quoted(text)
    return (read_quoted(quoted) if quoted else None) or read_book(text)
