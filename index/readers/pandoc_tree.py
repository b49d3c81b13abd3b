"""The words in pandoc's tree: runs of inline elements with their emphasis, the notes in them, cells and metadata as text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from index.readers.cited_fields import Run
from index.records import PlaceKind

_SPACES = {"Space": " ", "SoftBreak": " ", "LineBreak": "\n"}
_QUOTES = {"SingleQuote": "‘’", "DoubleQuote": "“”"}
_STYLED = frozenset("Emph Strong Underline Strikeout Superscript Subscript SmallCaps".split())
_EMPHASIS = frozenset({"Emph", "Underline"})


class Inlines(NamedTuple):
    """The words of inline elements, where they are emphasised, and what begins or is referred to within."""

    words: str
    runs: tuple[Run, ...]
    within: tuple[tuple[int, PlaceKind, str], ...]


class Notes:
    """The notes of a document: numbered as they are referred to, and kept until they are laid out."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: list[tuple[str, list[Any]]] = []

    def add(self, blocks: list[Any]) -> str:
        """The name of the next note."""
        self._count += 1
        name = f"Note {self._count}"
        self._waiting.append((name, blocks))
        return name

    def taken(self) -> Iterator[tuple[str, str]]:
        """The notes since the last time by name; notes of notes come after them."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            yield from ((name, plain_blocks(blocks, self)) for name, blocks in waiting)


class _Gathering:
    def __init__(self, notes: Notes) -> None:
        self.runs: list[Run] = []
        self.within: list[tuple[int, PlaceKind, str]] = []
        self._notes = notes
        self._length = 0

    def add(self, text: str, *, emphasised: bool) -> None:
        self._length += len(text)
        if self.runs and self.runs[-1].emphasised == emphasised:
            text = self.runs.pop().text + text
        self.runs.append(Run(text, emphasised))

    def gather(self, inlines: Sequence[Any], *, emphasised: bool = False) -> None:
        for inline in inlines:
            kind, content = inline["t"], inline.get("c")
            if kind == "Str":
                self.add(content, emphasised=emphasised)
            elif kind in _SPACES:
                self.add(_SPACES[kind], emphasised=emphasised)
            elif kind in _STYLED:
                self.gather(content, emphasised=emphasised or kind in _EMPHASIS)
            elif kind == "Quoted":
                opening, closing = tuple(_QUOTES[content[0]["t"]])
                self.add(opening, emphasised=emphasised)
                self.gather(content[1], emphasised=emphasised)
                self.add(closing, emphasised=emphasised)
            elif kind in ("Link", "Span", "Cite", "Image"):
                self.within += [(self._length, *place) for place in _places_of(content[0]) if kind == "Span"]
                self.gather(content[1], emphasised=emphasised)
            elif kind in ("Code", "Math"):
                self.add(content[1], emphasised=emphasised)
            elif kind == "Note":
                self.within.append((self._length, "anchor", self._notes.add(content)))


def read_inlines(inlines: Sequence[Any], notes: Notes) -> Inlines:
    """What inline elements say; their notes are added to ``notes``."""
    gathering = _Gathering(notes)
    gathering.gather(inlines)
    return Inlines("".join(run.text for run in gathering.runs), tuple(gathering.runs), tuple(gathering.within))


def plain_blocks(blocks: Sequence[Any], notes: Notes) -> str:
    """The paragraphs of a cell, a note or a quotation as lines."""
    texts: list[str] = []
    for block in blocks:
        kind, content = block["t"], block.get("c")
        if kind in ("Para", "Plain"):
            texts.append(read_inlines(content, notes).words)
        elif kind == "LineBlock":
            texts += [read_inlines(line, notes).words for line in content]
        elif kind in ("BlockQuote", "Div"):
            texts.append(plain_blocks(content if kind == "BlockQuote" else content[1], notes))
        elif kind in ("BulletList", "OrderedList"):
            texts += [plain_blocks(item, notes) for item in (content if kind == "BulletList" else content[1])]
        elif kind == "CodeBlock":
            texts.append(content[1])
    return "\n".join(filter(None, texts))


def table_rows(table: Sequence[Any], notes: Notes) -> Iterator[list[str]]:
    """The rows of a table, cell by cell, each in one line."""
    head, bodies, foot = table[3], table[4], table[5]
    for row in [*head[1], *(row for body in bodies for part in body[2:4] for row in part), *foot[1]]:
        yield [" ".join(plain_blocks(cell[4], notes).split()) for cell in row[1]]


def meta_texts(value: dict[str, Any]) -> list[str]:
    """The texts of a value of the metadata."""
    kind, content = value["t"], value["c"]
    if kind == "MetaInlines":
        return [" ".join(read_inlines(content, Notes()).words.split())]
    if kind == "MetaBlocks":
        return [" ".join(plain_blocks(content, Notes()).split())]
    if kind == "MetaList":
        return [text for one in content for text in meta_texts(one)]
    if kind == "MetaMap":
        return [text for name in ("name", "literal", "text") if name in content for text in meta_texts(content[name])]
    return [str(content)] if kind == "MetaString" else []


def _places_of(attributes: Any) -> Iterator[tuple[PlaceKind, str]]:
    """A page break or an anchor that a span marks."""
    if not isinstance(attributes, list) or len(attributes) != 3 or not isinstance(attributes[2], list):
        return
    identity, classes, pairs = attributes
    told = dict(pairs)
    if "pagebreak" in (*classes, told.get("epub:type"), told.get("type")) or told.get("role") == "doc-pagebreak":
        label = told.get("title") or told.get("aria-label") or "".join(re.findall(r"[0-9]+|[ivxlc]+$", identity)[-1:])
        yield "page", label.strip()
    elif identity:
        yield "anchor", identity
