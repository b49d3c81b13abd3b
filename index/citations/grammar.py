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
from index.citations.reference import Reference
from index.citations.titles import cut_quoted

_MEDIUM = re.compile(r"[.,]\s*(?:Print|Web|Kindle(?: edition)?|E-?book|PDF)\.?$")


def read_reference(text: str) -> Reference:
    """Reads a reference; with nothing to read, ``csl`` holds a type and no more."""
    text, links = cut_links(text)
    text = _MEDIUM.sub("", text)
    found = read_author_year(text) or read_archived(text) or _read_in_order(text)
    csl = found.csl | links
    if "URL" in csl and csl["type"] in ("book", "document", "article-journal") and not csl.keys() & {"publisher", "volume", "DOI"}:
        csl["type"] = "webpage"
    return msgspec.structs.replace(found, csl=csl)


def _read_in_order(text: str) -> Reference:
    quoted = cut_quoted(text)
    return (read_quoted(quoted) if quoted else None) or read_book(text)
