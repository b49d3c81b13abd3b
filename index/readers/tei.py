"""Reads TEI: quotations with the `bibl` that a `cit` ties to them, the text around them, its pages and its header."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from index.readers.cited_fields import Run, cite_fields, cite_runs, date_of, people_of, place_of
from index.readers.document_citations import own_citation
from index.readers.html_tree import below, name_of, parse_xml, words_of
from index.readers.renditions import Rendering
from index.records import Citation, CslItem, Reading, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_QUOTES = ("quote", "q", "said")
_WORKS = ("bibl", "biblstruct", "biblfull", "ref")
_CONTAINERS = frozenset(
    """
    tei teicorpus text body front back group div div1 div2 div3 div4 div5 div6 div7 epigraph argument sp list
    floatingtext castlist
    """.split()
)
_LEFT_OUT = frozenset("teiheader facsimile sourcedoc standoff listbibl fw figure".split())
_PIECES = frozenset(
    "p ab l lg item head note speaker stage trailer opener closer salute signed dateline byline quote q row".split()
)
_UNITS = {"page": "page", "pages": "page", "pp": "page", "chapter": "chapter", "chap": "chapter", "line": "line",
          "section": "section", "volume": "volume", "vol": "volume", "issue": "issue"}  # fmt: skip


class TeiReader:
    """An edition or a collection in TEI XML."""

    name = "tei"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the root element is TEI's."""
        return root_name(file) in ("tei", "tei.2", "teicorpus")

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the XML is not well-formed."""
        from lxml import etree

        root = parse_xml(file)
        rendering = Rendering(file)
        works = {f"#{work.get(_ID)}": work for work in below(root, *_WORKS) if work.get(_ID)}
        _Walk(rendering, works).walk(root)
        title, csl = _header(root)
        tools = {"lxml": etree.__version__, "libxml2": ".".join(map(str, etree.LIBXML_VERSION))}
        return [
            rendering.reading(
                reader=self.name, title=title or PurePath(file.name).stem, cited_as=own_citation(file, csl, title), tools=tools
            )
        ]


def root_name(file: SourceFile) -> str:
    """The name of an XML file's first element, "" for none; only the head of the file is looked at."""
    from lxml import etree

    head = file.data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<"):
        return ""
    parser = etree.XMLPullParser(events=("start",), no_network=True, resolve_entities=False, load_dtd=False, recover=True)
    try:
        parser.feed(head)
    except etree.XMLSyntaxError:
        return ""
    return next((name_of(element) for _, element in parser.read_events() if name_of(element)), "")


class _Walk:
    """Goes through a text and tells a rendering what it finds."""

    def __init__(self, rendering: Rendering, works: "dict[str, _Element]") -> None:
        self._rendering = rendering
        self._works = works

    def walk(self, element: "_Element", depth: int = 0) -> None:
        """Lays out an element and what is in it, in its order."""
        name = name_of(element)
        if not name or name in _LEFT_OUT or depth > 200:
            return
        if element.get(_ID):
            self._rendering.place("anchor", str(element.get(_ID)))
        if name == "pb":
            self._rendering.place("page", (element.get("n") or "").strip())
        elif name == "head":
            self._rendering.heading(
                words_of(element), max(1, sum(name_of(up).startswith("div") for up in element.iterancestors()))
            )
        elif name == "cit" or (name in _QUOTES and element.get("source")):
            self._cited(element)
        elif name in _CONTAINERS or any(name_of(child) in _PIECES or name_of(child) == "cit" for child in element):
            self._mixed(element, depth)
        else:
            self._paragraph(element)

    def _mixed(self, element: "_Element", depth: int) -> None:
        loose = [element.text or ""]
        for child in element:
            if name_of(child) == "pb" and "".join(loose).strip():
                self._rendering.place("page", (child.get("n") or "").strip())
                loose.append(child.tail or "")
                continue
            if name_of(child) not in _PIECES | _CONTAINERS | _LEFT_OUT | {"cit", "pb"}:
                loose += [words_of(child), child.tail or ""]
                continue
            self._rendering.paragraph(" ".join("".join(loose).split()))
            loose = [child.tail or ""]
            if name_of(element) == "lg" and name_of(child) == "l":
                self._rendering.paragraph(words_of(child), continues=child.getprevious() is not None)
            else:
                self.walk(child, depth + 1)
        self._rendering.paragraph(" ".join("".join(loose).split()))

    def _cited(self, element: "_Element") -> None:
        """A quotation and the work that is tied to it, in it or by reference; without one nobody is cited."""
        quote = element if name_of(element) in _QUOTES else next(below(element, *_QUOTES), None)
        if quote is None:
            self._paragraph(element)
            return
        work = next(below(element, *_WORKS), None) if element is not quote else None
        target = quote.get("source") or (work is not None and (work.get("corresp") or work.get("target") or work.get("source")))
        listed = self._works.get(str(target)) if target else None
        citation = self._citation(work, listed)
        self._rendering.passage(
            _words(quote), citation, line=" ".join(words_of(work).split()) if work is not None and citation else ""
        )

    def _citation(self, work: "_Element | None", listed: "_Element | None") -> Citation | None:
        """Of a work in fields or in a line; the work that it refers to in the list gives what it does not say itself."""
        own = cite_work(work) if work is not None else None
        full = cite_work(listed) if listed is not None else None
        if own and full and not (own.csl and own.csl.keys() & {"title", "author"}):
            return Citation(own.raw, csl=full.csl, locator=own.locator or full.locator, problem=full.problem)
        return own or full

    def _paragraph(self, element: "_Element") -> None:
        for page in below(element, "pb"):
            self._rendering.place("page", (page.get("n") or "").strip())
        self._rendering.paragraph(_words(element))


def cite_work(work: "_Element") -> Citation | None:
    """A `bibl` or `biblStruct`: its fields where it names them, else its line with the emphasised title."""
    fields = dict(_fields(work))
    if fields.keys() & {"title", "author", "editor", "container"}:
        fields["citation"] = " ".join(words_of(work).split())
        return cite_fields(fields)
    where = next((place_of(unit, fields[unit]) for unit in _UNITS.values() if unit in fields), None)
    if where:
        return Citation(" ".join(words_of(work).split()), locator=where, problem="the line names no work")
    runs = list(_runs(work))
    return cite_runs(runs) if any(run.text.strip() for run in runs) else None


def _words(element: "_Element") -> str:
    """An element's words with a line for each verse."""
    lines = [words_of(line) for line in below(element, "l")]
    if lines:
        return "\n".join(lines)
    paragraphs = [words_of(paragraph).replace("\n", " ") for paragraph in element if name_of(paragraph) == "p"]
    return "\n\n".join(paragraphs) if paragraphs else " ".join(words_of(element).split())


def _fields(work: "_Element") -> Iterator[tuple[str, str]]:
    names = {"author": [], "editor": [], "translator": []}  # type: dict[str, list[str]]
    for element in below(work, "author", "editor", "respstmt"):
        role = "translator" if "transl" in (element.get("role") or "") else name_of(element)
        if role in names:
            names[role].append(_name(element))
    yield from ((role, "; ".join(filter(None, people))) for role, people in names.items() if any(people))
    titles = [(title.get("level") or "m", " ".join(words_of(title).split())) for title in below(work, "title")]
    analytic = [title for level, title in titles if level == "a"]
    whole = [title for level, title in titles if level != "a" and level != "s"]
    yield from (("title", title) for title in (analytic or whole)[:1])
    yield from (("container", title) for title in (whole if analytic else [])[:1])
    for name, field in (("date", "date"), ("publisher", "publisher"), ("pubplace", "place"), ("edition", "edition")):
        for element in below(work, name):
            yield (
                field,
                (element.get("when") if name == "date" and not words_of(element) else None)
                or " ".join(words_of(element).split()),
            )
            break
    for scope in below(work, "biblscope", "citedrange"):
        unit = _UNITS.get((scope.get("unit") or scope.get("type") or "page").lower())
        if unit:
            yield unit, " ".join(words_of(scope).split())


def _name(element: "_Element") -> str:
    family = [" ".join(words_of(name).split()) for name in below(element, "surname")]
    given = [" ".join(words_of(name).split()) for name in below(element, "forename")]
    return f"{family[0]}, {' '.join(given)}" if family and given else " ".join(words_of(element).split()).rstrip(",")


def _runs(element: "_Element", *, emphasised: bool = False) -> Iterator[Run]:
    if element.text:
        yield Run(element.text, emphasised)
    for child in element:
        if name_of(child):
            yield from _runs(child, emphasised=emphasised or name_of(child) in ("hi", "title", "emph"))
        if child.tail:
            yield Run(child.tail, emphasised)


def _header(root: "_Element") -> tuple[str, CslItem | None]:
    """Title and item of the header: of the edition's own title statement, dated by its source or its publication."""
    header = next(below(root, "teiheader"), None)
    statement = next(below(header, "titlestmt"), None) if header is not None else None
    if header is None or statement is None:
        return "", None
    title = next((" ".join(words_of(each).split()) for each in below(statement, "title") if words_of(each)), "")
    csl: CslItem = {"type": "book", "title": title}
    for role in ("author", "editor"):
        people = [person for each in below(statement, role) for person in people_of(_name(each))]
        if people:
            csl[role] = people
    for part in ("sourcedesc", "publicationstmt"):
        for date in below(next(below(header, part), statement), "date"):
            issued = date_of(date.get("when") or " ".join(words_of(date).split()))
            if issued:
                csl.setdefault("issued", issued)
    return title, csl if title else None
