"""Reads HTML: quotations that the markup cites, and the main text of the page without what surrounds it.

A `blockquote` is a quotation with the citation that the markup ties to it: a `cite` or `footer` in it, the caption of its
figure, or the line right below that is all `cite` or set off by a dash. One that is tied to nothing is quoted in the page, by
whoever wrote it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from index.readers.cited_fields import Run, cite_runs, without_openings
from index.readers.document_citations import cite_page, title_of_page
from index.readers.html_tree import BLOCKS, UNSEEN, below, name_of, parse_html, words_and_notes, words_of
from index.readers.renditions import Rendering
from index.records import Citation, PlaceKind, Reading, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_SUFFIXES = (".html", ".htm", ".xhtml")
_START = re.compile(rb"\s*+(?:<!--(?>.*?-->)\s*+)*+(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL)
_AROUND = frozenset("nav aside form footer header menu dialog".split())
"""What stands around the main text; within it, header and footer are its own."""

_ROLES = frozenset("navigation banner contentinfo search complementary".split())
_EMPHASIS = frozenset("i em cite u".split())
_CITING_CLASS = re.compile(r"(?i)(?:^|[\s_-])(?:attribution|citation|cite|source|quote-?author|author)(?:$|[\s_-])")
_DASH = re.compile(r"\s*(?:[—–―]|--|-\s)\s*\S")
_DASH_AT_END = re.compile(r"(?:(?<=[.!?…”\"’»])|(?<=\s)(?<!\s\s))\s*+[—–―-]\s*\Z")
_QUOTED = re.compile(r"[“\"«„‘].+[”\"»“’]", re.DOTALL)
_LONGEST_LINE = 500
_OUTER = 2
"""Levels below the body at which a header or footer is the site's, not an article's."""

_LEVEL = re.compile("h[1-6]")


class WebPageReader:
    """A page saved from the web, or written as HTML."""

    name = "html"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name or the first element says so."""
        return PurePath(file.name.lower()).suffix in _SUFFIXES or bool(_START.match(file.data.lstrip(b"\xef\xbb\xbf")[:2_000]))

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when there is no element or no text in it."""
        from lxml import etree

        root = parse_html(file)
        rendering = Rendering(file)
        main = main_of(root)
        _Page(rendering, main).walk(main)
        tools = {"lxml": etree.__version__, "libxml2": ".".join(map(str, etree.LIBXML_VERSION))}
        return [rendering.reading(reader=self.name, title=title_of_page(root, file), cited_as=cite_page(root, file), tools=tools)]


def main_of(root: "_Element") -> "_Element":
    """Where the page's own text stands: its one article, else its main part, else its body."""
    for name in ("article", "main"):
        found = list(below(root, name))
        if len(found) == 1 and len(words_of(found[0])) > 200:
            return found[0]
    return next(below(root, "body"), root)


def citation_in(quotation: "_Element") -> "_Element | None":
    """The element within a quotation that cites it: the last `cite` or `footer` that ends it, or a last line behind a dash."""
    children = [child for child in quotation if name_of(child)]
    if not children or (children[-1].tail or "").strip():
        return None
    last = children[-1]
    if name_of(last) in ("cite", "footer") or _CITING_CLASS.search(last.get("class") or ""):
        return last
    if (
        name_of(last) in ("p", "div", "small", "span")
        and (children[:-1] or (quotation.text or "").strip())
        and is_attribution(last)
    ):
        return last
    inner = [child for child in last if name_of(child)]
    if name_of(last) == "p" and inner and name_of(inner[-1]) == "cite" and not (inner[-1].tail or "").strip(" .)]"):
        return inner[-1]
    return None


def is_attribution(element: "_Element") -> bool:
    """Whether a line is one that says whose the words above are: all in `cite`, of a class that says so, or behind a dash."""
    words = words_of(element)
    if not words or len(words) > _LONGEST_LINE or any(True for _ in below(element, "blockquote")):
        return False
    cites = list(below(element, "cite"))
    if len(cites) == 1 and not words.replace(words_of(cites[0]), "", 1).strip(" —–―-~.,()[]"):
        return True
    return bool(_DASH.match(words)) or bool(_CITING_CLASS.search(element.get("class") or ""))


def runs_of(element: "_Element", *, emphasised: bool = False) -> Iterator[Run]:
    """The words of a line with its emphasis; a `cite` within a line marks a title, one around it does not."""
    if element.text:
        yield Run(element.text, emphasised)
    for child in element:
        name = name_of(child)
        if name and name not in UNSEEN:
            whole = not (words_of(element).replace(words_of(child), "", 1).strip(" —–―-~.,()[]\n"))
            yield from runs_of(child, emphasised=emphasised or (name in _EMPHASIS and not (whole and name == "cite")))
            if name == "br":
                yield Run("\n", emphasised)
        if child.tail:
            yield Run(child.tail, emphasised)


class _Page:
    """Walks the main text and tells a rendering what it finds."""

    def __init__(self, rendering: Rendering, main: "_Element") -> None:
        self._rendering = rendering
        self._taken: set[_Element] = set()
        self._notes: dict[str, str] = {}
        self._quoting = 0
        self._whole = name_of(main) in ("body", "html")
        self._above = _cites_above([quotation for quotation in below(main, "blockquote") if citation_in(quotation) is None])

    def walk(self, element: "_Element", depth: int = 0) -> None:
        """Lays out an element and what is in it, in the page's order."""
        if self._above and is_attribution(element) and name_of(element.getnext()) == "blockquote":
            return
        if element in self._taken or not name_of(element) or name_of(element) in UNSEEN or self._is_around(element, depth):
            return
        for identity in filter(None, (element.get("id"), element.get("name") if name_of(element) == "a" else None)):
            self._rendering.place("anchor", identity)
        name = name_of(element)
        if _LEVEL.fullmatch(name):
            self._rendering.heading(words_of(element), int(name[1]))
        elif name in ("blockquote", "figure") and self._quotation(element):
            return
        elif name == "table":
            self._table(element)
        elif any(name_of(child) in BLOCKS for child in element):
            self._quoting += name == "blockquote"
            self._mixed(element, depth)
            self._quoting -= name == "blockquote"
        elif name == "hr":
            self._rendering.end_group()
        elif not self._cited_line(element):
            self._paragraph(element)

    def _paragraph(self, element: "_Element") -> None:
        """Lays out a paragraph, and behind its excerpt the notes that it refers to."""
        words, notes = words_and_notes(element)
        noted = [(offset, target, self._note(element, target)) for offset, target in notes]
        within: list[tuple[int, PlaceKind, str]] = [
            (offset, "anchor", self._notes[target]) for offset, target, _ in noted if target in self._notes
        ]
        quoted = self._quoting > 0 or name_of(element) == "blockquote"
        self._rendering.paragraph(words, quoted=quoted, within=within)
        for _, target, words_of_note in noted:
            if words_of_note:
                self._rendering.note(words_of_note, self._notes[target])

    def _note(self, element: "_Element", target: str) -> str:
        """The words of a note that is referred to for the first time, which is then taken; "" for any other."""
        found = element.getroottree().getroot().xpath("//*[@id=$id]", id=target)
        if target in self._notes or not found or element in found[0].iter():
            return ""
        self._notes[target] = f"Note {len(self._notes) + 1}"
        self._taken.add(found[0])
        return words_of(found[0])

    def _mixed(self, element: "_Element", depth: int) -> None:
        """A block with blocks in it: words between them are paragraphs of their own."""
        loose = [element.text or ""]
        for child in element:
            if name_of(child) in BLOCKS:
                self._rendering.paragraph(" ".join("".join(loose).split()), quoted=self._quoting > 0)
                loose = []
                self.walk(child, depth + 1)
            elif name_of(child):
                loose.append(words_of(child))
            loose.append(child.tail or "")
        self._rendering.paragraph(" ".join("".join(loose).split()), quoted=self._quoting > 0)

    def _quotation(self, element: "_Element") -> bool:
        """Lays out a quotation that the markup cites; False where nothing is tied to it."""
        quotation = element if name_of(element) == "blockquote" else next(below(element, "blockquote"), None)
        if quotation is None:
            return False
        inner = citation_in(quotation)
        cite = inner if inner is not None else self._beside(element, quotation)
        address = (quotation.get("cite") or "").strip()
        if cite is None and not address.startswith(("https://", "http://")):
            return False
        words = _words_without(quotation, inner)
        if not words or (cite is not None and cite in self._taken):
            return False
        if cite is None:
            self._rendering.passage(words, Citation(address, csl={"type": "webpage", "URL": address}))
        else:
            self._taken.add(cite)
            self._rendering.passage(words, cite_element(cite), line=" ".join(words_of(cite).split()))
        for caption in below(element, "figcaption"):
            if caption is not cite:
                self._rendering.furniture(words_of(caption))
        return True

    def _beside(self, element: "_Element", quotation: "_Element") -> "_Element | None":
        """The caption of a figure, or the line next to a quotation that is an attribution, on the side where they stand here."""
        if name_of(element) == "figure":
            return next(below(element, "figcaption"), None)
        if self._above:
            before = quotation.getprevious()
            return before if before is not None and is_attribution(before) else None
        following = quotation.getnext() if not (quotation.tail or "").strip() else None
        if following is not None and is_attribution(following) and (self._above is False or _DASH.match(words_of(following))):
            return following
        return None

    def _cited_line(self, element: "_Element") -> bool:
        """Lays out a paragraph or list item that is a quotation in quotation marks and its citation in `cite`."""
        inner = [child for child in element if name_of(child)]
        if not inner or name_of(inner[-1]) != "cite" or (inner[-1].tail or "").strip(" .)]"):
            return False
        words = _words_without(element, inner[-1]).rstrip(" (")
        if not _QUOTED.fullmatch(words) and not (len(inner) > 1 and name_of(inner[0]) == "q" and words == words_of(inner[0])):
            return False
        self._rendering.passage(words, cite_element(inner[-1]), line=" ".join(words_of(inner[-1]).split()))
        return True

    def _table(self, element: "_Element") -> None:
        for row in below(element, "tr"):
            cells = [" ".join(words_of(cell).split()) for cell in row if name_of(cell) in ("td", "th")]
            self._rendering.paragraph("\t".join(cells))

    def _is_around(self, element: "_Element", depth: int) -> bool:
        """Whether an element stands around the main text: navigation, a form, the head and foot of the page."""
        if element.get("hidden") is not None or element.get("aria-hidden") == "true" or element.get("role") in _ROLES:
            return True
        name = name_of(element)
        return name in _AROUND and (name not in ("header", "footer") or (self._whole and depth <= _OUTER))


def _cites_above(quotations: Sequence["_Element"]) -> bool | None:
    """Whether lines that cite stand above their quotations in this page; None where both sides fit.

    Line, quotation, line, quotation: only the first and the last tell which line is whose.
    """
    if not quotations:
        return None
    before, after = quotations[0].getprevious(), quotations[-1].getnext()
    above = before is not None and is_attribution(before)
    below_it = after is not None and is_attribution(after)
    return above if above != below_it else None


def cite_element(element: "_Element") -> Citation:
    """The citation that an element of markup writes, its title known by its emphasis."""
    runs: Sequence[Run] = list(runs_of(element))
    first = next((at for at, run in enumerate(runs) if run.text.strip()), 0)
    runs = [Run(without_openings(runs[first].text) if runs else "", bool(runs) and runs[first].emphasised), *runs[first + 1 :]]
    return cite_runs(runs)


def _words_without(quotation: "_Element", cite: "_Element | None") -> str:
    """The words of a quotation without the element that cites it, and without the dash before one inside a line."""
    if cite is None:
        return words_of(quotation)
    words = words_of(quotation, but=cite)
    inline = (
        name_of(cite) == "cite" and name_of(cite.getparent()) in ("p", "li", "div") if cite.getparent() is not None else False
    )
    return _DASH_AT_END.sub("", words) if inline else words
