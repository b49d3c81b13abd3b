"""BibTeX: one entry an item, in UTF-8, for BibTeX and for BibLaTeX with biber; and the cite keys that all formats share."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import msgspec

from index.citations.csl import Item, PartialDate, Person, read_item
from index.citations.markup import (
    BOLD,
    BOLD_END,
    ITALIC,
    ITALIC_END,
    LOWERED,
    LOWERED_END,
    PLAIN,
    PLAIN_END,
    RAISED,
    RAISED_END,
    mark_tags,
    unmarked,
)
from index.citations.name_order import beside
from index.records import CslItem

# Cite keys: what a work is called in a BibTeX file, RIS or CSL-JSON, the same on every day and in every list.

_STOP_WORDS = frozenset(["a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "from", "by", "with"])
_LONGEST = 24


def cite_keys(items: Sequence[Item]) -> list[str]:
    """One key an item, of ``a-z``, ``0-9`` and ``-``: "doe1951canal" from surname, year and first telling title word.

    A key says nothing of the item's place in the list. Items that differ but would share a key get four digits or more
    of their content's hash ("doe1951canal-1f0c"); equal items share one.
    """
    plain = [_plain_key(item) for item in items]
    contents = [_content(item) for item in items]
    rivals = Counter(key for key, _ in set(zip(plain, contents, strict=True)))
    alone = [key if rivals[key] == 1 else f"{key}-{content[:4]}" for key, content in zip(plain, contents, strict=True)]
    shared = Counter(key for key, _ in set(zip(alone, contents, strict=True)))
    return [key if shared[key] == 1 else f"{key}{content[4:]}" for key, content in zip(alone, contents, strict=True)]


def _plain_key(item: Item) -> str:
    people = item.people("author") or item.people("editor") or item.people("translator")
    surname = _ascii(people[0].surname) if people else ""
    title = unmarked(mark_tags(item.text("title") or item.text("container-title")))
    words = [word for word in map(_ascii, title.split()) if word and word not in _STOP_WORDS]
    return f"{surname[:_LONGEST]}{item.issued.year.lstrip('-')}{words[0][:_LONGEST] if words else ''}" or "work"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).casefold())


def _content(item: Item) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(item, id=""), order="deterministic")).hexdigest()


# BibTeX: one entry an item, in UTF-8, for BibTeX and for BibLaTeX with biber.
#
# Titles stand in two pairs of braces, so that no BibTeX style changes their capitals: which of them belong to
# names, a program cannot know. A small writer of our own, because the kept libraries (pybtex, bibtexparser)
# leave escaping, braces and names to their caller.

_BIBTEX_TYPES = {
    "article": "article",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "classic": "book",
    "entry": "incollection",
    "entry-dictionary": "incollection",
    "entry-encyclopedia": "incollection",
    "manuscript": "unpublished",
    "pamphlet": "booklet",
    "paper-conference": "inproceedings",
    "periodical": "periodical",
    "report": "techreport",
    "review": "article",
    "review-book": "article",
    "thesis": "phdthesis",
}
_CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
_PUBLISHERS = {"phdthesis": "school", "mastersthesis": "school", "techreport": "institution", "misc": "organization"}
_BIBTEX_FIELDS = {
    "publisher-place": "address",
    "edition": "edition",
    "volume": "volume",
    "collection-title": "series",
    "page": "pages",
    "genre": "type",
    "ISBN": "isbn",
    "ISSN": "issn",
    "DOI": "doi",
    "URL": "url",
    "language": "language",
    "note": "note",
    "abstract": "abstract",
    "annote": "annote",
}
_VERBATIM = frozenset({"doi", "url"})
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # "\{" would upset BibTeX, which counts braces whatever stands before them
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{special: f"\\{special}" for special in "$&#%_"},
        ITALIC: r"\textit{",
        BOLD: r"\textbf{",
        RAISED: r"\textsuperscript{",
        LOWERED: r"\textsubscript{",
        **dict.fromkeys((ITALIC_END, BOLD_END, RAISED_END, LOWERED_END), "}"),
        **dict.fromkeys((PLAIN, PLAIN_END), ""),
    }
)


def to_bibtex(items: Sequence[CslItem]) -> str:
    """A BibTeX file; an item given twice is written once. Cite keys as in ``index.citations.exports``.

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    checked = [read_item(csl) for csl in items]
    entries = dict(zip(cite_keys(checked), checked, strict=True))
    return "\n".join(_entry(key, item) for key, item in entries.items())


def _entry(key: str, item: Item) -> str:
    kind = _BIBTEX_TYPES.get(item.type, "misc")
    if kind == "phdthesis" and "master" in item.text("genre").lower():
        kind = "mastersthesis"
    fields = {**_people(item), **_titles(item, kind), **_published(item, kind), **_bibtex_date(item.issued), **_kept(item)}
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n" for name, value in fields.items()]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _kept(item: Item) -> dict[str, str]:
    """What BibTeX has no usual field for: biblatex's names, and the note for who asked the questions of an interview."""
    original = item.dates.get("original-date", PartialDate())
    asked = " and ".join(_plain_name(person) for person in item.people("interviewer"))
    first = "/".join(str(part[0]) for part in (original.begin, original.end) if part) or original.literal
    added = [f"Interview by {asked}" if asked else "", f"original-date: {first}" if first else ""]  # Zotero reads no origdate
    told = {
        "origdate": first,
        "institution": item.text("authority") if item.type == "legal_case" else "",
        "note": "; ".join(filter(None, [*added, item.text("note")])) if any(added) else "",
    }
    return {name: _latex(text) for name, text in told.items() if text}


def _plain_name(person: Person) -> str:
    """A name as it is spoken: "Ahmad al-Hamadi"."""
    family = beside(person.dropping_particle, person.non_dropping_particle, person.family)
    return person.literal or " ".join(filter(None, (person.given, family, person.suffix)))


def _people(item: Item) -> dict[str, str]:
    roles = {"author": "author", "editor": "editor", "translator": "translator", "container-author": "bookauthor"}
    return {
        name: " and ".join(_bibtex_name(person) for person in item.people(role))
        for role, name in roles.items()
        if item.people(role)
    }


def _titles(item: Item, kind: str) -> dict[str, str]:
    container = _CONTAINERS.get(kind, "howpublished")
    titles = {"title": item.text("title"), container: item.text("container-title")}
    return {name: _latex(title) if name == "journal" else f"{{{_latex(title)}}}" for name, title in titles.items() if title}


def _published(item: Item, kind: str) -> dict[str, str]:
    number = item.text("issue" if kind == "article" else "number") or item.text("collection-number")
    told = {_PUBLISHERS.get(kind, "publisher"): item.text("publisher"), "number": number}
    told |= {name: item.text(field) for field, name in _BIBTEX_FIELDS.items()}
    return {name: _verbatim(text) if name in _VERBATIM else _field(name, text) for name, text in told.items() if text}


def _field(name: str, text: str) -> str:
    return re.sub(r"(?<!\s)\s*[-–]+\s*", "--", _latex(text)) if name == "pages" else _latex(text)


def _bibtex_date(issued: PartialDate) -> dict[str, str]:
    if not issued.begin:
        return {"year": _latex(issued.literal)} if issued.literal else {}
    years = "--".join(str(part[0]) for part in (issued.begin, issued.end) if part)
    told = {"year": f"ca. {years}" if issued.circa else years}
    if len(issued.begin) > 1 and not issued.end:
        told |= dict(zip(("month", "day"), (_MONTHS[issued.begin[1] - 1], *map(str, issued.begin[2:])), strict=False))
    return told


def _bibtex_name(person: Person) -> str:
    """A name as BibTeX divides it ("von Last, Jr, First"); braces hold together what it would divide wrongly."""
    if person.literal:
        return f"{{{_latex(person.literal)}}}"
    particles = beside(person.dropping_particle, person.non_dropping_particle)
    family, suffix = person.family, person.suffix
    if not particles[:1].islower() or beside(particles, family) == particles + family:
        particles, family = "", beside(particles, family)
    if not person.given:
        family, suffix = f"{family} {suffix}".strip(), ""
        family = f"{{{_latex(family)}}}" if " " in family else _held(family)
    else:
        family = _held(family, whole=True)
    last = f"{_latex(particles)} {family}".strip()
    return ", ".join(filter(None, (last, _held(suffix), _held(person.given))))


def _held(name: str, whole: bool = False) -> str:
    divides = (
        "," in name
        or "and" in name.lower().split()
        or (whole and " " in name and any(word[0].islower() for word in name.split()))
    )
    return f"{{{_latex(name)}}}" if divides else _latex(name)


def _latex(text: str) -> str:
    return mark_tags(text).translate(_LATEX)


def _verbatim(text: str) -> str:
    """A DOI or URL, which LaTeX reads as it stands; only what would end the field is percent-encoded."""
    return text.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
