"""Books, articles, chapters and newspapers: where their names end, and what stands between them and the imprint."""

import re
from itertools import islice

import msgspec

from index.citations.locators import COARSE, cut_locator
from index.citations.people import MARKS_OF_NO_NAME, Names, holds_other_words, parse_names
from index.citations.statements import (
    Extent,
    Imprint,
    cut_extent,
    cut_imprint,
    inner_contributors,
    leading_contributors,
    trim_publisher,
)
from index.citations.words import (
    Reference,
    given,
    is_city,
    is_given,
    is_initial,
    is_newspaper,
    is_periodical,
    is_region,
    sentence_breaks,
    told,
)
from index.records import CslItem

# Where the names at the start of a reference end and its title begins.

_BOUNDARY = re.compile(r"[.,](?=\s)|\s(?=[“\"‘«„*_])|:(?=\s)")
_CLIPPED = re.compile(r"(?!(?:and|et|und|in|of|by|to|for|on|at|von|van|de|der|du|la|le) )[a-z]{1,3} [A-Z]")
_MOST_BOUNDARIES = 16
_AUTHORS_REACH = 260
_FEWEST = 1.0
_NAMES_STRIP = " ,.;:"


class Authorship(msgspec.Struct, frozen=True):
    """Names and their roles (CSL variables), and the text after them; without names ``rest`` is the whole text."""

    rest: str
    names: Names | None = None
    roles: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """The shape of the first name, "" without names."""
        return self.names.shape if self.names else ""

    def csl(self) -> CslItem:
        """The names as CSL fields, one for each role."""
        return {role: self.names.csl() for role in self.roles} if self.names else {}


def cut_authors(text: str) -> Authorship:
    """Cuts the names off the start of a reference.

    Every place where they could end is tried; the likeliest list of names that leaves a title wins, of
    equals the longest ("Rowe, J. Arch. Origins of …" is by J. Arch Rowe).
    """
    led = leading_contributors(text)
    if led is not None and text[led.end :].strip(_NAMES_STRIP):
        return Authorship(text[led.end :].strip(), led.names, led.roles)
    best = Authorship(text)
    weight = _FEWEST
    for boundary in islice(_BOUNDARY.finditer(text, 0, _reach_of_names(text)), _MOST_BOUNDARIES):
        before = text[: boundary.end()].strip()
        if not MARKS_OF_NO_NAME.isdisjoint(before):
            break
        names = parse_names(before)
        if names is None or names.weight < weight or is_place(names) or (boundary[0] == ":" and names.shape != "inverted"):
            continue
        following = text[boundary.end() :].strip()
        if _holds_title(following):
            best, weight = Authorship(following, names, ("author",)), names.weight
    return best


def _reach_of_names(text: str) -> int:
    """How far the names at the start of a text can reach: to the end of the first sentence with a word that no name holds."""
    start = 0
    for end in sentence_breaks(text[:_AUTHORS_REACH]):
        if holds_other_words(text[start:end]) and not text.startswith("United"):
            return end + 1
        start = end
    return _AUTHORS_REACH


def read_authors(text: str) -> Authorship | None:
    """The names and roles a text wholly consists of, or None."""
    led = leading_contributors(f"{text} ")
    if led is not None:
        return None if text[led.end :].strip(_NAMES_STRIP) else Authorship("", led.names, led.roles)
    names = parse_names(text)
    return Authorship("", names, ("author",)) if names else None


def leaves_title(text: str, *, strictly: bool) -> bool:
    """Whether a text holds more than names: the rule that keeps an imprint from swallowing the title.

    Not ``strictly``, two words that may be a name may also be a title ("Anna Karenina. New York: …").
    """
    text = text.strip(_NAMES_STRIP)
    if not text:
        return False
    names = parse_names(text)
    if names is None:
        led = leading_contributors(f"{text} ")
        return led is None or bool(text[led.end :].strip(_NAMES_STRIP))
    if strictly:
        return (names.shape == "surnames" and len(names.people) == 1) or (names.shape == "corporate" and names.weight < _FEWEST)
    return names.shape != "inverted" or not _is_surely_given(names.people[0]["given"])


def _holds_title(text: str) -> bool:
    return starts_title(text) and cut_extent(f"– {text.rstrip(_NAMES_STRIP)}").rest.strip(" –") != ""


def starts_title(text: str) -> bool:
    """Whether a text could begin a title: a capital, a digit, an opening mark, or one clipped word before a capital."""
    return bool(text) and (
        text[0].isupper()
        or text[0].isdigit()
        or _is_caseless(text[0])
        or text[0] in "“\"‘«„'([…¿¡*_"
        or _CLIPPED.match(text) is not None
    )


def _is_caseless(letter: str) -> bool:
    """Whether a letter is of a script without capitals (Chinese, Japanese, Korean, Arabic, Hebrew)."""
    return letter.isalpha() and letter.lower() == letter.upper()


def is_place(names: Names) -> bool:
    """Whether what looks like one surname is a listed place ("Vienna, 1913")."""
    only = names.people[0].get("family", "") if len(names.people) == 1 and names.shape == "surnames" else ""
    return is_city(only) or is_region(only)


def _is_surely_given(name: str) -> bool:
    """Whether nothing of a given name could be a title, as "Norway" could in "Moss, B. Norway"."""
    first, last = name.split(maxsplit=1)[0], name.rsplit(maxsplit=1)[-1]
    return is_given(first) or is_initial(last.rstrip("."))


# Periodicals as cited: "Slavic Review 44, no. 1", "Past & Present, 50(1)", "Pravda".

_NUMBER = r"[0-9]{1,4}(?:[-–/][0-9]{1,4})?"
_ISSUE_LABEL = r"(?:nos?|nr|issue|number|#|№)\.?"
_ISSUE = re.compile(rf"(?P<name>.+?)[,.]?\s{{1,9}}{_ISSUE_LABEL}\s*(?P<issue>{_NUMBER})", re.IGNORECASE)
_NUMBERS = re.compile(
    rf"(?P<name>.+?)[,.]?\s{{1,9}}(?:vol(?:ume)?\.?\s*)?(?P<volume>[0-9]{{1,4}}|[IVXLC]{{1,7}})"
    rf"(?:\s?\((?P<bracketed>{_NUMBER})\)|[,:.;]?\s*{_ISSUE_LABEL}\s*(?P<issue>{_NUMBER})|\s?[.:/,]\s?(?P<dotted>[0-9]{{1,3}}))?"
    r"(?:,?\s(?:spring|summer|autumn|fall|winter))?",
    re.IGNORECASE,
)
_ENDS_IN_LABEL = re.compile(rf"[\s,]{_ISSUE_LABEL}$", re.IGNORECASE)
_STRIP = " ,.;:*_"


class Periodical(msgspec.Struct, frozen=True):
    """A periodical's name and, each "" where absent, volume and issue."""

    name: str
    volume: str = ""
    issue: str = ""


def parse_periodical(text: str) -> Periodical:
    """Tells name, volume and issue apart; a text without numbers is a name."""
    text = text.strip(_STRIP)
    found = _NUMBERS.fullmatch(text)
    if found is not None and not _ENDS_IN_LABEL.search(found["name"]):
        return Periodical(
            found["name"].strip(_STRIP), found["volume"], found["bracketed"] or found["issue"] or found["dotted"] or ""
        )
    found = _ISSUE.fullmatch(text)
    if found is not None:
        return Periodical(found["name"].strip(_STRIP), "", found["issue"])
    return Periodical(text)


# Titles: cut out of quotation marks, and freed of the separators around them.

_OPENING = re.compile(r"[“\"«„‘']")
_CLOSING = {"“": "”", '"': '"', "«": "»", "„": "“”", "‘": "’", "'": "'"}
_EDITED = re.compile(r"\b(?:eds?\.|edited)\s")
_AFTER = frozenset(("", ",", ".", ";", ":"))


class Quoted(msgspec.Struct, frozen=True):
    """A title in quotation marks, without its closing comma or full stop, and the text before and after it."""

    before: str
    title: str
    after: str


def cut_quoted(text: str) -> Quoted | None:
    """The first quotation that is a title: it opens a part of the reference, and a separator stands inside or after its end.

    “Hot Autumn” in Italy is a title that starts with a quotation, not a quoted title.
    """
    for opened in _OPENING.finditer(text):
        start = opened.start()
        if start and (text[start - 1] != " " or text[: start - 1][-1:] not in ".,:;)"):
            continue
        for end in range(start + 2, len(text)):
            if text[end] in _CLOSING[opened[0]] and _closes(text, end):
                return Quoted(text[:start].strip(), text[start + 1 : end].strip().rstrip(" ,.;"), text[end + 1 :].strip())
    return None


def _closes(text: str, end: int) -> bool:
    inside, outside = text[end - 1], text[end + 1 : end + 2]
    if text[end] in "'’" and outside.isalnum():
        return False
    if inside in ",.?!;":
        return outside in _AFTER or outside in " ("
    return (
        outside in _AFTER
        or text[end + 1 : end + 3] == " ("
        or (text.startswith(" in ", end + 1) and _EDITED.search(text, end) is not None)
    )


def trim_title(text: str) -> str:
    """A title without the separators and emphasis marks around it; question marks and brackets belong to it."""
    return text.strip(" ,;:*_").rstrip(" .,;:*_")


_TITLED_VOLUME = re.compile(r"[,.]\svol(?:ume|\.)\s?([0-9]{1,3}|[IVXLC]{1,7})(?:[:,.]|\sof)\s(?=[^\W\d_])", re.IGNORECASE)


def read_book(text: str) -> Reference:
    """Reads a whole reference without a quoted title."""
    imprint = cut_imprint(text, leaves_title)
    authorship = cut_authors(imprint.head)
    if _is_whole_newspaper(authorship, imprint):
        return _read_newspaper(imprint)
    return read_title(authorship.rest, authorship, imprint)


def read_title(text: str, authorship: Authorship, imprint: Imprint) -> Reference:
    """Reads what is left of a book's reference when its authors and imprint are known: title, contributors, edition, volume."""
    contributors, extent, left_over = _cut_contributors(text)
    publisher = cut_extent(imprint.publisher)
    title, volume_title = extent.rest, ""
    titled_volume = _TITLED_VOLUME.search(title)
    if titled_volume and not title[titled_volume.end()].islower():
        title, volume_title = title[: titled_volume.start()], title[titled_volume.end() :]
        extent = Extent(title, volume=titled_volume[1]).joined(extent)
    extent = extent.joined(publisher)
    passage = cut_locator(title)
    if passage.units and passage.head.strip() and passage.units[-1].label not in COARSE:
        left_over += [unit.text for unit in passage.units if unit.label != "volume"]
        extent = extent.joined(Extent("", volume=next((unit.value for unit in passage.units if unit.label == "volume"), "")))
        title = passage.head
    item = authorship.csl() | {role: names for role, names in contributors.items() if role not in authorship.roles}
    item |= given(
        ("title", trim_title(title)),
        ("genre", imprint.genre),
        ("edition", extent.edition),
        ("volume", extent.volume),
        ("volume-title", trim_title(volume_title)),
        ("number-of-volumes", extent.number_of_volumes),
        ("publisher-place", imprint.place),
        ("publisher", trim_publisher(publisher.rest)),
        ("issued", imprint.issued),
    )
    by_somebody = bool(authorship.names or contributors or imprint.place or imprint.publisher)
    item["type"] = "thesis" if imprint.genre else "book" if by_somebody else "document"
    return Reference(item, told([*left_over, *imprint.left_over]), authorship.shape, imprint.in_brackets)


def _cut_contributors(text: str) -> tuple[CslItem, Extent, list[str]]:
    """Takes clauses such as "translated by …" out of a title, with editions and volumes on either side of them."""
    roles: CslItem = {}
    left_over: list[str] = []
    extent = cut_extent(text.strip())
    while (clause := inner_contributors(extent.rest)) is not None and clause.start > 0:
        for role in clause.roles:
            roles.setdefault(role, clause.names.csl())
        after = cut_extent(" " + extent.rest[clause.end :].strip(" ,.;:)"))
        left_over.insert(0, after.rest)
        extent = cut_extent(extent.rest[: clause.start]).joined(extent).joined(after)
    return roles, extent, left_over


def _is_whole_newspaper(authorship: Authorship, imprint: Imprint) -> bool:
    """Whether only a name and a day are given ("Pravda, March 5, 1937")."""
    if not imprint.dated_to_day:
        return False
    return authorship.names is None or (is_periodical(imprint.head) and authorship.shape in ("surnames", "corporate"))


def _read_newspaper(imprint: Imprint) -> Reference:
    periodical = parse_periodical(imprint.head)
    known = is_periodical(periodical.name)
    numbered = bool(periodical.volume or periodical.issue)
    item = given(
        (
            "type",
            "article-newspaper" if is_newspaper(periodical.name) else "article-magazine" if known or numbered else "document",
        ),
        ("container-title" if known or numbered else "title", periodical.name),
        ("volume", periodical.volume),
        ("issue", periodical.issue),
        ("issued", imprint.issued),
    )
    return Reference(item, told(imprint.left_over), in_brackets=imprint.in_brackets)


# Articles and chapters: a quoted title, and the periodical, book or site that holds it.

_IN = re.compile(r"(?:^|^[.,;]\s)[Ii]n:?\s(?=[^\W\d_a-z]|[“\"*_])")
_PAGES = re.compile(r",?\s{0,9}\(?(?:pp?\.\s?)?([0-9]{1,5}\s?[-–—]\s?[0-9]{1,5})\)?[.,]?\s*$")
_ARTICLES_STRIP = " ,.;:"


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
    imprint = cut_imprint(after[within.end() :] if within else after.lstrip(_ARTICLES_STRIP), _leaves_anything)
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
    return not strictly or bool(text.strip(_ARTICLES_STRIP))


def _editors_of(holder: str) -> Authorship:
    """The editors before a book's title, where APA puts them: "In E. Hobsbawm & T. Ranger (Eds.), The invention …"."""
    led = cut_authors(holder)
    if "editor" not in led.roles or (led.shape == "surnames" and _names_follow(led.rest)):
        return Authorship(holder)
    return led


def _names_follow(text: str) -> bool:
    """Whether the editors' names follow "ed.", so that what stands before it is a title ("Mills and Meadows, ed. Ann Crane")."""
    names = parse_names(text.strip(" ,"))
    return names is not None and names.shape == "direct"


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


# Archival shelf marks of Russian archives: "RGASPI, f. 558, op. 11, d. 27".

_RUSSIAN_SHELF = re.compile(
    r"(?:^|(?P<before>.*?[,.;:”\"])\s)(?P<archive>[^\W\d_a-z][^,;:]{1,60}),?\s"
    r"(?P<shelf>(?:[Ff](?:ond)?|[Cc]oll)\.?\s?[0-9A-Z]{1,6}(?:,\s?(?:op|opis|d|delo|ed\. khr)\.?\s?[0-9A-Z]{1,6}){1,3})$"
)
_SIGN_OF_RUSSIAN_SHELF = re.compile(r"(?:[Ff](?:ond)?|[Cc]oll)\.?\s?[0-9A-Z]")


def read_archived(text: str) -> Reference | None:
    """Reads "Description, RGASPI, f. 558, op. 11, d. 27" into ``archive`` and ``archive_location``, or gives None."""
    found = _RUSSIAN_SHELF.match(text.strip(" ,.;:")) if _SIGN_OF_RUSSIAN_SHELF.search(text) else None
    if found is None:
        return None
    place = {"archive": found["archive"].strip(), "archive_location": found["shelf"]}
    before = (found["before"] or "").strip(" ,.;:")
    if not before:
        return Reference({"type": "document"} | place, in_brackets=True)
    described = read_book(before)
    return Reference(described.csl | {"type": "document"} | place, described.left_over, described.shape, in_brackets=True)
