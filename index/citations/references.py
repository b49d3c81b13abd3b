"""A reference without its locator, read into a CSL-JSON item: who, what, in what, where, by whom, when.

Works from both ends towards the title: what introduces the line and the imprint at its end are the
parts with a shape of their own; the title is what is left. Every string of the item is a slice of the line.
"""

import re

import msgspec

from index.citations.dates import CslDate, parse_date
from index.citations.imprints import Imprint, cut_extent, cut_imprint, is_publisher
from index.citations.lines import sentence_breaks
from index.citations.names import Names, is_given, parse_names
from index.citations.places import is_city, is_region
from index.citations.roles import inner_contributors, leading_contributors
from index.citations.titles import cut_quoted, is_newspaper, parse_periodical, trim_title
from index.records import CslItem

_URL = re.compile(r"(?:https?://|www\.)[^\s<>“”\"]+[^\s<>“”\".,;:)\]’']|\bdoi:\s?(10\.\S+[^\s.,;)])", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_ACCESSED = re.compile(r"[,.;(\[]?\s*(?:last )?(?:accessed|retrieved|viewed|consulted|visited)(?: on)?:? ([^,.()]{3,20}(?:,? [0-9]{4})?)[)\].,;]*\s*(?:from:?)?", re.IGNORECASE)
_AUTHOR_YEAR = re.compile(r"(?P<names>[^()]{2,160}?)\.?,?\s\((?P<date>[^()]{4,40})\)(?P<stop>[.,:;]?)\s*(?P<rest>.*)")
_AUTHOR_YEAR_PLAIN = re.compile(r"(?P<names>[^()0-9]{2,160}?)[.,]?\s(?P<date>(?:1[4-9]|20)[0-9]{2}[a-z]?|n\.d\.)(?P<stop>\.|$)\s*(?P<rest>.*)")
_IN = re.compile(r"(?:^|[.,;]\s)[Ii]n:?\s(?=[^\W\d_a-z“\"])")
_PAGES = re.compile(r",?\s*\(?(?:pp?\.\s?)?([0-9]{1,5}\s?[-–—]\s?[0-9]{1,5})\)?[.,]?\s*$")
_ARCHIVE = re.compile(r"(?:^|[,.;:]?\s)(?P<archive>[^\W\d_a-z][\w .’'-]{1,60}?),?\s(?P<shelf>(?:f(?:ond)?|coll)\.?\s?[0-9A-Z]{1,6}(?:,\s?(?:op|opis|d|delo|ed\. khr)\.?\s?[0-9A-Z]{1,6}){1,3})$")
_BOUNDARY = re.compile(r"[.,](?=\s)|\s(?=[“\"‘«])|:(?=\s[“\"‘«])")
_MOST_BOUNDARIES = 14
_STRIP = " ,.;:"


class Reference(msgspec.Struct, frozen=True):
    """What a reference says; ``left_over`` are parts that found no place in the item.

    ``shape`` is that of the author's name ("" without one), ``imprint`` whether place or publisher was told
    apart, ``quoted`` whether the title stands in quotation marks: the evidence that this is a citation.
    """

    csl: CslItem
    left_over: tuple[str, ...] = ()
    shape: str = ""
    in_brackets: bool = False
    quoted: bool = False


def read_reference(text: str) -> Reference:
    """Reads a reference; with nothing to read, ``csl`` holds a type and no more."""
    item: CslItem = {}
    text = _take_links(text, item)
    found = _read_author_year(text) or _read_archived(text) or _read_general(text)
    csl = {**found.csl, **item}
    if "URL" in item and csl.get("type") in ("book", "document", "chapter") and "publisher" not in csl:
        csl["type"] = "webpage"
    return msgspec.structs.replace(found, csl=csl)


def split_author(text: str) -> tuple[Names | None, tuple[str, ...], str]:
    """Names at the start of a reference, their roles ("author" when none is stated), and what follows them.

    Every place where the names could end is tried; the likeliest list of names that leaves something wins,
    of equals the longest ("Getty, J. Arch. Origins …").
    """
    led = leading_contributors(text)
    if led is not None and text[led.end :].strip(_STRIP):
        return led.names, led.roles, text[led.end :].strip()
    best: Names | None = None
    rest = text
    for boundary in list(_BOUNDARY.finditer(text, 0, 240))[:_MOST_BOUNDARIES]:
        following = text[boundary.end() :].strip()
        names = parse_names(text[: boundary.end()].strip()) if _starts_title(following) else None
        if names is None or names.weight < 1 or _is_place(names):
            continue
        if best is None or names.weight >= best.weight:
            best, rest = names, following
    return best, ("author",) if best else (), rest


def leaves_title(text: str, *, strictly: bool) -> bool:
    """Whether a text holds more than names: the rule that keeps an imprint from swallowing the title."""
    text = text.strip(_STRIP)
    if not text:
        return False
    names = parse_names(text)
    if names is None:
        led = leading_contributors(text)
        return led is None or bool(text[led.end :].strip(_STRIP))
    if names.shape == "inverted" and (strictly or is_given(names.people[0]["given"].split()[0]) or "." in names.people[0]["given"]):
        return False
    return not (strictly and (names.shape == "direct" or len(names.people) > 1))


def _starts_title(text: str) -> bool:
    return bool(text) and (text[0].isupper() or text[0].isdigit() or text[0] in "“\"‘«'([…¿¡") or bool(re.match(r"[a-z]+ [A-Z]", text))


def _is_place(names: Names) -> bool:
    only = names.people[0].get("family", "") if len(names.people) == 1 and names.shape == "surnames" else ""
    return is_city(only) or is_region(only)


def _take_links(text: str, item: CslItem) -> str:
    accessed = _ACCESSED.search(text)
    date = parse_date(accessed[1].strip(" ,")) if accessed else None
    if accessed and date:
        item["accessed"] = date
        text = (text[: accessed.start()] + " " + text[accessed.end() :]).strip() if _URL.search(text) else text
    link = _URL.search(text)
    if link is None:
        item.pop("accessed", None)
        return text
    doi = link[1] or (_DOI.search(link[0]) or [""])[0] if "doi" in link[0] else ""
    if doi:
        item["DOI"] = doi
    if not link[1]:
        item["URL"] = link[0]
    kept = text[: link.start()].rstrip(" <([").rstrip()
    after = text[link.end() :].strip(" >)].,;")
    return kept + (" " + after if after else "")


def _read_author_year(text: str) -> Reference | None:
    for form in (_AUTHOR_YEAR, _AUTHOR_YEAR_PLAIN):
        found = form.match(text)
        if found is None:
            continue
        led = leading_contributors(found["names"] + " ")
        if led is not None and found["names"][led.end :].strip(_STRIP):
            continue
        names = led.names if led else parse_names(_with_stop(text, found))
        date = parse_date(found["date"].rstrip("abcdefgh") if found["date"][:4].isdigit() else found["date"])
        if names is None or date is None or _is_place(names) or names.weight < 1:
            continue
        rest = found["rest"].strip()
        if form is _AUTHOR_YEAR_PLAIN and rest and not _is_dated_entry(rest):
            continue
        csl = _item_with_names(names, led.roles if led else ("author",))
        if not rest.strip(_STRIP):
            return Reference({"type": "document", **csl, "issued": date}, ("",), names.shape)
        reference = _read_titled(rest, csl, issued=date)
        return msgspec.structs.replace(reference, shape=names.shape, in_brackets=True)
    return None


def _with_stop(text: str, found: re.Match[str]) -> str:
    """The names with the full stop of a final initial ("Strong, A. L. (1956)")."""
    return text[: found.end("names") + 1] if text[found.end("names")] == "." else found["names"]


def _is_dated_entry(rest: str) -> bool:
    """Whether what follows "Author. 1956." is a title and imprint without a year of its own (else 1956 is a title)."""
    imprint = cut_imprint(rest, leaves_title)
    return imprint.issued is None and _starts_title(rest)


def _read_archived(text: str) -> Reference | None:
    found = _ARCHIVE.search(text.rstrip(_STRIP))
    if found is None:
        return None
    csl: CslItem = {"type": "document"}
    before = text[: found.start()].strip(_STRIP)
    shape = ""
    if before:
        described = _read_general(before)
        csl = {**described.csl, "type": "document"}
        shape = described.shape
    return Reference({**csl, "archive": found["archive"].strip(), "archive_location": found["shelf"]}, shape=shape, in_brackets=True)


def _item_with_names(names: Names | None, roles: tuple[str, ...]) -> CslItem:
    return {role: names.csl() for role in roles} if names else {}


def _read_general(text: str) -> Reference:
    quoted = cut_quoted(text)
    if quoted is not None:
        names, roles, rest = (parse_names(quoted.before.strip(" ,:")), ("author",), "")
        led = leading_contributors(quoted.before + " ") if quoted.before else None
        if led:
            names, roles = led.names, led.roles
        if names is None and quoted.before.strip(_STRIP):
            names, roles, rest = split_author(quoted.before)
        if names is not None or not quoted.before.strip(_STRIP):
            reference = _read_article(quoted.title, quoted.after, _item_with_names(names, roles))
            left = (*((rest.strip(_STRIP),) if rest.strip(_STRIP) else ()), *reference.left_over)
            return msgspec.structs.replace(reference, shape=names.shape if names else "", quoted=True, left_over=left)
    imprint = cut_imprint(text, leaves_title)
    names, roles, rest = split_author(imprint.head)
    csl = _item_with_names(names, roles)
    return msgspec.structs.replace(_read_book(rest, csl, imprint), shape=names.shape if names else "")


def _read_titled(rest: str, csl: CslItem, issued: CslDate) -> Reference:
    """What follows "Author (1956).": a title, then a periodical, a book it stands in, or an imprint."""
    quoted = cut_quoted(rest)
    if quoted is not None and not quoted.before:
        return _dated(_read_article(quoted.title, quoted.after, csl), issued, quoted=True)
    breaks = list(sentence_breaks(rest))
    for stop in breaks[:1]:
        title, after = rest[:stop], rest[stop:].strip()
        if _IN.match(after):
            return _dated(_read_article(trim_title(title), after, csl), issued)
        periodical = parse_periodical(_PAGES.sub("", after))
        if periodical.volume and not is_publisher(after):
            return _dated(_read_article(trim_title(title), after, csl), issued)
    imprint = cut_imprint(rest, leaves_title)
    if not imprint and breaks and rest[breaks[-1] :].strip(_STRIP):
        imprint = Imprint(rest[: breaks[-1]], publisher=rest[breaks[-1] :].strip(_STRIP))
    return _dated(_read_book(imprint.head, csl, imprint), issued)


def _dated(reference: Reference, issued: CslDate, *, quoted: bool = False) -> Reference:
    return msgspec.structs.replace(reference, csl={**reference.csl, "issued": issued}, quoted=quoted)


def _read_book(text: str, csl: CslItem, imprint: Imprint) -> Reference:
    item = dict(csl)
    left_over = list(imprint.left_over)
    extent = cut_extent(text.strip().rstrip(","))
    text = extent.rest
    while (inner := inner_contributors(text)) is not None and inner.start > 0:
        for role in inner.roles:
            item.setdefault(role, inner.names.csl())
        following = text[inner.end :].strip(_STRIP + ")")
        if following and following not in ("",):
            more = cut_extent(" " + following)
            extent = msgspec.structs.replace(extent, edition=extent.edition or more.edition, volume=extent.volume or more.volume)
            if more.rest.strip(_STRIP):
                left_over.insert(0, more.rest.strip(_STRIP))
        text = text[: inner.start]
        further = cut_extent(text)
        extent = msgspec.structs.replace(
            further, edition=extent.edition or further.edition, volume=extent.volume or further.volume, volumes=extent.volumes or further.volumes
        )
        text = extent.rest
    title = trim_title(text)
    publisher = cut_extent(imprint.publisher)
    item["type"] = "thesis" if imprint.genre else "book"
    if imprint.dated_to_day and (is_newspaper(title) or not (csl or imprint.place)):
        return _read_periodical_alone(title, item, imprint)
    for name, value in (
        ("title", title),
        ("genre", imprint.genre),
        ("edition", extent.edition or publisher.edition),
        ("volume", extent.volume or publisher.volume),
        ("number-of-volumes", extent.volumes or publisher.volumes),
        ("publisher-place", imprint.place),
        ("publisher", trim_publisher(publisher.rest)),
        ("issued", imprint.issued),
    ):
        if value:
            item[name] = value
    if not (csl or imprint.place or imprint.publisher):
        item["type"] = "document"
    return Reference(item, tuple(left_over), in_brackets=imprint.in_brackets)


def trim_publisher(text: str) -> str:
    """A publisher without separators around it; the full stop of "Co." and "Inc." stays."""
    text = text.strip(" ,;:")
    words = text.rstrip(".").split()
    return text if words and words[-1].casefold() in ("co", "inc", "ltd", "bros", "corp", "publ", "univ") else text.rstrip(". ")


def _read_periodical_alone(name: str, item: CslItem, imprint: Imprint) -> Reference:
    periodical = parse_periodical(name)
    item["type"] = "article-newspaper" if is_newspaper(periodical.name) else "article-magazine"
    item.pop("title", None)
    for key, value in (
        ("container-title", periodical.name),
        ("volume", periodical.volume),
        ("issue", periodical.issue),
        ("issued", imprint.issued),
    ):
        if value:
            item[key] = value
    return Reference(item, imprint.left_over, in_brackets=imprint.in_brackets)


def _read_article(title: str, after: str, csl: CslItem) -> Reference:
    """An article or chapter: its title and what follows it, a periodical or "in" a book."""
    item: CslItem = {"type": "article", **csl, "title": title}
    within = _IN.match(after)
    imprint = cut_imprint(after[within.end() :] if within else after.lstrip(" ,."), _leaves_anything)
    container = imprint.head
    pages = _PAGES.search(container)
    if pages:
        item["page"] = pages[1]
        container = container[: pages.start()]
    book = _read_book(container, {}, msgspec.structs.replace(imprint, head=container, dated_to_day=False))
    if within or imprint.place or imprint.publisher or any(role in book.csl for role in ("editor", "translator")):
        return _chapter(item, book, imprint)
    periodical = parse_periodical(container)
    item["type"] = _type_of_periodical(periodical.name, bool(periodical.volume or periodical.issue), imprint)
    if not periodical.name and not imprint.issued:
        item["type"] = "book" if not csl else "document"
    for key, value in (
        ("container-title", periodical.name),
        ("volume", periodical.volume),
        ("issue", periodical.issue),
        ("genre", imprint.genre),
        ("issued", imprint.issued),
    ):
        if value:
            item[key] = value
    return Reference(item, imprint.left_over, in_brackets=imprint.in_brackets)


def _leaves_anything(text: str, *, strictly: bool) -> bool:
    return not strictly or bool(text.strip(_STRIP))


def _type_of_periodical(name: str, numbered: bool, imprint: Imprint) -> str:
    if numbered:
        return "article-journal"
    if is_newspaper(name):
        return "article-newspaper"
    return "article-magazine" if imprint.dated_to_day else "article-journal" if name else "document"


def _chapter(item: CslItem, book: Reference, imprint: Imprint) -> Reference:
    title = book.csl.get("title", "")
    kind = book.csl["type"] if imprint.genre else "chapter" if title else "book"
    rest = {key: value for key, value in book.csl.items() if key not in ("type", "title")}
    found = {**item, "type": kind, **({"container-title": title} if title else {}), **rest}
    return Reference(found, book.left_over, in_brackets=imprint.in_brackets)
