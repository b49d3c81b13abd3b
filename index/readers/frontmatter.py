"""Front matter of Markdown files: the YAML between two lines of dashes, and the citation it gives."""

import re
from typing import Any

import msgspec
import yaml

from index.citations.csl import read_item
from index.citations.locators import parse_date
from index.citations.parse import parse_citation
from index.citations.people import parse_names
from index.errors import CitationInvalid, FileUnreadable
from index.records import Citation, CslItem

_FRONT = re.compile(
    r"(?P<block>---[ \t]*(?:\r\n|[\n\r])(?P<yaml>(?:.*?(?:\r\n|[\n\r]))??)(?:---|\.\.\.)[ \t]*)(?:\r\n|[\n\r]|\Z)", re.DOTALL
)
_LONGEST = 65_536
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
"""Notebooks write names as links to other notes: "[[Ada Sample]]", "[[people/ada|Ada Sample]]"."""

_NAMES = {"author": "author", "authors": "author", "editor": "editor", "editors": "editor", "translator": "translator"}
_TEXTS = {
    "title": "title",
    "publisher": "publisher",
    "place": "publisher-place",
    "publisher-place": "publisher-place",
    "journal": "container-title",
    "container-title": "container-title",
    "edition": "edition",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "url": "URL",
    "doi": "DOI",
    "isbn": "ISBN",
}
_DATES = ("date", "issued", "published", "year")


class FrontMatter(msgspec.Struct, frozen=True):
    """What a file says about itself: the end of the block in the text (0: there is none), its title, its citation."""

    end: int
    title: str
    citation: Citation | None


def read_front_matter(text: str, name: str) -> FrontMatter:
    """The front matter at the very top of a text.

    A ``csl`` mapping is the citation as it is, a ``citation`` text is parsed as a citation line; otherwise title, author,
    editor, translator, date, publisher, place, journal, url, doi and isbn make one, without guessing what is not there.

    Raises:
        FileUnreadable: the block is no YAML mapping, or its ``csl`` no CSL item.
    """
    found = _FRONT.match(text, 0, _LONGEST)
    if not found:
        return FrontMatter(0, "", None)
    fields = _mapping(found["yaml"], name)
    return FrontMatter(found.end("block"), _one_line(fields.get("title")), _citation(fields, name))


def describe(csl: CslItem) -> str:
    """A CSL item as one line in the order of a bibliography; what is shown where no citation was ever written."""
    names = "; ".join(filter(None, map(_name, csl.get("author") or csl.get("editor") or [])))
    published = ", ".join(filter(None, [_one_line(csl.get("publisher")), _date_text(csl.get("issued"))]))
    parts = [names, _one_line(csl.get("title")), _one_line(csl.get("container-title")), published]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


class _TextLoader(yaml.BaseLoader):
    """Makes texts of all values (`title: No` stays "No", `date: 1999-01` as written) and refuses aliases.

    Aliases of aliases of aliases make a small file a gigantic value.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not read", self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def _mapping(block: str, name: str) -> dict[str, Any]:
    try:
        fields = yaml.load(block, Loader=_TextLoader)  # noqa: S506  (it makes even less than safe_load: no numbers, no dates)
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        raise _invalid(name, mark.line + 2 if mark else 1, "is not YAML") from problem
    if fields is None or fields == "":
        return {}
    if not isinstance(fields, dict):
        raise _invalid(name, 1, "is not a mapping of names to values")
    return {str(key).casefold(): value for key, value in fields.items()}


def _citation(fields: dict[str, Any], name: str) -> Citation | None:
    written = fields.get("citation")
    if isinstance(written, str) and written:
        return parse_citation(" ".join(written.split()), None, None)
    csl = _given(fields, name) if "csl" in fields else _collected(fields)
    if not csl:
        return None
    return Citation(describe(csl), csl=csl)


def _given(fields: dict[str, Any], name: str) -> CslItem:
    csl = fields["csl"]
    try:
        read_item(csl)
    except CitationInvalid as problem:
        raise _invalid(name, 1, f"holds a csl mapping that is no CSL item ({problem.found})") from problem
    return dict(csl)


def _collected(fields: dict[str, Any]) -> CslItem:
    csl: CslItem = {}
    for field, variable in _TEXTS.items():
        value = _one_line(fields.get(field))
        if value:
            csl[variable] = value
    for field, variable in _NAMES.items():
        people = [person for value in _list(fields.get(field)) for person in _people(value)]
        if people:
            csl[variable] = people
    for field in _DATES:
        written = _one_line(fields.get(field))
        if written and "issued" not in csl:
            csl["issued"] = parse_date(written) or {"literal": written}
    if not csl:
        return {}
    return {"type": _one_line(fields.get("type")) or ("article-journal" if "container-title" in csl else "document"), **csl}


def _people(value: object) -> list[dict[str, str]]:
    if isinstance(value, dict):
        return [{str(key): str(part) for key, part in value.items()}]
    written = _one_line(value)
    if not written:
        return []
    names = parse_names(written)
    return names.csl() if names else [{"literal": written}]


def _name(person: dict[str, str]) -> str:
    if person.get("literal"):
        return person["literal"]
    return ", ".join(filter(None, [person.get("family", ""), person.get("given", "")]))


def _date_text(issued: object) -> str:
    if not isinstance(issued, dict):
        return ""
    ranges = issued.get("date-parts") or []
    return "–".join("-".join(str(part).zfill(2) for part in parts) for parts in ranges) or _one_line(issued.get("literal"))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _one_line(value: object) -> str:
    return " ".join(_WIKI_LINK.sub(r"\1", value).split()) if isinstance(value, str) else ""


def _invalid(name: str, line: int, what: str) -> FileUnreadable:
    return FileUnreadable(
        f"the front matter of {name!r} (line {line}) {what}",
        rule="front matter is a YAML mapping between two lines of three dashes",
        remedy="correct it, or take the dashes away",
    )
