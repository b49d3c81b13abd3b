"""Sources that are neither books nor articles: court cases, scripture and classics, letters, interviews, archives, Hansard.

Each has a form of its own that is read whole or not at all; what it holds besides is left over and said so.
"""

import re
from collections.abc import Callable

import msgspec

from index.citations.locators import cut_any_locator, expand_pages, find_date, locator, parse_date
from index.citations.people import CslName, Names, parse_names, read_people
from index.citations.publications import cut_quoted, read_book, trim_title
from index.citations.statements import cut_links
from index.citations.words import given
from index.records import CslItem, Locator

_STRIP = " ,.;:"
_ANY_NUMBER = re.compile(r"[0-9]|\b[IVX]+\.[ivx]+")


class Kind(msgspec.Struct, frozen=True):
    """A line read as one of these kinds: its item, where in it the passage stands, and words that found no place."""

    csl: CslItem
    where: Locator | None = None
    left_over: tuple[str, ...] = ()


def read_kind(line: str) -> Kind | None:
    """Reads a bare line as a source of one of these kinds, or gives None for books, articles and everything else."""
    if not _ANY_NUMBER.search(line):
        return None
    for hints, needed, read in _READERS:
        kind = read(line) if any(hint in line for hint in hints) and needed.search(line) else None
        if kind is not None:
            return kind
    return None


# --- court cases

_PARTIES = (
    r"(?P<title>(?:[^\W\d_a-z](?:(?!\s(?:v|vs)\.?\s[^\W\d_a-z])[^\[\]()])*+\s(?:v|vs)\.?\s[^\W\d_a-z][^\[\]()]*?"
    r"|(?:In re|Ex parte|Matter of|Re)\s[^\W\d_a-z][^\[\]()]*?))"
)
_SERIES = r"(?:2d|3d|[4-9]th)"
_REPORTER_WORD = rf"(?:[A-Z][A-Za-z.’'&]*+(?:{_SERIES}\.?)?|{_SERIES})"
_REPORTER = rf"(?P<reporter>{_REPORTER_WORD}(?:\s(?:{_REPORTER_WORD}|\([A-Z]{{2,4}}\)))*)"
_PIN = r"(?:,?\s(?:at\s)?(?P<pin>\[?[0-9]{1,5}\]?(?:[-–][0-9]{1,5})?(?:,\s[0-9]{1,5})*))?"
_AMERICAN = re.compile(
    rf"{_PARTIES},?\s(?P<volume>[0-9]{{1,4}}(?:-[0-9])?)\s{_REPORTER}\s(?P<page>¶?\s?[A-Z]?[0-9][0-9,]*[0-9]|[0-9_]+){_PIN}"
    rf"(?:\s\((?P<court>[^()]*?)\s?(?P<year>1[6-9][0-9]{{2}}|20[0-9]{{2}})\))?\.?"
)
_BRITISH = re.compile(
    rf"{_PARTIES},?\s[\[(](?P<year>1[6-9][0-9]{{2}}|20[0-9]{{2}})[\])]\s(?:(?P<volume>[0-9]{{1,3}})\s)?{_REPORTER}\s(?P<page>[0-9]{{1,4}}){_PIN}"
    r"(?:\s\((?P<court>[^()]{1,30})\))?\.?"
)


def _read_case(line: str) -> Kind | None:
    found = _AMERICAN.fullmatch(line) or _BRITISH.fullmatch(line)
    if found is None or (found["year"] is None and not _is_law(found["reporter"])):
        return None
    csl = given(
        ("type", "legal_case"),
        ("title", found["title"].strip(_STRIP) if not found["title"].endswith("Co.") else found["title"]),
        ("volume", found["volume"]),
        ("container-title", found["reporter"]),
        ("page", found["page"]),
        ("authority", (found["court"] or "").strip(" ,")),
        ("issued", {"date-parts": [[int(found["year"])]]} if found["year"] else None),
    )
    pin = found["pin"]
    where = locator(cut_any_locator(f"{found['title']}, p. {pin}").units) if pin and pin[0] != "[" else None
    return Kind(csl, where or (Locator("paragraph", pin) if pin else None))


def _is_law(reporter: str) -> bool:
    return "." in reporter or reporter.isupper()


# --- scripture, classics, drama

_BOOKS = """
    Genesis Exodus Leviticus Numbers Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra Nehemiah Esther Job
    Psalms? Proverbs Ecclesiastes Isaiah Jeremiah Lamentations Ezekiel Daniel Hosea Joel Amos Obadiah Jonah Micah
    Nahum Habakkuk Zephaniah Haggai Zechariah Malachi Matthew Mark Luke John Acts Romans Corinthians Galatians
    Ephesians Philippians Colossians Thessalonians Timothy Titus Philemon Hebrews James Peter Jude Revelation Gen
    Exod? Lev Num Deut Josh Judg Sam Kgs Chron? Neh Esth Pss? Prov Eccl(?:es)? Isa Jer Lam Ezek Dan Hos Hab Zeph Hag
    Zech Mal Matt? Mk Lk Jn Rom Cor Gal Eph Phil Col Thess Tim Tit Philem Heb Jas Pet Rev Tobit Judith Wisdom Sirach
    Baruch Macc(?:abees)? Qur[’']?an Koran Quran Sura[ht]?
""".split()
_NUMBERS = r"[0-9]{1,3}[:.][0-9]{1,3}[a-c]?(?:\s?[-–—]\s?[0-9]{1,3}(?:[:.][0-9]{1,3})?[a-c]?|ff?\.?)?"
_SCRIPTURE = re.compile(
    rf"(?P<book>(?:(?:[1-4]|I{{1,3}}|IV|First|Second|Third)\s)?(?:{'|'.join(_BOOKS)}|Song of (?:Songs|Solomon))\.?"
    r"(?:\s(?:al-)?[A-Z][a-z-]+(?=\s))?)\s"
    rf"(?P<verses>{_NUMBERS}(?:[,;]\s?(?:{_NUMBERS}|[0-9]{{1,3}}(?:\s?[-–]\s?[0-9]{{1,3}})?))*)(?:,?\s\(?(?P<version>[A-Z]{{2,5}})\)?)?\.?",
    re.IGNORECASE,
)
_PASSAGE = re.compile(
    r"(?P<passage>[0-9]{1,4}[a-e][0-9]{0,2}(?:\s?[-–]\s?[0-9]{0,4}[a-e]?[0-9]{0,2})?"
    r"|(?:[0-9]{1,3}|[IVXLC]{1,6}|[ivxlc]{1,6})(?:\.(?:[0-9]{1,4}|[ivxlc]{1,6})){1,12}(?:\s?[-–]\s?[0-9ivxlc.]{1,9})?"
    r"|(?:act|book|bk\.)\s[0-9ivxIVX]{1,4},\s(?:sc(?:ene|\.)|ch\.|line|l\.)\s[0-9ivx]{1,4}(?:,\s(?:ll?\.|lines?)\s[0-9]{1,4}(?:[-–][0-9]{1,4})?)?)\.?$",
    re.IGNORECASE,
)
_LONGEST_PASSAGE = 90
_OF_PASSAGES = "0123456789abcdeivxIVX.–-"
_SIGN_OF_PASSAGE = re.compile(r"[0-9][a-e]|[0-9IVXLCivxlc]\.[0-9ivxlcIVXLC]|(?:act|book)\s|bk\.", re.IGNORECASE)
_ANCIENT = re.compile(
    r"(?P<author>(?:St\.\s|Saint\s)?[^\W\d_a-z][^\W\d_]*(?:\s(?:of\s)?[^\W\d_a-z][^\W\d_]+){0,2}),\s(?P<title>[^\W\d_](?:[^,\d;:()“”\"]){1,60}?),?\s$"
)


def _read_scripture(line: str) -> Kind | None:
    found = _SCRIPTURE.fullmatch(line)
    if found is None:
        return None
    csl = given(("type", "classic"), ("title", found["book"].rstrip(".")), ("version", found["version"]))
    return Kind(csl, Locator("verse", found["verses"]))


def _read_classic(line: str) -> Kind | None:
    start = max(0, len(line) - _LONGEST_PASSAGE)
    number = line[start:].rpartition(" ")[2].strip("abcde.–-")
    if not number or number.strip(_OF_PASSAGES) or not _SIGN_OF_PASSAGE.search(line, start):
        return None
    found = _PASSAGE.search(line, start)
    head = _ANCIENT.match(line[: found.start()]) if found else None
    if found is None or head is None or not _is_title(head["title"]):
        return None
    names = parse_names(head["author"])
    if names is None or len(names.people) != 1:
        return None
    title = head["title"].strip()
    return Kind({"type": "classic", "author": names.csl(), "title": title}, Locator("section", found["passage"].rstrip(".")))


def _is_title(text: str) -> bool:
    words = text.split()
    return (
        len(words) <= 7
        and text[0].isupper()
        and parse_date(text) is None
        and not re.search(r"\b(?:[Vv]ol|[Ee]d|[Nn]o|[Cc]h|pp?)\b", text)
    )


# --- letters, interviews, communications

_COMMUNICATION = re.compile(
    r"(?P<names>[^\d“\"]{3,90}?)[.,]\s(?P<genre>(?:unpublished\s)?(?:[Pp]ersonal\s(?:communication|correspondence|interview|letter)|[Ee]-?mail(?:\smessage)?"
    r"|[Ll]etter|[Tt]elegram|[Tt]elephone\s(?:conversation|interview)|[Cc]onversation)(?:\s(?:to|with)\s(?P<recipient>[^,\d]{3,60}))?),\s(?P<rest>.*)"
)
_INTERVIEW = re.compile(
    r"(?P<names>[^\d“\"]{3,90}?)[.,]\s(?P<title>[“\"].{3,120}?[,.]?[”\"][,.]?\s)?[Ii]nterview(?:ed)?\s(?:by|with)\s(?P<by>[^\d]{3,80}?)[.,]\s(?P<rest>.*)"
)
_WITHIN = re.compile(
    r"(?P<what>(?:[Ll]etter|[Tt]elegram|[Mm]emorandum|[Mm]emo|[Ss]tatement|[Ss]peech|[Tt]estimony|[Rr]eport|[Dd]ispatch|[Ee]ntry|[Aa]ddress|[Nn]ote|[Mm]inutes?)\b"
    r"[^“”\"()]{2,120}?),?\sin:?\s(?P<holder>.+)"
)
_FROM_TO = re.compile(r"^[A-Z][a-z]+ (?:from|of|by) (?P<who>[^,\d]+?)(?: to (?P<whom>[^,\d]+?))?(?:,|$)")


def _read_communication(line: str) -> Kind | None:
    tail = cut_any_locator(line)
    found = _COMMUNICATION.fullmatch(tail.head if tail.units and tail.labelled else line)
    names = _persons(found["names"]) if found else None
    if found is None or names is None:
        return None
    recipient = read_people(found["recipient"]) if found["recipient"] else []
    csl = given(("type", "personal_communication"), ("author", names.csl()), ("genre", found["genre"]), ("recipient", recipient))
    return _dated(csl, found["rest"], locator(tail.units) if tail.units and tail.labelled else None)


def _read_interview(line: str) -> Kind | None:
    tail = cut_any_locator(line)
    labelled = bool(tail.units) and tail.labelled
    found = _INTERVIEW.fullmatch(tail.head if labelled else line)
    names = _persons(found["names"]) if found else None
    interviewers = read_people(found["by"]) if found else []
    if found is None or names is None or not interviewers:
        return None
    title = trim_title((found["title"] or "").strip(' “”",.'))
    csl = given(("type", "interview"), ("author", names.csl()), ("title", title), ("interviewer", interviewers))
    return _dated(csl, found["rest"], locator(tail.units, tail.note) if labelled else None)


def _dated(csl: CslItem, rest: str, where: Locator | None) -> Kind | None:
    """Completes an item with the date, the archive and the link after it; without a date it is something else."""
    rest, links = cut_links(rest)
    dated = find_date(rest)
    if dated is None:
        return None
    start, end, issued = dated
    before, after = rest[:start].strip(" ,.;("), rest[end:].strip(" ,.;)")
    medium = re.search(r"(?:^|,\s)(transcript|tape recording|audio recording|typescript|manuscript|video)$", after)
    archive = after[: medium.start()].strip(" ,.;") if medium else after
    csl = csl | {"issued": issued} | given(("archive", archive), ("medium", medium[1] if medium else "")) | links
    return Kind(csl, where, (before,) if before else ())


def _persons(text: str) -> Names | None:
    names = parse_names(text)
    return names if names is not None and names.shape in ("direct", "inverted", "surnames") else None


def _read_within(line: str) -> Kind | None:
    """Reads "Letter from Ann Birch to Paul Crane, 3 May 1912, in The Birch Letters, ed. …": what is cited, and what holds it."""
    tail = cut_any_locator(line)
    found = _WITHIN.fullmatch(tail.head.rstrip(" ,"))
    if found is None:
        return None
    what = found["what"].strip(_STRIP)
    dated = find_date(what)
    if dated is None and not _FROM_TO.match(what):
        return None
    holder = read_book(found["holder"])
    if not holder.csl.get("title") or not holder.csl.keys() & {"publisher", "publisher-place"}:
        return None
    roles: CslItem = {"container-author": holder.csl["author"]} if "author" in holder.csl else {}
    fields = {name: value for name, value in holder.csl.items() if name not in ("type", "title", "author")}
    csl = {"type": "chapter", "title": what, "container-title": holder.csl["title"]} | roles | fields | _correspondents(what)
    return Kind(
        csl | ({"original-date": dated[2]} if dated else {}),
        locator(tail.units, tail.note) if tail.units else None,
        holder.left_over,
    )


def _correspondents(what: str) -> CslItem:
    found = _FROM_TO.match(what)
    writer: list[CslName] = read_people(found["who"]) if found and found["whom"] else []
    recipient: list[CslName] = read_people(found["whom"]) if found and found["whom"] else []
    return given(("author", writer), ("recipient", recipient))


# --- archives and parliaments

_SHELF = r"(?P<shelf>[A-Z]{1,5}\s?[0-9]+(?:/[A-Z0-9]+)+(?:,\s[A-Z]{0,3}\s?[0-9]+(?:/[0-9A-Z]+)*)*)"
_NATIONAL = re.compile(
    r"(?P<archive>[A-Z]{2,8}|[^\W\d_a-z][^\d,;]*?(?:Archives?|Library|Archiv|Record Office|Bibliothek|Bibliothèque)"
    r"(?:,\s[^\W\d_a-z][\w. ]+)?),?\s\(?"
    rf"{_SHELF}\)?(?:[,:.]\s(?P<rest>.+))?"
)
_HOLDER = r"(?:[Bb]ox|[Ff]older|[Ff]ile|[Cc]arton|[Rr]eel|[Cc]ontainer|[Ff]rame|[Ss]eries)"
_BOXES = rf"(?P<shelf>{_HOLDER}\s[0-9A-Z]+(?:[,;]\s{_HOLDER}\s[0-9A-Z]+)*)"
_BOXED = re.compile(rf"(?:(?P<before>.+?)[,.]\s)?{_BOXES}[,;.]\s(?P<archive>[^\W\d_a-z].+)")
_HANSARD = re.compile(
    r"(?P<title>(?:Hansard|Parl(?:iamentary)?\.? Deb(?:ates|s|\.)?|H\.?[CL]\.? Deb(?:s|\.)?|Congressional Record"
    r"|Cong\. Rec\.)[^\d]*?),?\s\(?(?P<rest>.*)"
)
_COLUMN = re.compile(r"[,\s]\s?(?:cols?\.?|cc?\.?)\s?(?P<column>[0-9]{1,5}W?(?:[-–][0-9]{1,5})?)\.?$")
_IN_VOLUME = re.compile(r"(?:(?<![,\s(])[,\s(]++)?(?:vol(?:ume)?\.?)\s?(?P<volume>[0-9]{1,4})[)\s,]*")


def _read_archived(line: str) -> Kind | None:
    found = _NATIONAL.fullmatch(line.rstrip(" ."))
    if found is None:
        return None
    csl: CslItem = {"type": "manuscript", "archive": found["archive"], "archive_location": found["shelf"]}
    return _described(csl, found["rest"] or "")


def _read_boxed(line: str) -> Kind | None:
    found = _BOXED.fullmatch(line.rstrip(" ."))
    if found is None:
        return None
    return _described(
        {"type": "manuscript", "archive": found["archive"], "archive_location": found["shelf"]}, found["before"] or ""
    )


def _described(csl: CslItem, text: str) -> Kind:
    """An archival item with its description and date, which stand before or after the shelf mark."""
    dated = find_date(text)
    if dated is not None and len(dated[2]["date-parts"][0]) > 0:
        csl = csl | {"issued": dated[2]}
        after = text[dated[1] :].strip(_STRIP)
        text = text[: dated[0]]
    else:
        after = ""
    title = trim_title(text).strip('“”"')
    return Kind(csl | given(("title", title)), None, (after,) if after else ())


def _read_hansard(line: str) -> Kind | None:
    found = _HANSARD.fullmatch(line.rstrip(" ."))
    if found is None:
        return None
    rest = f" {found['rest']}"
    column = _COLUMN.search(rest)
    rest = rest[: column.start()] if column else rest
    volume = _IN_VOLUME.search(rest)
    rest = f"{rest[: volume.start()]} {rest[volume.end() :]}" if volume else rest
    dated = find_date(rest)
    if dated is None:
        return None
    left = [part.strip(" ,.;()") for part in (rest[: dated[0]], rest[dated[1] :])]
    csl = given(
        ("type", "hearing"),
        ("title", found["title"].strip(_STRIP)),
        ("volume", volume["volume"] if volume else ""),
        ("issued", dated[2]),
    )
    return Kind(csl, Locator("column", column["column"]) if column else None, tuple(part for part in left if part))


# --- cards of debaters

_CARD = re.compile(
    r"(?P<short>[^\W\d_a-z][\w’' &.-]{1,40}?),?\s[’'‘]?(?P<year>[0-9]{2}|[0-9]{4})\s?[\[(](?P<inside>.{10,})[\])]\.?"
)


def _read_card(line: str) -> Kind | None:
    """Reads "Birch ’15 (Ann Birch, Doctoral Student, “Locks,” Canal Review, …)", whose head repeats what is inside."""
    found = _CARD.fullmatch(line)
    inside, links = cut_links(found["inside"]) if found else ("", {})
    quoted = cut_quoted(inside) if found else None
    if found is None or quoted is None or not quoted.before:
        return None
    name, _, about = quoted.before.strip(" ,").partition(",")
    names = parse_names(name)
    surname = found["short"].split()[0]
    if names is None or all(surname not in (person.get("family", ""), person.get("literal", "")) for person in names.people):
        return None
    parts = [part.strip() for part in quoted.after.strip(_STRIP).split(", ") if part.strip(_STRIP)]
    issued = next((date for part in parts if (date := parse_date(part))), None)
    held = [part for part in parts if parse_date(part) is None]
    csl = given(
        ("type", "webpage" if "URL" in links else "article-magazine"),
        ("author", names.csl()),
        ("title", quoted.title),
        ("container-title", held[0].strip(_STRIP) if held else ""),
        ("issued", issued),
    )
    return Kind(csl | links, None, tuple(part for part in (about.strip(_STRIP), *held[1:]) if part))


# --- descriptions of the Russian standard, and Chinese and Japanese references

_RUSSIAN_NAME = r"[А-ЯЁ][а-яё-]+,?\s[А-ЯЁ]\.(?:\s?[А-ЯЁ]\.)?"
_GOST = re.compile(
    rf"(?:(?P<names>{_RUSSIAN_NAME}(?:,\s{_RUSSIAN_NAME}){{0,3}})\.?\s)?(?P<title>[^/\[\]]{{3,200}}?)(?:\s\[[^\[\]]{{3,40}}\])?\s/\s(?P<makers>[^/]{{3,160}}?)"
    r"(?:\s//\s(?P<journal>[^/]{3,120}?)\.\s[—–-]\s(?P<issued>(?:1[4-9]|20)[0-9]{2})\.(?:\s[—–-]\s(?:Т\.\s(?P<volume>[0-9]{1,4})|№\s?(?P<issue>[0-9/–-]{1,9}))[.,]){0,2}"
    r"(?:\s[—–-]\s[СC]\.\s(?P<pages>[0-9]{1,5}(?:\s?[—–-]\s?[0-9]{1,5})?))?"
    r"|\.\s[—–-]\s(?:(?P<edition>[0-9]{1,2})-е\s(?:[а-яё.,\s]{0,20})изд\.[^—–]{0,40}\s[—–-]\s)?(?P<place>[А-ЯЁ][^:—–]{0,40}?)\s?:\s(?P<publisher>[^:]{2,80}?),\s(?P<year>(?:1[4-9]|20)[0-9]{2})\."
    r"(?:\s[—–-]\s(?P<extent>[0-9]{1,5})\s[сc])?(?:\.\s[—–-]\s[СC]\.\s(?P<place_in>[0-9]{1,5}(?:\s?[—–-]\s?[0-9]{1,5})?))?)\.?"
)


def _read_gost(line: str) -> Kind | None:
    """Reads a description with " / " before those responsible and dashes between its areas (GOST R 7.0.100)."""
    found = _GOST.fullmatch(line)
    people = read_people((found["names"] or "").replace("., ", ".; ")) if found and found["names"] else []
    if found is None or not (people or read_people(found["makers"])):
        return None
    year, holder = found["year"] or found["issued"], found["journal"]
    csl = given(
        ("type", "article-journal" if holder else "book"), ("author", people or read_people(found["makers"])),
        ("title", trim_title(found["title"])), ("container-title", holder), ("volume", found["volume"]),
        ("issue", found["issue"]), ("page", found["pages"]), ("edition", found["edition"]),
        ("publisher-place", (found["place"] or "").strip()),
        ("publisher", found["publisher"]), ("number-of-pages", found["extent"]), ("issued", {"date-parts": [[int(year)]]}),
    )  # fmt: skip
    return Kind(csl, Locator("page", found["place_in"], expand_pages(found["place_in"])) if found["place_in"] else None)


_HAN = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々・]"
_HAN_PAGES = r"(?P<pages>[0-9]{1,5}(?:\s?[-–—~～]\s?[0-9]{1,5})?)"
_HAN_MARK = "[，,、：:。.]"
_HAN_SPACES = re.compile(" ?([，。：；、《》『』「」]) ?")
_EAST_ASIAN = re.compile(
    rf"(?P<names>{_HAN}{{2,10}}(?:[、，,]{_HAN}{{2,10}}){{0,5}}?)(?P<role>等?(?:编|著|主编|編|編著)?)[：:，,、]?\s?[《『「〈“](?P<title>[^《》『』「」〈〉“”]{{1,80}})[》』」〉”]{_HAN_MARK}?\s?"
    rf"(?:[《『「](?P<journal>[^《》『』「」]{{2,40}})[》』」]{_HAN_MARK}?\s?(?:第?(?P<volume>[0-9]{{1,4}})[卷巻]{_HAN_MARK}?)?(?:(?P<issued>[12][0-9]{{3}})年)?(?:第(?P<issue>[0-9]{{1,4}})[期号號]{_HAN_MARK}?)?(?:[（(]?(?P<dated>[12][0-9]{{3}})年?[)）]?{_HAN_MARK}?)?"
    rf"|(?:(?P<place>{_HAN}{{2,8}})[：:]\s?)?(?P<publisher>{_HAN}{{2,20}})[，,、]\s?(?P<year>[12][0-9]{{3}})年版?)"
    rf"(?:{_HAN_MARK}\s?(?:第\s?)?{_HAN_PAGES}\s?[页頁])?[。．.]?"
)


def _read_east_asian(line: str) -> Kind | None:
    """Reads a Chinese or Japanese note: names, a title in its brackets, place and publisher or a journal, "1988年", "第77页"."""
    found = _EAST_ASIAN.fullmatch(_HAN_SPACES.sub(r"\1", line))
    year = found["year"] or found["issued"] or found["dated"] if found else None
    if found is None or not year:
        return None
    people = [{"literal": name} for name in re.split("[、，,]", found["names"])]
    edited = bool(re.search("[编編]", found["role"])) and "著" not in found["role"]
    csl = given(
        ("type", "article-journal" if found["journal"] else "book"), ("editor" if edited else "author", people),
        ("title", found["title"]), ("container-title", found["journal"]), ("volume", found["volume"]), ("issue", found["issue"]),
        ("publisher-place", found["place"]), ("publisher", found["publisher"]), ("issued", {"date-parts": [[int(year)]]}),
    )  # fmt: skip
    if found["title"] not in line:
        return None
    return Kind(csl, Locator("page", found["pages"], expand_pages(found["pages"])) if found["pages"] else None)


_READERS: tuple[tuple[tuple[str, ...], re.Pattern[str], Callable[[str], Kind | None]], ...] = (
    (
        (" v", "In re", "Ex parte", "Matter of", "Re "),
        re.compile(r"\s(?:v|vs)\.?\s|^(?:In re|Ex parte|Matter of|Re)\s"),
        _read_case,
    ),
    ((":", "."), re.compile(r"[0-9][:.][0-9]"), _read_scripture),
    ((", ",), re.compile(r"(?<=[0-9a-eivxIVX.–-])$"), _read_classic),
    (("Hansard", "Deb", "Rec"), re.compile(r"Hansard|Deb\b|Debates|Debs\b|Record|Rec\."), _read_hansard),
    (("[", "("), re.compile(r"^(?>.*?[0-9]\s?[\[(]).*[\])]\.?$"), _read_card),
    (("nterview",), re.compile(r"[Ii]nterview"), _read_interview),
    (
        ("ommunication", "orrespondence", "nterview", "etter", "mail", "elegram", "onversation"),
        re.compile(r"ommunication|orrespondence|nterview|etter|mail|elegram|onversation"),
        _read_communication,
    ),
    ((" in",), re.compile(r"\sin:?\s"), _read_within),
    ((" / ",), re.compile(r"\s/\s[^/]+(?:\.\s[—–-]|\s//)\s"), _read_gost),
    (("年",), re.compile("[12][0-9]{3}年"), _read_east_asian),
    (("/",), re.compile(r"[0-9]/[0-9A-Z]"), _read_archived),
    (
        ("ox", "older", "ile", "arton", "eel", "ontainer", "eries"),
        re.compile(r"(?:[Bb]ox|[Ff]older|[Ff]ile|[Cc]arton|[Rr]eel|[Cc]ontainer|[Ss]eries)\s[0-9A-Z]"),
        _read_boxed,
    ),
)
"""Each reader, and what a line must hold for it to be tried: one of some letters, looked for first, and a pattern."""


# --- a source within a source

_QUOTED_IN = re.compile(
    r"[,;.]?\s\(?(?P<how>(?:as\s)?(?:quoted|cited|qtd\.|reproduced)\sin|apud|zit(?:iert|\.)\s(?:nach|in|bei)|cité\s(?:par|dans|in)|citato\sin|cit\.\sin|citado\s(?:en|por))\s",
    re.IGNORECASE,
)


def cut_quoted_in(line: str) -> tuple[str, str]:
    """A line cut before "quoted in …", and the words from there on; "" where nothing is quoted from somewhere else."""
    found = _QUOTED_IN.search(line, 8)
    return (line[: found.start()], line[found.start() :].strip(" ,;.(")) if found else (line, "")
