"""A second reader of citation lines: a conditional random field labels every word, and what it labels becomes fields.

The model (``vendor/citation-tagger``) is trained by ``scripts/train_citation_tagger.py``. python-crfsuite is imported with
the first line that is read, so nothing that reads no citations waits for it. How sure a field is, is for
``index.citations.combine`` to judge.
"""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from index.citations.locators import CslDate, parse_date
from index.citations.people import CslName, parse_names, read_people
from index.citations.publications import trim_title
from index.citations.statements import cut_extent, roles_of, trim_publisher
from index.citations.words import (
    CLOSING_QUOTES,
    OPENING_QUOTES,
    Word,
    features_of,
    is_set_off,
    names_a_role,
    sentence_breaks,
    words_of,
)
from index.records import CslItem

MODEL = Path(__file__).parent / "vendor" / "citation-tagger" / "model.crfsuite"

_NUMBER = r"[0-9]{1,4}(?:[-–/][0-9]{1,4})?[A-Za-z]?|[IVXLC]{1,7}|[ivxlc]{1,7}"
_VOLUME_LABEL = r"(?:vols?|volume|bd|band|t|tome|tomo|jg|jahrgang|т|v)(?![^\W_])\.?"
_ISSUE_LABEL = r"(?:nos?|nr|n|№|núm|num|number|issue|heft|h|iss)(?![^\W_])[.°º]?|№|n[°º]|#"
_VOLUME = re.compile(
    rf"(?:(?:{_VOLUME_LABEL})\s*)?(?P<volume>{_NUMBER})"
    rf"(?:\s?\(\s?(?:(?:{_ISSUE_LABEL})\s?)?(?P<bracketed>{_NUMBER})\)|[,:.;]?\s*(?:{_ISSUE_LABEL})\s*(?P<issue>{_NUMBER})|\s?[.:/,]\s?(?P<dotted>{_NUMBER}))?",
    re.IGNORECASE,
)
_ISSUE = re.compile(rf"\(?(?:(?:{_ISSUE_LABEL})\s*(?P<issue>{_NUMBER})\)?|\((?P<bracketed>{_NUMBER})\))", re.IGNORECASE)
_VOLUMES = re.compile(r"([0-9]{1,3}|two|three|four) (?:vols?|volumes|Bde|Bände|t)\.?", re.IGNORECASE)
_PAGES = re.compile(r"[0-9ivxlcIVXLCA-Z][0-9a-zA-Z]*(?:\s?[-‐-―−]\s?[0-9a-zA-Z]+)?(?:,\s?[0-9]+(?:\s?[-‐-―−]\s?[0-9]+)?)*")
_PAGE_LABEL = re.compile(r"^\W*(?:(?:pages?|pagg?|pgs?|pp?|ss?|С|стр|págs?|seite)(?:\.\s*|\s+)|第)", re.IGNORECASE)
_NOT_GIVEN = re.compile(r"(?:n\.\s?[dp]|s\.\s?[lna])\.?(?:,?\s?(?:n\.\s?[dp]|s\.\s?[lna])\.?)*", re.IGNORECASE)
_ROLE_WORD = r"(?:eds?\.|edited|tr\.|trans\.|transl\.|translated)"
_SECOND_ROLE = re.compile(rf"[,;]?\s(?:(?:and|&|und|et)\s)?(?={_ROLE_WORD}(?:\s(?:by|and|&|{_ROLE_WORD}))*\s[^\W\d_a-z])")
_ROLES_BEFORE = re.compile(rf"\W*(?:(?:and|&)\s)?{_ROLE_WORD}(?:\s?(?:,|and|&)\s?{_ROLE_WORD})*(?=\s|$)", re.IGNORECASE)
_HERE = re.compile(r"[,;:]?\s(?:here|hier|ici|at|esp\.)(?:\sat)?:?\s(?=\S*\s?[0-9])")
_AUFLAGE = re.compile(r"([0-9]{1,3})\.?\s?(?:-е\s)?(?:Aufl|[Ee]d|éd|изд|ediz)", re.IGNORECASE)
_IN = re.compile(r"(?:[Ii]n|[Dd]ans|[Ee]n|// ?|В):?\s+|//\s?")
_TRANSLATED_FROM = re.compile(
    r"aus de[mn]?\.? \w+ (?:übers\. |übersetzt )?vo?n?\.? "
    r"|(?:traduit|traduzione|traducción) (?:de |del? )?(?:l[’']\w+ )?(?:par|di|de) ",
    re.IGNORECASE,
)
_MOST_DIGITS = 3
_LAST_SENTENCES = 2
_ONE_PIECE = frozenset({"author", "editor", "translator", "title", "journal", "container-title", "publisher"})
_ROLES = ("editor", "translator")
_JOINTS = ("and", "&", "und", "et", "e", "y")
_STRIP = " ,.;:"


class Segment(msgspec.Struct, frozen=True):
    """A run of words with one label; ``sure`` is the lowest marginal probability of its words, in [0, 1]."""

    label: str
    start: int
    end: int
    sure: float


class Tagged(msgspec.Struct, frozen=True):
    """What the tagger read: a CSL item without a type, how sure each field is, and the segments in order.

    ``pages`` are the pages as written, "" where there are none; ``spare`` are segments of a label whose field another filled.
    """

    csl: CslItem
    sure: dict[str, float]
    segments: tuple[Segment, ...]
    pages: str = ""
    spare: tuple[Segment, ...] = ()
    surname_first: bool = False


class Tagger:
    """Labels words with a model file; safe to use from several threads, one line at a time."""

    def __init__(self, model: Path) -> None:
        import pycrfsuite

        self._lock = threading.Lock()
        self._tagger: pycrfsuite.Tagger = pycrfsuite.Tagger()
        self._tagger.open(str(model))

    def segments(self, line: str) -> tuple[Segment, ...]:
        """The labelled runs of a line, in order; none for a line without words."""
        words = words_of(line)
        if not words:
            return ()
        features = features_of(words)
        with self._lock:
            self._tagger.set(features)
            labels = _joined(words, self._tagger.tag(), self._tagger.marginal)
            sure = [self._tagger.marginal(label, place) for place, label in enumerate(labels)]
        starts = [at for at, label in enumerate(labels) if at == 0 or label != labels[at - 1]]
        runs = zip(starts, [*starts[1:], len(labels)], strict=True)
        return tuple(Segment(labels[at], words[at].start, words[end - 1].end, min(sure[at:end])) for at, end in runs)


def _joined(words: Sequence[Word], labels: list[str], marginal: Callable[[str, int], float]) -> list[str]:
    """The labels, with one label for words that nothing sets apart: a title does not end between "The Quiet" and "Ledger,".

    Of two names, titles or publishers that meet without a mark between them, the likelier takes the words of both as far as
    the marks around them. A word for a role ("trans.", "in") begins something of its own.
    """
    for place in range(1, len(words)):
        pair = (labels[place - 1], labels[place])
        if pair[0] == pair[1] or not _ONE_PIECE.issuperset(pair) or _is_boundary(words, place):
            continue
        start = next((at for at in range(place - 1, 0, -1) if labels[at - 1] not in pair or _is_boundary(words, at)), 0)
        end = next((at for at in range(place + 1, len(words)) if labels[at] not in pair or _is_boundary(words, at)), len(words))
        best = max(pair, key=lambda label: sum(marginal(label, at) for at in range(start, end)))
        labels = [*labels[:start], *[best] * (end - start), *labels[end:]]
    return labels


def _is_boundary(words: Sequence[Word], place: int) -> bool:
    """Whether something may begin at a word: a mark stands before it, or it names a role, with or without "and"."""
    if is_set_off(words[place - 1].text, words[place].text) or names_a_role(words[place].text):
        return True
    return words[place].text in _JOINTS and place + 1 < len(words) and names_a_role(words[place + 1].text)


@cache
def _shipped() -> Tagger:
    return Tagger(MODEL)


def read_tagged(line: str) -> Tagged:
    """Reads a bare, squeezed line with the model that travels with the package."""
    return fields_of(line, _shipped().segments(line))


def fields_of(line: str, segments: tuple[Segment, ...]) -> Tagged:
    """What labelled runs of a line say, as CSL fields; every string is a piece of the line."""
    csl: CslItem = {}
    sure: dict[str, float] = {}
    spare: list[Segment] = []
    pages = ""
    for segment in _longest_titles(_mended(line, segments), spare):
        text = line[segment.start : segment.end]
        fields = _READ.get(segment.label, _nothing)(text)
        if segment.label == "pages":
            pages, fields = (fields.get("page", "") or pages), {}
            sure["page"] = segment.sure
        if fields.keys() & csl.keys() - {"volume", "issue", "issued"}:
            spare.append(segment)
        for name, value in fields.items():
            if name == "issued" and name in csl:
                value = _joined_dates(csl[name], value)  # noqa: PLW2901 - "(2015)" and "12 May" are one date
            elif name in csl:
                continue
            csl[name] = value
            sure[name] = min(segment.sure, sure.get(name, 1.0))
    if "title" not in csl and "container-title" in csl and _is_named_alone(line, segments):
        csl["title"], sure["title"] = csl.pop("container-title"), sure.pop("container-title")
    if "container-title" not in csl and len(csl.get("volume", "")) > _MOST_DIGITS and csl["volume"].isdigit():
        del csl["volume"]  # a house number, a year: books have no such volumes
    family = csl.get("author", [{}])[0].get("family", "")
    return Tagged(csl, sure, segments, pages, tuple(spare), surname_first=bool(family) and line.startswith(family))


def _is_named_alone(line: str, segments: tuple[Segment, ...]) -> bool:
    """Whether the only title of a line is called a container, though nothing says that it holds anything: an edited book."""
    holders = [line[segment.start : segment.end] for segment in segments if segment.label in ("container-title", "journal")]
    return "journal" not in {segment.label for segment in segments} and not any(_IN.match(text) for text in holders)


def _mended(line: str, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The segments, with a "volume" that has no number given back to the title before it ("A Life in One Volume")."""
    mended: list[Segment] = []
    for segment in _people_set_apart(line, segments):
        text = line[segment.start : segment.end]
        if mended and mended[-1].label == "title" and segment.label == "volume" and not _read_volume(text):
            mended[-1] = Segment("title", mended[-1].start, segment.end, min(mended[-1].sure, segment.sure))
        elif mended and mended[-1].label in _ROLES and _goes_on(line[mended[-1].start : mended[-1].end], segment.label, text):
            label = segment.label if segment.label in _ROLES else mended[-1].label
            mended[-1] = Segment(label, mended[-1].start, segment.end, min(mended[-1].sure, segment.sure))
        else:
            mended.append(segment)
    return tuple(mended)


def _people_set_apart(line: str, segments: tuple[Segment, ...]) -> Iterator[Segment]:
    """The segments, with people who are the last sentence of a title taken out of it: "Later Letters. Ann Crane," before "ed.".

    A sentence that begins with words for a role names its people itself ("Aus dem Norwegischen von Greta Vogel").
    """
    for place, segment in enumerate(segments):
        text = line[segment.start : segment.end]
        start = _last_sentence(text) if segment.label in ("title", "container-title") else 0
        following = segments[place + 1] if place + 1 < len(segments) else None
        role = _role_of(text[start:], line[following.start : following.end] if following else "") if start else ""
        if not role:
            yield segment
            continue
        yield Segment(segment.label, segment.start, segment.start + start, segment.sure)
        yield Segment(role, segment.start + start, segment.end, segment.sure)


def _last_sentence(text: str) -> int:
    return max((start for start in sentence_breaks(text) if text[start:].strip()), default=0)


def _role_of(sentence: str, following: str) -> str:
    """The role of the people whom a sentence names, by its own first words or by those after it; "" where it names none."""
    sentence = sentence.strip(" ,.")
    if _TRANSLATED_FROM.match(sentence):
        return "translator" if read_people(sentence) else ""
    role = _ROLES_BEFORE.fullmatch(following.strip(" ,:()"))
    names = parse_names(sentence) if role else None
    return roles_of(following)[0] if role and names is not None and names.shape in ("direct", "inverted") else ""


def _goes_on(before: str, label: str, text: str) -> bool:
    """Whether a segment goes on with words for roles that name nobody yet ("ed." "and" "trans. Ann Crane")."""
    nameless = _ROLES_BEFORE.match(before)
    if nameless is None or before[nameless.end() :].strip() not in ("", *_JOINTS):
        return False
    return text.strip() in _JOINTS or label in _ROLES


def _longest_titles(segments: tuple[Segment, ...], spare: list[Segment]) -> list[Segment]:
    """The segments, with only the longest of several titles: one that was torn apart is no title."""
    titles = [segment for segment in segments if segment.label == "title"]
    longest = max(titles, key=lambda segment: segment.end - segment.start, default=None)
    spare += [segment for segment in titles if segment is not longest]
    return [segment for segment in segments if segment.label != "title" or segment is longest]


def _nothing(text: str) -> CslItem:  # noqa: ARG001 - the signature of every reader of a segment
    return {}


def _read_names(role: str, text: str) -> CslItem:
    """The people of a segment in the roles that its own words give them, else in the role that its label names."""
    fields: CslItem = {}
    roles: tuple[str, ...] = ()
    for piece in _SECOND_ROLE.split(_IN.sub("", text, count=1) if _IN.match(text) else text):
        told = _ROLES_BEFORE.match(piece)
        roles += roles_of(told[0]) if told and role != "author" else ()
        people = read_people(piece) or _after_a_sentence(piece)
        if people:
            fields |= {one: people for one in roles or (role,) if one not in fields}
            roles = ()
    return fields


def _after_a_sentence(text: str) -> list[CslName]:
    """The people at the end of a segment that begins with a sentence of another kind ("The Notebook. Ann Crane, ed.")."""
    for start in list(sentence_breaks(text))[: -_LAST_SENTENCES - 1 : -1]:
        people = read_people(text[start:])
        if people and text[start:].strip():
            return people
    return []


def _read_title(text: str) -> CslItem:
    title = bare_title(text)
    return {"title": title} if title else {}


def _read_container(text: str) -> CslItem:
    within = _IN.match(text)
    name = bare_title(text[within.end() :] if within else text)
    if ". " in name and text.rstrip(" ,;:*_").endswith(f"{name}."):
        name += "."  # the last word is shortened like the others: "Hum. Hered."
    return {"container-title": name} if name and not _NOT_GIVEN.fullmatch(name) else {}


def bare_title(text: str) -> str:
    """A title without the quotation marks, emphasis marks and separators around it."""
    text = text.strip(" ,;:*_")
    if text[:1] in OPENING_QUOTES + "'《「『" and text:
        inner = text[1:].rstrip(" .,;:")
        if inner[-1:] in CLOSING_QUOTES + "'》」』" or not any(mark in inner for mark in CLOSING_QUOTES[:3]):
            text = inner.rstrip("".join(CLOSING_QUOTES) + "'》」』 ")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return trim_title(text).strip("《》「」『』 ")


def _read_volume(text: str) -> CslItem:
    text = text.strip(_STRIP)
    many = _VOLUMES.fullmatch(text)
    if many:
        return {"number-of-volumes": many[1]}
    issue = _ISSUE.fullmatch(text)
    if issue:
        return {"issue": issue["issue"] or issue["bracketed"]}
    found = _VOLUME.fullmatch(text.strip("()")) if text.count("(") != 1 or text[:1] == "(" else _VOLUME.fullmatch(text)
    if not found:
        return {}
    issue_number = found["bracketed"] or found["issue"] or found["dotted"]
    return {"volume": found["volume"]} | ({"issue": issue_number} if issue_number else {})


def _read_date(text: str) -> CslItem:
    issued = parse_date(text.strip(" ,.;:()，。年-–—"))
    return {"issued": issued} if issued else {}


def _joined_dates(first: CslDate, second: CslDate) -> CslDate:
    """Two dates of one reference: a day without a year completes the year, else the first stands."""
    (begin,), (other,) = first.get("date-parts", [[0]])[:1], second.get("date-parts", [[0]])[:1]
    return second if len(other) > len(begin) and begin[:1] == other[:1] else first


def _read_pages(text: str) -> CslItem:
    text = _HERE.split(text)[-1]
    bare = _PAGE_LABEL.sub("", text).strip(" ,.;:()[]第页頁。")
    found = _PAGES.fullmatch(bare) or _PAGES.match(bare)
    return {"page": found[0].rstrip(" ,")} if found and any(sign.isdigit() or sign in "ivxlcIVXLC" for sign in found[0]) else {}


def _read_publisher(text: str) -> CslItem:
    name = trim_publisher(text.strip(" ()[]，：。"))
    return {"publisher": name} if name and not _NOT_GIVEN.fullmatch(name) else {}


def _read_place(text: str) -> CslItem:
    place = text.strip(" ,;:()[]，：。")
    place = (
        place if place.endswith((".C.", "Y.", "J.", "K.", "A.")) or re.search(r", [A-Z][a-z]+\.$", place) else place.rstrip(".")
    )
    return {"publisher-place": place} if place and not _NOT_GIVEN.fullmatch(place) else {}


def _read_edition(text: str) -> CslItem:
    number = _AUFLAGE.match(text.strip(" ,(["))
    if number and not re.search(r"rev|enl|new|neu|erw", text, re.IGNORECASE):
        return {"edition": number[1]}
    extent = cut_extent(f"– {text.strip(' ,;:()[]')}")
    if extent.edition:
        return {"edition": extent.edition}
    bare = text.strip(" ,.;:()[]")
    return {"edition": bare} if bare else {}


def _read_genre(text: str) -> CslItem:
    bare = text.strip(" ,;:()[]")
    return {"genre": bare} if bare else {}


def _read_series(text: str) -> CslItem:
    bare = text.strip(" ,.;:()[]=")
    found = re.fullmatch(r"(.+?)(?:[,.]|(?<!\s))\s++(?:(?:vol|no|nr|bd)\.?\s*+)?([0-9]{1,4})", bare, re.IGNORECASE)
    return {"collection-title": found[1], "collection-number": found[2]} if found else {"collection-title": bare} if bare else {}


_READ: dict[str, Any] = {
    "author": lambda text: _read_names("author", text),
    "editor": lambda text: _read_names("editor", text),
    "translator": lambda text: _read_names("translator", text),
    "title": _read_title,
    "container-title": _read_container,
    "journal": _read_container,
    "volume": _read_volume,
    "date": _read_date,
    "pages": _read_pages,
    "publisher": _read_publisher,
    "location": _read_place,
    "edition": _read_edition,
    "genre": _read_genre,
    "collection-title": _read_series,
}
