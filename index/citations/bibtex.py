"""BibTeX: one entry an item, in UTF-8, for BibTeX and for BibLaTeX with biber.

Titles stand in two pairs of braces, so that no BibTeX style changes their capitals: which of them belong to
names, a program cannot know. A small writer of our own, because the kept libraries (pybtex, bibtexparser)
leave escaping, braces and names to their caller.
"""

import re
from collections.abc import Sequence

from index.citations.cite_keys import cite_keys
from index.citations.csl import Item, PartialDate, Person, read_item
from index.citations.markup import BOLD, BOLD_END, ITALIC, ITALIC_END, LOWERED, LOWERED_END, RAISED, RAISED_END, mark_tags
from index.records import CslItem

_TYPES = {
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
_FIELDS = {
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
    }
)


def to_bibtex(items: Sequence[CslItem]) -> str:
    """A BibTeX file; an item given twice is written once. Cite keys as in ``index.citations.cite_keys``.

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    checked = [read_item(csl) for csl in items]
    entries = dict(zip(cite_keys(checked), checked, strict=True))
    return "\n".join(_entry(key, item) for key, item in entries.items())


def _entry(key: str, item: Item) -> str:
    kind = _TYPES.get(item.type, "misc")
    if kind == "phdthesis" and "master" in item.text("genre").lower():
        kind = "mastersthesis"
    fields = {**_people(item), **_titles(item, kind), **_published(item, kind), **_dated(item.issued)}
    lines = [f"  {name} = {value if name == 'month' else f'{{{value}}}'},\n" for name, value in fields.items()]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def _people(item: Item) -> dict[str, str]:
    roles = {"author": "author", "editor": "editor", "translator": "translator", "container-author": "bookauthor"}
    return {
        name: " and ".join(_name(person) for person in item.people(role)) for role, name in roles.items() if item.people(role)
    }


def _titles(item: Item, kind: str) -> dict[str, str]:
    container = _CONTAINERS.get(kind, "howpublished")
    titles = {"title": item.text("title"), container: item.text("container-title")}
    return {name: _latex(title) if name == "journal" else f"{{{_latex(title)}}}" for name, title in titles.items() if title}


def _published(item: Item, kind: str) -> dict[str, str]:
    number = item.text("issue" if kind == "article" else "number") or item.text("collection-number")
    told = {_PUBLISHERS.get(kind, "publisher"): item.text("publisher"), "number": number}
    told |= {name: item.text(field) for field, name in _FIELDS.items()}
    return {name: _verbatim(text) if name in _VERBATIM else _field(name, text) for name, text in told.items() if text}


def _field(name: str, text: str) -> str:
    return re.sub(r"\s*[-–]+\s*", "--", _latex(text)) if name == "pages" else _latex(text)


def _dated(issued: PartialDate) -> dict[str, str]:
    if not issued.begin:
        return {"year": _latex(issued.literal)} if issued.literal else {}
    years = "--".join(str(part[0]) for part in (issued.begin, issued.end) if part)
    told = {"year": f"ca. {years}" if issued.circa else years}
    if len(issued.begin) > 1 and not issued.end:
        told |= dict(zip(("month", "day"), (_MONTHS[issued.begin[1] - 1], *map(str, issued.begin[2:])), strict=False))
    return told


def _name(person: Person) -> str:
    """A name as BibTeX divides it ("von Last, Jr, First"); braces hold together what it would divide wrongly."""
    if person.literal:
        return f"{{{_latex(person.literal)}}}"
    particles = " ".join(filter(None, (person.dropping_particle, person.non_dropping_particle)))
    family, suffix = person.family, person.suffix
    if not particles[:1].islower():
        particles, family = "", f"{particles} {family}".strip()
    if not person.given:
        family, suffix = f"{family} {suffix}".strip(), ""
        family = f"{{{_latex(family)}}}" if " " in family else _held(family)
    else:
        family = _held(family, whole=True)
    last = f"{_latex(particles)} {family}".strip()
    return ", ".join(filter(None, (last, _held(suffix), _held(person.given))))


def _held(name: str, whole: bool = False) -> str:
    divides = "," in name or "and" in name.lower().split() or (whole and any(word[0].islower() for word in name.split()))
    return f"{{{_latex(name)}}}" if divides else _latex(name)


def _latex(text: str) -> str:
    return mark_tags(text).translate(_LATEX)


def _verbatim(text: str) -> str:
    """A DOI or URL, which LaTeX reads as it stands; only what would end the field is percent-encoded."""
    return text.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
