"""Reads Org files of quotations: quote blocks, and what their last line, the line below, properties or headings say of them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Literal, NamedTuple

from index.decoding import decode
from index.readers.cited_fields import Run, cite_fields, cite_runs, cut_place, date_of, people_of, without_openings
from index.readers.document_citations import own_citation
from index.readers.heading_works import Trail, cite_heading, works_of
from index.readers.renditions import Rendering
from index.records import Citation, CslItem, Reading, SourceFile

_HEADING = re.compile(r"(?P<stars>\*+)\s+(?:(?:TODO|DONE|NEXT)\s+)?(?P<words>\S.*?)(?<!\s)(?:\s++:[\w@#%:]+:)?\s*+")
_KEYWORD = re.compile(r"\s*#\+(?P<name>[A-Za-z_-]+):\s*(?P<value>.*)")
_BEGIN = re.compile(r"\s*#\+begin_(?P<kind>\w+).*", re.IGNORECASE)
_PROPERTY = re.compile(r"\s*:(?P<name>[\w+-]+):\s*(?P<value>.*)")
_DRAWER = re.compile(r"\s*:(?P<name>[\w-]+):\s*")
_DASH = re.compile(r"\s*(?:[—–―]|--+)\s*(?=\S)")
_EMPHASIS = re.compile(r"(?<![\w/])([/_*])(?=\S)(.{1,400}?)(?<=\S)\1(?![\w/])")
_NOTE = re.compile(r"\[fn:[\w-]+\]")
_LINK = re.compile(r"\[\[([^\[\]]+)\](?:\[([^\[\]]+)\])?\]")
_PROPERTIES = {"author": "author", "title": "title", "source": "title", "work": "title", "year": "date", "date": "date",
               "page": "page", "pages": "page", "publisher": "publisher", "url": "url", "citation": "citation",
               "book": "title"}  # fmt: skip


class _Block(NamedTuple):
    """A piece of the file; ``trail`` and ``properties`` are those that hold where it stands."""

    kind: Literal["heading", "quote", "text"]
    words: str
    level: int = 0
    trail: Trail = ()
    properties: Mapping[str, str] = {}


class _Quotation(NamedTuple):
    """The words, the line that cites them, what it says; ``takes_below``: the line is the block after the words."""

    words: str
    line: str
    citation: Citation | None
    takes_below: bool = False


class OrgReader:
    """An Org file with quote blocks."""

    name = "org"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so, and something cites a quote block; other Org files are documents."""
        if PurePath(file.name.lower()).suffix != ".org" or b"#+begin_" not in file.data.lower():
            return False
        return any(quotation.citation for quotation in _quotations(list(_blocks(decode(file)[0]))).values())

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded."""
        text, _ = decode(file)
        blocks = list(_blocks(text))
        keywords = {
            found["name"].lower(): found["value"].strip() for line in text.splitlines() if (found := _KEYWORD.fullmatch(line))
        }
        own = own_citation(file, _own(keywords), keywords.get("title", ""))
        rendering = Rendering(file)
        _lay_out(rendering, blocks)
        return [rendering.reading(reader=self.name, title=keywords.get("title") or PurePath(file.name).stem, cited_as=own)]


def _lay_out(rendering: Rendering, blocks: list[_Block]) -> None:
    quotations = _quotations(blocks)
    taken = {at + 1 for at, quotation in quotations.items() if quotation.takes_below}
    for at, block in enumerate(blocks):
        if block.kind == "heading":
            rendering.heading(plain_org(block.words), block.level)
        elif block.kind == "quote":
            rendering.passage(quotations[at].words, quotations[at].citation, line=quotations[at].line)
        elif at not in taken:
            rendering.paragraph(plain_org(block.words))


def _quotations(blocks: list[_Block]) -> dict[int, _Quotation]:
    """The quotations by the places of their blocks; what cites itself nowhere is cited by headings, if they name works."""
    found = {at: _quotation(blocks, at) for at, block in enumerate(blocks) if block.kind == "quote"}
    works = works_of([blocks[at].trail for at, quotation in found.items() if quotation.citation is None])
    for at, quotation in found.items():
        trail = blocks[at].trail
        if quotation.citation is None and trail in works:
            where = cut_place(blocks[at].words)[2]
            citation = cite_heading(works[trail], trail, where, quotation.line)
            found[at] = quotation._replace(line="", citation=citation)
    return found


def _quotation(blocks: list[_Block], at: int) -> _Quotation:
    """A quotation and the citation that stands in it, below it or in the properties over it."""
    block = blocks[at]
    lines = block.words.split("\n")
    if len(lines) > 1 and _DASH.match(lines[-1]):
        return _Quotation(plain_org("\n".join(lines[:-1]).rstrip()), plain_org(lines[-1].strip()), _cite(lines[-1]))
    if below := _below(blocks, at):
        return _Quotation(plain_org(block.words), plain_org(below), _cite(below), takes_below=True)
    words, place, where = cut_place(block.words)
    fields = {_PROPERTIES[name]: value for name, value in block.properties.items() if name in _PROPERTIES and value}
    citation = cite_fields(fields) if fields.keys() & {"title", "author", "citation"} else None
    if citation and where:
        raw = f"{citation.raw}, {place.strip('()[]')}"
        citation, place = Citation(raw, csl=citation.csl, locator=where, problem=citation.problem), ""
    return _Quotation(plain_org(words), place, citation)


def _below(blocks: list[_Block], at: int) -> str:
    """The line below a quotation that begins with a dash, and is one line."""
    following = blocks[at + 1] if at + 1 < len(blocks) else None
    if following and following.kind == "text" and "\n" not in following.words and _DASH.match(following.words):
        return following.words
    return ""


def _cite(line: str) -> Citation:
    line = without_openings(_LINK.sub(lambda link: link[2] or link[1], line))
    runs: list[Run] = []
    at = 0
    for found in _EMPHASIS.finditer(line):
        runs += [Run(line[at : found.start()]), Run(found[2], emphasised=True)]
        at = found.end()
    return cite_runs([*runs, Run(line[at:])])


def plain_org(words: str) -> str:
    """Words without the marks of links, notes and emphasis."""
    words = _NOTE.sub("", words)
    return _EMPHASIS.sub(r"\2", _LINK.sub(lambda link: link[2] or link[1], words))


def _own(keywords: Mapping[str, str]) -> CslItem | None:
    csl: CslItem = {"type": "document"}
    if keywords.get("title"):
        csl["title"] = keywords["title"]
    if keywords.get("author"):
        csl["author"] = people_of(keywords["author"])
    if issued := date_of(keywords.get("date", "").strip("<>[] ")):
        csl["issued"] = issued
    return csl if "author" in csl else None


def _blocks(text: str) -> Iterator[_Block]:
    """The file's headings, quote blocks and paragraphs; drawers, keywords and comments are none."""
    trail: list[tuple[int, str, dict[str, str]]] = []
    paragraph: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        heading, begin, drawer = _HEADING.fullmatch(line), _BEGIN.fullmatch(line), _DRAWER.fullmatch(line)
        ends = heading or begin or drawer or not line.strip() or _KEYWORD.fullmatch(line) or line.startswith("# ")
        if not ends:
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield _here("text", "\n".join(paragraph), trail)
            paragraph = []
        if heading:
            trail = [above for above in trail if above[0] < len(heading["stars"])]
            trail.append((len(heading["stars"]), plain_org(heading["words"]), {}))
            yield _Block("heading", heading["words"], len(heading["stars"]))
        elif begin:
            kind = begin["kind"].lower()
            body = _until(lines, f"#+end_{kind}")
            yield _here(
                "quote" if kind in ("quote", "verse") else "text", "\n".join(each.strip() for each in body).strip(), trail
            )
        elif drawer and trail:
            found = [_PROPERTY.fullmatch(each) for each in _until(lines, ":end:")]
            trail[-1][2].update({each["name"].lower(): each["value"].strip() for each in found if each})
    if paragraph:
        yield _here("text", "\n".join(paragraph), trail)


def _here(kind: Literal["quote", "text"], words: str, trail: list[tuple[int, str, dict[str, str]]]) -> _Block:
    properties = {name: value for _, _, own in trail for name, value in own.items()}
    return _Block(kind, words, 0, tuple(heading for _, heading, _ in trail), properties)


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    for line in lines:
        if line.strip().lower() == end:
            return
        yield line
