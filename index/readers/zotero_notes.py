"""Reads what Zotero writes: notes with highlights as HTML, reports of items, and the marks and notes of one item.

A highlight is the words of the work that the citation behind it names; all else in a note is a remark of whoever wrote it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from index.citations.parse import parse_citation
from index.errors import FileUnreadable
from index.readers.cited_fields import cite_fields, place_of
from index.readers.frontmatter import describe
from index.readers.html_tree import below, name_of, parse_html, words_of
from index.readers.renditions import Rendering
from index.records import Citation, CslItem, DocumentCitation, Reading, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_MARKS = (
    b"data-annotation=",
    b"data-citation-items=",
    b'class="report combine-child-items"',
    b'class="highlight"',
    b"zotero://open-pdf",
)
_HEAD = 2_000_000
_QUOTED = re.compile(r"\s*[“\"«„](.+)[”\"»“]\s*", re.DOTALL)
_ROWS = {
    "author": "author", "editor": "editor", "translator": "translator", "date": "date", "publisher": "publisher",
    "place": "place", "publication": "container", "book title": "container", "volume": "volume", "issue": "issue",
    "edition": "edition", "url": "url", "doi": "doi", "isbn": "isbn",
}  # fmt: skip


class ZoteroReader:
    """Notes and highlights out of Zotero."""

    name = "zotero"

    def accepts(self, file: SourceFile) -> bool:
        """Whether it is a note or a report in HTML with Zotero's marks, or the marks of an item."""
        if file.data.startswith(b'{"zotero":'):
            return True
        head = file.data[:_HEAD]
        is_html = PurePath(file.name.lower()).suffix in (".html", ".htm")
        return is_html and any(mark in head for mark in _MARKS) and (b"highlight" in head or b"report" in head)

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when there is neither a highlight nor a note in it."""
        rendering = Rendering(file)
        title, own = PurePath(file.name).stem, None
        if file.data.startswith(b'{"zotero":'):
            title, own = _lay_out_marked(rendering, file)
        else:
            root = parse_html(file)
            listed = _listed_items(root)
            report = next((each for each in below(root, "ul") if "report" in (each.get("class") or "").split()), None)
            if report is not None:
                _lay_out_report(rendering, report, listed)
            else:
                _lay_out_note(rendering, next(below(root, "body"), root), listed, None)
        return [rendering.reading(reader=self.name, title=title, cited_as=own)]


def _lay_out_marked(rendering: Rendering, file: SourceFile) -> tuple[str, DocumentCitation]:
    """The marks of one item, in the order of its pages, then its notes."""
    try:
        given = msgspec.json.decode(file.data)
        csl, link = given["csl"], given["link"]
    except (msgspec.DecodeError, KeyError, TypeError) as problem:
        raise FileUnreadable(
            f"{file.name!r} holds no item", rule="it is made by `ibid index --zotero`", remedy="make it again"
        ) from problem
    raw = describe(csl)
    for mark in given.get("highlights", []):
        if mark.get("link"):
            rendering.place("anchor", mark["link"])
        where = place_of("page", mark.get("page", ""))
        rendering.passage(mark["text"], Citation(raw, csl=csl, locator=where), note=mark.get("comment", ""))
    for note in given.get("notes", []):
        root = parse_html(SourceFile(file.name, f"<body>{note}</body>".encode()))
        _lay_out_note(rendering, next(below(root, "body"), root), _listed_items(root), csl)
    return str(csl.get("title", PurePath(file.name).stem)), DocumentCitation(csl, "Zotero", link)


def _lay_out_report(rendering: Rendering, report: "_Element", listed: Mapping[str, CslItem]) -> None:
    """A report: a heading an item, its fields, and the notes below them."""
    for item in (each for each in report if name_of(each) == "li"):
        title = next((" ".join(words_of(heading).split()) for heading in below(item, "h2")), "")
        rows = {cells[0].casefold(): cells[1] for row in below(item, "tr") if len(cells := [words_of(cell) for cell in row]) == 2}
        fields = {_ROWS[name]: "; ".join(value.split("\n")) for name, value in rows.items() if name in _ROWS}
        cited = cite_fields({"title": title, **fields})
        rendering.heading(title)
        for notes in below(item, "ul"):
            if "notes" in (notes.get("class") or ""):
                for note in (each for each in notes if name_of(each) == "li"):
                    _lay_out_note(rendering, note, listed, cited.csl if cited else None)


def _lay_out_note(rendering: Rendering, note: "_Element", listed: Mapping[str, CslItem], item: CslItem | None) -> None:
    """Paragraph by paragraph: a highlight with its citation is a passage, all else a remark that cites nobody."""
    for block in _blocks(note):
        if re.fullmatch("h[1-6]", name_of(block)):
            rendering.heading(words_of(block), int(name_of(block)[1]) + 1)
            continue
        spans = [span for span in below(block, "span") if "highlight" in (span.get("class") or "").split()]
        if len(spans) != 1:
            rendering.passage(" ".join(words_of(block).split()), None)
            continue
        cite = next((span for span in below(block, "span") if "citation" in (span.get("class") or "").split()), None)
        quoted = _QUOTED.fullmatch(words_of(spans[0]))
        remark = " ".join(words_of(block).split())
        for known in (spans[0], cite):
            remark = remark.replace(" ".join(words_of(known).split()), "", 1) if known is not None else remark
        citation = _cite(spans[0], cite, listed, item)
        if link := _link(block):
            rendering.place("anchor", link)
        line = " ".join(words_of(cite).split()) if cite is not None and citation else ""
        rendering.passage(quoted[1] if quoted else words_of(spans[0]), citation, line=line, note=remark.strip(" ()"))


def _cite(highlight: "_Element", cite: "_Element | None", listed: Mapping[str, CslItem], item: CslItem | None) -> Citation | None:
    """What a highlight is cited by: the item that its citation names, else the line of the citation, else the note's item."""
    told = _data(cite, "data-citation") if cite is not None else {}
    marked = _data(highlight, "data-annotation")
    cited = next(iter(told.get("citationItems") or [marked.get("citationItem")]), None)
    cited = cited if isinstance(cited, dict) else {}
    line = " ".join(words_of(cite).split()).strip("()") if cite is not None else ""
    parsed = parse_citation(line) if line else None
    where = place_of("page", str(cited.get("locator") or marked.get("pageLabel") or "")) or (parsed.locator if parsed else None)
    csl = next((listed[uri] for uri in cited.get("uris", []) if uri in listed), None) or item
    if csl:
        return Citation(line or describe(csl), csl=csl, locator=where)
    return Citation(line, csl=parsed.csl, locator=where, problem=parsed.problem) if parsed else None


def _listed_items(root: "_Element") -> dict[str, CslItem]:
    """The items that a note carries with it, by their addresses."""
    found: dict[str, CslItem] = {}
    for element in root.iter():
        told = _decoded(element.get("data-citation-items")) if isinstance(element.tag, str) else None
        for one in told if isinstance(told, list) else []:
            data = one.get("itemData") if isinstance(one, dict) else None
            if isinstance(data, dict) and ("title" in data or "author" in data):
                csl = {name: value for name, value in data.items() if name != "id"}
                found |= {uri: csl for uri in one.get("uris", []) if isinstance(uri, str)}
    return found


def _data(element: "_Element", name: str) -> dict[str, Any]:
    told = _decoded(element.get(name))
    return told if isinstance(told, dict) else {}


def _decoded(written: str | None) -> Any:
    try:
        return msgspec.json.decode(unquote(written or ""))
    except msgspec.DecodeError:
        return None


def _link(block: "_Element") -> str:
    return next(
        (str(link.get("href")) for link in below(block, "a") if (link.get("href") or "").startswith("zotero://open-pdf/")), ""
    )


def _blocks(note: "_Element") -> Iterator["_Element"]:
    """The paragraphs, headings and list items of a note, whatever they stand in."""
    inner = [
        child
        for child in note
        if name_of(child) in ("p", "div", "ul", "ol", "li", "blockquote", "body", *(f"h{n}" for n in range(1, 7)))
    ]
    if not inner:
        yield note
    for child in inner:
        if name_of(child) in ("p", "li") or re.fullmatch("h[1-6]", name_of(child)):
            yield child
        else:
            yield from _blocks(child)
