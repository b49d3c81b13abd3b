"""From fields to a citation: what tables, exports and markup say apart about author, title, year and page.

Nothing is guessed: a field that cannot be read as what it is called stays in the line as written and out of the item.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from index.citations.locators import cut_any_locator, expand_pages, locator, parse_date
from index.citations.parse import parse_citation
from index.citations.people import parse_names
from index.citations.words import is_given
from index.records import Citation, CslItem, Locator

CslName = dict[str, str]

TEXTS = {
    "title": "title",
    "container": "container-title",
    "publisher": "publisher",
    "place": "publisher-place",
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "url": "URL",
    "doi": "DOI",
    "isbn": "ISBN",
}
PEOPLE = ("author", "editor", "translator")
PLACES = ("page", "location", "chapter", "section", "line", "time")
"""Fields that say where in the work; the first that is given is the locator."""

FIELDS = (*PEOPLE, *TEXTS, "date", *PLACES, "citation", "type")
"""Every field that ``cite_fields`` understands."""

_LABELS = {"time": "timestamp"}
_LABEL_BEFORE = re.compile(r"(?i)^(?:pages?|pp?\.?|pgs?\.?|loc(?:ation)?\.?|chapter|ch\.?)\s*(?=[0-9ivxlc])")
_SEPARATORS = re.compile(r"(?:(?<!\s)\s++)?[;|]\s*+|(?<!\s)\s++(?:&|and|with)\s++|(?<!\s)[^\S\n]*+\n\s*+", re.IGNORECASE)
_ISO_DATE = re.compile(r"([0-9]{4})-([01][0-9])-([0-3][0-9])(?:[T ].*)?")
_YEAR = re.compile(r"[0-9]{3,4}")
_PARTICLES = frozenset("van von der den de la le du di da del della dos el al bin ibn ter ten zu zur".split())
_SUFFIXES = frozenset("jr jr. sr sr. ii iii iv".split())
_OPENINGS = "—–―- \t\n([“\"'’”,;:.~"
_AUTHOR, _TITLE = "John Smith", "Titulum"
"""Stand-ins: a line whose title is marked is parsed with these in the place of what is known already."""


class Run(NamedTuple):
    """A piece of a line of markup, and whether it is emphasised, as titles are."""

    text: str
    emphasised: bool = False


def cite_fields(fields: Mapping[str, str]) -> Citation | None:
    """The citation that fields give; None where they name no work.

    Args:
        fields: values by name (``FIELDS``), as written. "citation" is a whole line: it is parsed where neither title nor
            author are given apart, and is the citation as written in any case.
    """
    given = {name: " ".join(value.split()) for name, value in fields.items() if value and value.strip()}
    where = _where(given)
    line = given.get("citation", "")
    if line and not given.keys() & {"title", "author"}:
        parsed = parse_citation(line)
        return parsed if parsed.locator or not where else Citation(line, csl=parsed.csl, locator=where, problem=parsed.problem)
    csl, problems = _item(given)
    if not csl:
        return None
    return Citation(line or _line(given, where), csl=csl, locator=where, problem="; ".join(problems))


def cite_runs(runs: Sequence[Run]) -> Citation:
    """The citation in a line whose emphasis is known: what is emphasised first is the title of the work.

    The line itself is parsed where nothing is emphasised, or where the parser finds the same title.
    """
    line = " ".join("".join(run.text for run in runs).split())
    title_at = next((at for at, run in enumerate(runs) if run.emphasised and run.text.strip()), None)
    parsed = parse_citation(line)
    if title_at is None:
        return parsed if parsed.csl else _cite_name(line, parsed)
    title = " ".join(runs[title_at].text.split()).strip(",;: ").removesuffix(".")
    if parsed.csl and not parsed.problem and title in (parsed.csl.get("title"), parsed.csl.get("container-title")):
        return parsed
    before = "".join(run.text for run in runs[:title_at])
    after = "".join(run.text for run in runs[title_at + 1 :])
    return _with_title(line, before, title, after) or parsed


def people_of(written: str) -> list[CslName]:
    """The names in a field that holds nothing else; one that cannot be told apart is kept whole, as a literal."""
    return [person for part in _SEPARATORS.split(written.strip()) if part for person in _people_of_one(part)]


def date_of(written: str) -> dict[str, object] | None:
    """A date field as CSL writes dates: ISO with a time, a year, or as citations write them; None where it is none."""
    iso = _ISO_DATE.fullmatch(written.strip())
    if iso:
        return {"date-parts": [[int(part) for part in iso.groups()]]}
    if _YEAR.fullmatch(written.strip()):
        return {"date-parts": [[int(written)]]}
    return parse_date(written.strip())


def place_of(label: str, written: str) -> Locator | None:
    """A locator from a field such as page "14" or "pp. 14–15"; None where it gives no place."""
    value = _LABEL_BEFORE.sub("", " ".join(written.split())).strip(" .")
    if not value:
        return None
    term = _LABELS.get(label, label)
    return Locator(term, value, expand_pages(value) if term == "page" else ())


def cut_place(words: str) -> tuple[str, str, Locator | None]:
    """A quotation before the place that closes it in brackets: "… as before. (pg 14)" gives words, "(pg 14)", page 14."""
    found = re.search(r"(?:(?<!\s)\s++)?[(\[]([^()\[\]]{1,40})[)\]]\s*$", words)
    if not found or not found.start():
        return words, "", None
    tail = cut_any_locator(f"X, {found[1].strip().rstrip('.')}")
    if not tail.units or not tail.labelled or tail.head.strip(" ,") != "X":
        return words, "", None
    return words[: found.start()], words[found.start() :].strip(), locator(tail.units)


def without_openings(line: str) -> str:
    """A citation line without the dash, bracket or mark that sets it off."""
    return line.strip().lstrip(_OPENINGS)


def _people_of_one(part: str) -> list[CslName]:
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
    if len(pieces) > 2 and all(" " in piece for piece in pieces):
        return [person for piece in pieces for person in _people_of_one(piece)]
    if len(pieces) == 2 and pieces[1].casefold() not in _SUFFIXES:
        return _people_of_two(*pieces)
    names = parse_names(part)
    return names.csl() if names and len(names.people) == 1 and len(pieces) == 1 else [{"literal": part}]


def _people_of_two(first: str, second: str) -> list[CslName]:
    """Either side of a comma: two whole names, a family name and its given names, or, where neither is sure, one literal."""
    words, given = first.split(), is_given(first.split(maxsplit=1)[0])
    if len(words) == 1 or words[0].casefold() in _PARTICLES:
        return [{"family": first, "given": second}]
    if given and " " in second:
        return [person for piece in (first, second) for person in _people_of_one(piece)]
    if not given and (" " not in second or is_given(second.split(maxsplit=1)[0])):
        return [{"family": first, "given": second}]
    return [{"literal": f"{first}, {second}"}]


def _item(given: Mapping[str, str]) -> tuple[CslItem, list[str]]:
    csl: CslItem = {}
    problems: list[str] = []
    for role in PEOPLE:
        if given.get(role):
            csl[role] = people_of(given[role])
    csl |= {variable: given[name] for name, variable in TEXTS.items() if given.get(name)}
    if given.get("date"):
        issued = date_of(given["date"])
        if issued:
            csl["issued"] = issued
        else:
            problems.append(f"left over: {given['date']!r}")
    if not csl.keys() & {"title", "author", "editor", "container-title", "URL"}:
        return {}, problems
    if not csl.keys() & {"title", "container-title", "URL"}:
        problems.insert(0, "no title is given")
    return {"type": given.get("type") or _kind(csl), **csl}, problems


def _kind(csl: CslItem) -> str:
    if "container-title" in csl:
        return "article-journal" if csl.keys() & {"volume", "issue"} else "chapter"
    if "URL" in csl and not csl.keys() & {"publisher", "author", "editor"}:
        return "webpage"
    named = csl.keys() & {"author", "editor", "publisher"}
    return "book" if named and "title" in csl and "URL" not in csl else "document"


def _where(given: Mapping[str, str]) -> Locator | None:
    found = (place_of(name, given[name]) for name in PLACES if given.get(name))
    return next((where for where in found if where), None)


def _line(given: Mapping[str, str], where: Locator | None) -> str:
    """The fields as one line, as they are written."""
    names = given.get("author") or given.get("editor") or given.get("translator") or ""
    parts = [names, *(given.get(name, "") for name in ("title", "container", "publisher", "place", "date", "url"))]
    if where:
        parts.append(f"p. {where.value}" if where.label == "page" else f"{where.label} {where.value}")
    return ", ".join(part for part in parts if part)


def _cite_name(line: str, parsed: Citation) -> Citation:
    """A line set off as an attribution that only names somebody."""
    names = parse_names(without_openings(line))
    if not names or (names.shape == "surnames" and " " in without_openings(line)):
        return parsed
    return Citation(line, csl={"type": "document", "author": names.csl()}, problem="the line names no title")


def _with_title(line: str, before: str, title: str, after: str) -> Citation | None:
    """The line read around a title that is known; None where that gives nothing."""
    if not title:
        return None
    names = parse_names(without_openings(before).rstrip(' ,;:.([“"')) if without_openings(before) else None
    rest = parse_citation(f"{_AUTHOR}, {_TITLE}{after if after[:1] in ',;:. (' else f', {after}' if after.strip() else ''}")
    csl: CslItem = {name: value for name, value in (rest.csl or {}).items() if name not in ("author", "title")}
    problems = [rest.problem] if rest.problem and after.strip(" .,") else []
    if rest.csl and rest.csl.get("title") != _TITLE:
        csl, problems = {"type": "document"}, [f"left over: {after.strip()!r}"]
    if not names and not before.strip(_OPENINGS) and after.strip().startswith("by "):
        names, problems = parse_names(after.strip().removeprefix("by ")), []
    if names:
        csl["author"] = names.csl()
    elif without_openings(before):
        problems.append(f"left over: {before.strip()!r}")
    csl = {"type": csl.pop("type", "book"), "title": title, **csl}
    return Citation(line, csl=csl, locator=rest.locator, problem="; ".join(problems))
