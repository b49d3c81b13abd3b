"""From a citation line as written to a citation: a CSL-JSON item, a locator, and what could not be read.

The raw line is never changed. A field the source does not give is absent, never guessed: every string
of the item stands in the line (white space aside), every number is one of its numbers.
"""

import re
from functools import lru_cache
from typing import Any

import msgspec

from index.citations.combine import PAGES, Combined, Pages, combine, fold, shipped_confidence, type_of, unread
from index.citations.kinds import Kind, cut_quoted_in, read_kind
from index.citations.locators import (
    COARSE,
    Tail,
    Unit,
    cut_any_locator,
    cut_here,
    expand_pages,
    locator,
    parse_date,
    without_unknown_locator,
)
from index.citations.publications import (
    Authorship,
    cut_authors,
    cut_quoted,
    is_place,
    is_within_a_book,
    leaves_title,
    parse_periodical,
    read_archived,
    read_article,
    read_authors,
    read_book,
    read_quoted,
    read_title,
    starts_title,
    trim_title,
)
from index.citations.statements import Imprint, cut_imprint, cut_links
from index.citations.tagger import Tagged, read_tagged
from index.citations.words import (
    LONGEST,
    Reference,
    given,
    is_back_reference,
    is_periodical,
    is_publisher,
    lay_bare,
    prose_weight,
    sentence_breaks,
    squeeze,
    told,
)
from index.records import Citation, CslItem, Locator

# References that put the year after the author: "Sample, A. L. (1956). …", "Sample 1956, 58", "Sample (1956, 58)".

_BRACKETED = re.compile(
    r"(?P<names>[^(]{2,160}?(?:\([A-Z][a-z]+s?\.\)[^(]{0,3})?)\s?\((?P<date>[^()]{0,20}[0-9]{4}[^()]{0,20}"
    r"|n\.\s?d\.|in press|forthcoming)\)[.,:;]?\s*(?P<rest>.*)"
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
        dated = _date_or_status(found["date"]) if found and authorship else None
        if found is None or authorship is None or dated is None:
            continue
        rest = (found["rest"] or "").strip()
        if not rest.strip(_STRIP):
            return Reference({"type": "document", **authorship.csl(), **dated}, (), authorship.shape, in_brackets=True)
        if form is _BRACKETED or _is_entry(rest):
            return _read_entry(rest, authorship, dated)
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


def _date_or_status(text: str) -> CslItem | None:
    """The date of a reference, or the status that stands in its place; empty for "n.d.", None where it is neither."""
    if not any(sign.isdigit() for sign in text):
        return given(("status", text if text[0] in "if" else ""))
    issued = parse_date(text[:-1] if text[-1].isalpha() and text[:-1].isdigit() else text)
    return {"issued": issued} if issued else None


def _is_entry(rest: str) -> bool:
    """Whether "Author. 1956. …" goes on with a title; where a year comes later, 1956 is the title (or a part of it)."""
    return starts_title(rest) and cut_imprint(rest, leaves_title).issued is None


def _read_entry(rest: str, authorship: Authorship, dated: CslItem) -> Reference:
    quoted = cut_quoted(rest)
    if quoted is not None and not quoted.before:
        return _dated(read_article(quoted.title, quoted.after, authorship), dated, quoted=True)
    breaks = list(sentence_breaks(rest))
    after = rest[breaks[0] :].strip() if breaks else ""
    if after and (is_within_a_book(after) or _is_periodical(after)):
        return _dated(read_article(trim_title(rest[: breaks[0]]), after, authorship), dated)
    imprint = cut_imprint(rest, leaves_title)
    if not imprint and breaks and rest[breaks[-1] :].strip(_STRIP):
        imprint = Imprint(rest[: breaks[-1]], publisher=rest[breaks[-1] :].strip(_STRIP))
    elif not imprint and starts_title(rest) is False:
        return Reference({"type": "document", **authorship.csl(), **dated}, told([rest]), authorship.shape)
    return _dated(read_title(imprint.head, authorship, imprint), dated)


def _is_periodical(text: str) -> bool:
    return parse_periodical(_PAGES.sub("", text)).volume != "" and not is_publisher(text)


def _dated(reference: Reference, dated: CslItem, **changes: Any) -> Reference:
    return msgspec.structs.replace(reference, csl=reference.csl | dated, in_brackets=True, **changes)


# A reference without its locator, read into a CSL-JSON item: who, what, in what, where, by whom, when.
#
# Each form is read from both ends towards the title: names at the start and the imprint at the end have
# shapes of their own; the title is what is left. Every string of the item is a slice of the reference.

_JOURNAL = re.compile(
    r"[.?]\s+((?:The )?(?:[^\W\d_a-z][\w’'-]*\s|of\s|and\s|the\s|&\s)*"
    r"(?:Review|Journal|Quarterly|Bulletin|Studies|Annals|Proceedings|Transactions)\b[^.?:]{0,40},?\sVol\.?\s?[0-9].*)$"
)
_ISBN = re.compile(r"(?:[.,;]\s*+|(?<!\s)\s++)?[(\[]?ISBN(?:-1[03])?:?\s?([0-9][0-9Xx–-]{8,16})[)\]]?\.?$", re.IGNORECASE)
_MEDIA = ("Print", "Web", "Kindle", "edition", "ook", "PDF")
_MEDIUM = re.compile(r"[.,]\s*(?:Print|Web|Kindle(?: edition)?|E-?book|PDF)\.?$")


def read_reference(text: str) -> Reference:
    """Reads a reference without links; with nothing to read, ``csl`` holds a type and no more."""
    return read_author_year(text) or read_archived(text) or _read_in_order(text)


_YEAR = "(?:1[4-9]|20)[0-9]{2}"
_REPRINT = r"[Rr]e(?:pr(?:int(?:ed)?)?|issued?)(?![^\W_])\.?,?\s"
_ORIGINAL = re.compile(
    rf"(?<=\()(?:{_YEAR})(?:[;,]\s{_REPRINT}|/(?={_YEAR}\)))|(?<=\.\s)(?:{_YEAR})\.\s{_REPRINT}"
    rf"|\s?\((?:Original work published|Originally published|First published)(?:\sin)?\s(?:{_YEAR})\)\.?$"
)
_SIGNS_OF_ORIGINAL = ("epr", "eissue", "published", "/")
_STATUS = re.compile(r"[.,;]\s(forthcoming|in press|im Erscheinen|à paraître|in corso di stampa|en prensa)\.?$", re.IGNORECASE)
_STATUS_ENDINGS = ("ing", "ess", "nen", "tre", "mpa", "nsa")


def cut_original(text: str) -> tuple[str, str]:
    """A line without the words that give the year of the original ("1931; repr., "), and these words; "" for none."""
    found = _ORIGINAL.search(text) if any(sign in text for sign in _SIGNS_OF_ORIGINAL) else None
    if found is None or (found[0][-1] == "/" and int(text[found.end() :][:4]) <= int(found[0][:4]) + 1):
        return text, ""  # "(1999/2000)" is one volume of a journal
    return text[: found.start()] + text[found.end() :], found[0]


def cut_surroundings(text: str) -> tuple[str, CslItem]:
    """The reference without its links and medium ("Print"), and what the links say."""
    number = _ISBN.search(text) if "isbn" in text.casefold() else None
    text, links = cut_links(text[: number.start()] if number else text)
    text = _MEDIUM.sub("", text) if text.rstrip(".").endswith(_MEDIA) else text
    status = _STATUS.search(text) if text.rstrip(".").endswith(_STATUS_ENDINGS) else None
    if status:
        text, links = text[: status.start()], links | {"status": status[1]}
    return text, links | ({"ISBN": number[1]} if number else {})


def with_links(reference: Reference, links: CslItem) -> Reference:
    """A reference that has links; where neither publisher nor periodical is known, it is to a web page."""
    if not links:
        return reference
    csl = reference.csl | links
    in_print = csl.keys() & {"publisher", "volume", "issue", "DOI"} or is_periodical(csl.get("container-title", ""))
    if (
        links.keys() & {"URL", "accessed"}
        and "URL" in csl
        and not in_print
        and csl["type"] in ("book", "document", "article-journal", "article-magazine")
    ):
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


LOCATOR = "locator"
"""How ``Citation.likely`` names the locator, which is no field of the item."""

_MOST_PROSE = 3


class Line(msgspec.Struct, frozen=True):
    """A citation line taken apart: its reference and the locator phrase after it, or the kind of source that it is instead.

    ``plain`` is the line without ``original``, the words that give the year of the original; ``unknown`` says that a locator of
    no known label was cut off.
    """

    reference: Reference
    tail: Tail
    kind: Kind | None = None
    unknown: bool = False
    plain: str = ""
    original: str = ""


def parse_citation(raw: str, start: int | None = None, end: int | None = None) -> Citation:
    """Parses one citation line; never raises on any text, never changes it.

    ``csl`` holds what is certain or likely, ``likely`` names the fields that are only likely. ``csl`` is None, and
    ``problem`` says why, when no author, title and imprint can be told apart; else ``problem`` names the words left over.

    Raises:
        RecordInvalid: ``start`` and ``end`` do not span ``raw``.
    """
    line = lay_bare(squeeze(raw))
    problem = _refusal(line)
    if problem:
        return Citation(raw, start, end, problem=problem)
    found = _parsed(line)
    csl = msgspec.json.decode(found.csl) if found.csl else None
    return Citation(raw, start, end, csl, found.where, found.problem, found.likely)


class _Parsed(msgspec.Struct, frozen=True):
    """What a bare line says: the item as JSON, "" for none, since a cached item must not be changed by who asked for it."""

    csl: bytes
    where: Locator | None
    problem: str
    likely: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def _parsed(line: str) -> _Parsed:
    cited, quoted_in = cut_quoted_in(line)
    read = take_apart(cited)
    if read.kind is not None:
        kind = read.kind
        csl = kind.csl | ({"note": quoted_in} if quoted_in else {})
        return _Parsed(msgspec.json.encode(csl), kind.where, _problem(csl, kind.left_over, []))
    where = _locator(read.tail, cited)
    csl, broken = _item(read, cited)
    if _is_in_text(read.reference):
        return _Parsed(msgspec.json.encode(csl), where, _problem(csl, unread(line, csl, where), broken))
    tagged = read_tagged(read.plain)
    reference = msgspec.structs.replace(read.reference, csl=csl)
    combined = combine(read.plain, reference, _pages(read, csl, where), tagged, shipped_confidence())
    csl, where, likely = _placed(combined, csl, where, tagged)
    if not _is_certain(csl, read.reference.shape, where):
        return _Parsed(b"", where, "no author, title, publisher or year can be told apart in this line")
    csl |= {"note": quoted_in} if quoted_in else {}
    left_over = unread(line, csl, where, read.original)
    return _Parsed(msgspec.json.encode(csl), where, _problem(csl, left_over, broken), likely)


def _is_in_text(reference: Reference) -> bool:
    """Whether a line is no more than "Sample (1956)", which a reader trained on references takes for a title."""
    return reference.shape == "surnames" and reference.csl.keys() == {"type", "author", "issued"} and not reference.left_over


def read_by_grammar(line: str) -> tuple[Reference, Pages]:
    """What the grammar alone makes of a bare line: one of the two readings that ``index.citations.combine`` combines."""
    read = take_apart(line)
    csl, _ = _item(read, line)
    return msgspec.structs.replace(read.reference, csl=csl), _pages(read, csl, _locator(read.tail, line))


def _pages(read: Line, csl: CslItem, where: Locator | None) -> Pages:
    if where is not None and where.label == PAGES:
        return Pages(where.value, labelled=read.tail.labelled)
    elsewhere = where.value if where is not None and read.tail.labelled else ""
    return Pages(str(csl.get(PAGES, "")), labelled=read.unknown, elsewhere=elsewhere)


def _placed(
    combined: Combined, grammar: CslItem, where: Locator | None, tagged: Tagged
) -> tuple[CslItem, Locator | None, tuple[str, ...]]:
    """The combined fields with their type, and their pages where pages belong: in the locator, in the item, or in both."""
    csl = dict(combined.csl)
    pages = csl.pop(PAGES, "")
    likely = tuple(LOCATOR if name == PAGES else name for name in combined.likely)
    csl = {"type": type_of(csl, tagged, grammar["type"])} | csl
    if where is not None and where.label == PAGES and fold(PAGES, where.value) != fold(PAGES, pages):
        where = None
    if pages and where is None:
        where = Locator(PAGES, pages, expand_pages(pages))
    if pages and (PAGES in grammar or _is_whole_article(csl, pages, tagged)):
        csl[PAGES] = grammar.get(PAGES, pages)
    return csl, where, likely


def take_apart(line: str) -> Line:
    """A bare line as reference and locator; references that occur again are read once."""
    kind = read_kind(line)
    if kind is not None:
        return Line(
            Reference(kind.csl, kind.left_over, "direct" if "author" in kind.csl else "", in_brackets=True), Tail(line), kind
        )
    plain, original = cut_original(line)
    text, links = cut_surroundings(plain)
    if original and (year := re.search(_YEAR, original)):
        links["original-date"] = {"date-parts": [[int(year[0])]]}
    text = unbracket_locator(text)
    here = cut_here(text)
    tail = cut_any_locator(here.head)
    if here.units:
        extent = tail.units[-1].value if tail.units and tail.units[-1].label == PAGES else ""
        tail = msgspec.structs.replace(here, head=tail.head if extent else here.head)
        links |= {PAGES: extent} if extent else {}
    head = tail.head if tail.units else without_unknown_locator(tail.head)
    reference = with_links(_read(head.rstrip(" ,;:(")), links)
    return Line(reference, tail, unknown=head != tail.head, plain=plain, original=original)


@lru_cache(maxsize=16384)
def _read(head: str) -> Reference:
    return read_reference(head)


def _refusal(line: str) -> str:
    if not line:
        return "the line is empty"
    if len(line) > LONGEST:
        return f"the line has {len(line)} characters, which is prose, not a citation (at most {LONGEST})"
    if is_back_reference(line):
        return "the line refers to the citation before it"
    return ""


def _item(read: Line, line: str) -> tuple[CslItem, list[str]]:
    """The item, fresh, and the fields left out of it because their words do not stand together in the line.

    That happens where something was cut from the middle, a link or pages, and what stood around it is no one field.
    """
    csl: CslItem = msgspec.json.decode(msgspec.json.encode(read.reference.csl))
    for unit in read.tail.units:
        if unit.label in ("volume", "issue") and unit.label not in csl:
            csl[unit.label] = unit.value
    if _cites_whole_article(read):
        csl["page"] = read.tail.units[-1].value
    broken = [name for name, value in csl.items() if name != "type" and not _stands_in(value, line)]
    for name in broken:
        del csl[name]
    return csl, broken


def _stands_in(value: Any, line: str) -> bool:
    """Whether every string of a field is a piece of the line; numbers of dates always are."""
    if isinstance(value, str):
        return value in line
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_stands_in(part, line) for part in parts)


def _is_whole_article(csl: CslItem, pages: str, tagged: Tagged) -> bool:
    """Whether pages that only the tagger saw are those of the article or chapter: a range, with the author's surname first."""
    ranges = expand_pages(pages)
    inverted = bool(tagged.segments) and tagged.segments[0].label == "author" and tagged.surname_first
    return "container-title" in csl and inverted and len(ranges) == 1 and ranges[0][0] < ranges[0][1]


def _cites_whole_article(read: Line) -> bool:
    """Whether the pages at the end are those of the article itself, as in a list of references ("…, 50(1), 76–136.")."""
    csl, units = read.reference.csl, read.tail.units
    if (
        csl["type"] != "article-journal"
        or read.reference.shape != "inverted"
        or not csl.keys() & {"volume", "issue"}
        or "page" in csl
    ):
        return False
    pages = expand_pages(units[-1].value) if units and units[-1].label == "page" else ()
    return len(pages) == 1 and pages[0][0] < pages[0][1]


def _locator(tail: Tail, line: str) -> Locator | None:
    if not _is_fine(tail.units):
        return None
    where = locator(tuple(unit for unit in tail.units if unit.label not in ("volume", "issue")), tail.note)
    return where if where.value in line else None


def _is_fine(units: tuple[Unit, ...]) -> bool:
    return bool(units) and units[-1].label not in COARSE


def _is_certain(csl: CslItem, shape: str, where: Locator | None) -> bool:
    """Whether enough was told apart to call this a citation: a title and one more part, or a name and an imprint."""
    named = bool(csl.keys() & {"author", "editor", "translator", "compiler"})
    placed = bool(csl.keys() & {"publisher", "publisher-place", "issued", "URL", "DOI", "archive", "volume"})
    titled = bool(csl.keys() & {"title", "container-title", "archive"})
    if prose_weight(str(csl.get("title", ""))) > _MOST_PROSE or not (titled or named):
        return False
    if titled:
        return placed or where is not None or (named and shape != "surnames")
    return placed


def _problem(csl: CslItem, left_over: tuple[str, ...], broken: list[str]) -> str:
    told = [] if csl.keys() & {"title", "container-title", "archive"} else ["the line names no title"]
    if left_over:
        told.append(f"left over: {', '.join(repr(part) for part in left_over)}")
    if broken:
        told.append(f"no one piece of the line gives: {', '.join(broken)}")
    return "; ".join(told)
