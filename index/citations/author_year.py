"""References that put the year after the author: "Sample, A. L. (1956). …", "Sample 1956, 58", "Sample (1956, 58)"."""

import re
from typing import Any

import msgspec

from index.citations.articles import is_within_a_book, read_article
from index.citations.authors import Authorship, is_place, leaves_title, read_authors, starts_title
from index.citations.dates import CslDate, parse_date
from index.citations.imprints import Imprint, cut_imprint, is_publisher
from index.citations.lines import sentence_breaks
from index.citations.periodicals import parse_periodical
from index.citations.publications import read_title
from index.citations.reference import Reference, told
from index.citations.titles import cut_quoted, trim_title

_BRACKETED = re.compile(
    r"(?P<names>[^(]{2,160}?(?:\([A-Z][a-z]+s?\.\)[^(]{0,3})?)\s?\((?P<date>[^()]{0,20}[0-9]{4}[^()]{0,20})\)[.,:;]?\s*(?P<rest>.*)"
)
_PLAIN = re.compile(r"(?P<names>[^()0-9]{2,160}?),?\s(?P<date>(?:1[4-9]|20)[0-9]{2}[a-z]?)(?:\.\s+(?P<rest>.+)|\.?$)")
_WITH_LOCATOR = re.compile(
    r"(?P<names>[^()0-9]{2,160}?)\s\((?P<date>(?:1[4-9]|20)[0-9]{2}[a-z]?)(?P<locator>[,:]\s?[^()]{1,40})\)\.?$"
)
_PAGES = re.compile(r",\s*[0-9]+\s?[-–]\s?[0-9]+\.?$")
_STRIP = " ,.;:"


def read_author_year(text: str) -> Reference | None:
    """Reads a reference of this kind, or None where the text is not one."""
    for form in (_BRACKETED, _PLAIN):
        found = form.match(text)
        authorship = _authorship(found["names"]) if found else None
        issued = _issued(found["date"]) if found and authorship else None
        if found is None or authorship is None or issued is None:
            continue
        rest = (found["rest"] or "").strip()
        if not rest.strip(_STRIP):
            return Reference({"type": "document", **authorship.csl(), "issued": issued}, (), authorship.shape, in_brackets=True)
        if form is _BRACKETED or _is_entry(rest):
            return _read_entry(rest, authorship, issued)
    return None


def unbracket_locator(line: str) -> str:
    """Writes "Sample (1956, 58)" as "Sample 1956, 58", so that one rule cuts the locator off both; other lines unchanged."""
    found = _WITH_LOCATOR.match(line)
    return f"{found['names']} {found['date']}{found['locator']}" if found else line


def _authorship(text: str) -> Authorship | None:
    authorship = read_authors(text.strip(" ,;:"))
    if authorship is None or authorship.names is None or authorship.names.weight < 1 or is_place(authorship.names):
        return None
    return authorship


def _issued(text: str) -> CslDate | None:
    without_letter = text[:-1] if text[-1].isalpha() and text[:-1].isdigit() else text
    return parse_date(without_letter)


def _is_entry(rest: str) -> bool:
    """Whether "Author. 1956. …" goes on with a title; where a year comes later, 1956 is the title (or a part of it)."""
    return starts_title(rest) and cut_imprint(rest, leaves_title).issued is None


def _read_entry(rest: str, authorship: Authorship, issued: CslDate) -> Reference:
    quoted = cut_quoted(rest)
    if quoted is not None and not quoted.before:
        return _dated(read_article(quoted.title, quoted.after, authorship), issued, quoted=True)
    breaks = list(sentence_breaks(rest))
    after = rest[breaks[0] :].strip() if breaks else ""
    if after and (is_within_a_book(after) or _is_periodical(after)):
        return _dated(read_article(trim_title(rest[: breaks[0]]), after, authorship), issued)
    imprint = cut_imprint(rest, leaves_title)
    if not imprint and breaks and rest[breaks[-1] :].strip(_STRIP):
        imprint = Imprint(rest[: breaks[-1]], publisher=rest[breaks[-1] :].strip(_STRIP))
    elif not imprint and starts_title(rest) is False:
        return Reference({"type": "document", **authorship.csl(), "issued": issued}, told([rest]), authorship.shape)
    return _dated(read_title(imprint.head, authorship, imprint), issued)


def _is_periodical(text: str) -> bool:
    return parse_periodical(_PAGES.sub("", text)).volume != "" and not is_publisher(text)


def _dated(reference: Reference, issued: CslDate, **changes: Any) -> Reference:
    return msgspec.structs.replace(reference, csl=reference.csl | {"issued": issued}, in_brackets=True, **changes)
