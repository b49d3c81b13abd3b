"""Articles and chapters: a quoted title, and the periodical, book or site that holds it."""

import re

import msgspec

from index.citations.authors import Authorship, cut_authors, read_authors
from index.citations.imprints import Imprint, cut_imprint
from index.citations.periodicals import is_newspaper, parse_periodical
from index.citations.publications import read_title
from index.citations.reference import Reference, given, told
from index.citations.titles import Quoted
from index.records import CslItem

_IN = re.compile(r"(?:^|^[.,;]\s)[Ii]n:?\s(?=[^\W\d_a-z]|[“\"*_])")
_PAGES = re.compile(r",?\s*\(?(?:pp?\.\s?)?([0-9]{1,5}\s?[-–—]\s?[0-9]{1,5})\)?[.,]?\s*$")
_STRIP = " ,.;:"


def read_quoted(quoted: Quoted) -> Reference | None:
    """Reads a reference with a quoted title, or None when what stands before the quotation is no author."""
    authorship = Authorship("")
    left_over = ""
    before = quoted.before.strip(" ,:")
    if before:
        whole = read_authors(before)
        authorship = whole or cut_authors(before)
        left_over = authorship.rest
        if authorship.names is None:
            return None
    reference = read_article(quoted.title, quoted.after, authorship)
    return msgspec.structs.replace(reference, quoted=True, left_over=told([left_over, *reference.left_over]))


def is_within_a_book(text: str) -> bool:
    """Whether what follows a title begins with "In" and a name or title."""
    return _IN.match(text) is not None


def read_article(title: str, after: str, authorship: Authorship) -> Reference:
    """Reads what follows an article's title: a periodical, "in" a book, or only an imprint."""
    within = _IN.match(after)
    imprint = cut_imprint(after[within.end() :] if within else after.lstrip(_STRIP), _leaves_anything)
    holder = imprint.head
    pages = _PAGES.search(holder)
    if pages:
        holder = holder[: pages.start()]
    item = authorship.csl() | given(("title", title), ("page", pages[1] if pages else ""))
    book = read_title(holder, _editors_of(holder) if within else Authorship(holder), imprint)
    if within or imprint.place or imprint.publisher or "editor" in book.csl or "translator" in book.csl:
        return _chapter(item, book, authorship)
    periodical = parse_periodical(holder)
    numbered = bool(periodical.volume or periodical.issue)
    item |= given(
        ("type", _type(periodical.name, numbered, imprint)),
        ("container-title", periodical.name),
        ("volume", periodical.volume),
        ("issue", periodical.issue),
        ("genre", imprint.genre),
        ("issued", imprint.issued),
    )
    return Reference(item, told(imprint.left_over), authorship.shape, imprint.in_brackets)


def _leaves_anything(text: str, *, strictly: bool) -> bool:
    return not strictly or bool(text.strip(_STRIP))


def _editors_of(holder: str) -> Authorship:
    """The editors before a book's title, where APA puts them: "In E. Hobsbawm & T. Ranger (Eds.), The invention …"."""
    led = cut_authors(holder)
    return led if "editor" in led.roles else Authorship(holder)


def _chapter(item: CslItem, book: Reference, authorship: Authorship) -> Reference:
    holder = book.csl.get("title", "")
    fields = {name: value for name, value in book.csl.items() if name not in ("type", "title")}
    kind = "thesis" if "genre" in fields else "chapter" if holder else "book"
    found = item | fields | given(("type", kind), ("container-title", holder))
    return Reference(found, book.left_over, authorship.shape, book.in_brackets)


def _type(name: str, numbered: bool, imprint: Imprint) -> str:
    if not name:
        return "thesis" if imprint.genre else "document"
    if is_newspaper(name) and not numbered:
        return "article-newspaper"
    return "article-journal" if numbered or not imprint.dated_to_day else "article-magazine"
