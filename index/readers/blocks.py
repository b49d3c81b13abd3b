"""A document as a sequence of pieces: what each line or block is by its marks alone, whatever the format of the file.

A piece is a line as a person sees it (see ``lines``). What it means (a passage, its citation, a heading that names a work) is for
``layouts`` to decide, from all pieces together.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from markdown_it import MarkdownIt

from index.readers.attributions import LIKELY, bare, is_back_reference, likeness
from index.readers.lines import Line, line_starts
from index.readers.readings import trimmed

PieceKind = Literal["paragraph", "quotation", "item", "heading", "delimiter", "code", "note", "furniture"]

_DELIMITER = re.compile(r"(?:%{1,5}|={3,}|-{3,}|_{3,}|~{3,}|#{3,}|\+{3,}|([*•·⁂§❦~#=-])(?:\s*\1){2,}|⁂|❦|§|\*|•)$")
_QUOTE_MARKS = re.compile(r"[ \t]*(?:>[ \t]?)+")
_ITEM_MARK = re.compile(r"[ \t>]*(?:[-*+•]|\d{1,4}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_NOTE_MARK = re.compile(r"[ \t>]*\[\^(?P<name>[^\]\s]+)\]:[ \t]*")
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^)\[]*\)|!\[\[[^\[\]]*\]\]")
_ANCHOR_ONLY = re.compile(r"\s*(?:<[^<>]*>\s*)+$")
_END_NOTE = re.compile(r"(?:\[(?P<bracket>\d{1,3})\]|(?P<plain>\d{1,3})[.)]|(?P<raised>[¹²³⁰⁴-⁹]+))\s+(?=\S)")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_BLOCKS: dict[str, PieceKind] = {"hr": "delimiter"}
_COLUMNS = {"\t": 4, " ": 1}


class Piece(msgspec.Struct, frozen=True):
    """A line of a document and what its marks say.

    ``text`` is for judging only (marks and emphasis taken off); ``block`` numbers the paragraph, quotation or list item the
    piece stands in, so that pieces without a blank line between them share it; ``opens``/``closes`` say whether the block
    begins or ends here; ``container`` numbers the outermost quotation or list around it, 0 for none; ``level`` is a heading's,
    ``indent`` in columns.
    """

    kind: PieceKind
    number: int
    start: int
    end: int
    text: str
    block: int
    opens: bool = True
    closes: bool = True
    container: int = 0
    level: int = 0
    indent: int = 0
    name: str = ""

    @property
    def alone(self) -> bool:
        """The only piece of its block."""
        return self.opens and self.closes


def is_delimiter(line: str) -> bool:
    """Whether a line is nothing but signs that part what stands above from what stands below ("%", "====", "* * *")."""
    return len(line) <= 200 and _DELIMITER.match(line) is not None


def plain_pieces(text: str, lines: Sequence[Line]) -> list[Piece]:
    """The pieces of a text without markup. Linear."""
    pieces: list[Piece] = []
    block = 0
    notes = _notes_at_end(lines)
    for at, line in enumerate(lines):
        block += line.opens
        if at in notes:
            name, length = notes[at]
            start = text.index(line.text[length:].split(" ", 1)[0], line.start + length - 1)
            pieces.append(Piece("note", line.number, start, line.end, line.text[length:], block, name=name))
            continue
        before = text.rfind("\n", 0, line.start) + 1
        indent = sum(_COLUMNS.get(sign, 1) for sign in text[before : line.start])
        kind: PieceKind = "delimiter" if is_delimiter(line.text) else "paragraph"
        pieces.append(Piece(kind, line.number, line.start, line.end, line.text, block, line.opens, line.closes, indent=indent))
    return pieces


def _notes_at_end(lines: Sequence[Line]) -> dict[int, tuple[str, int]]:
    """The numbered notes with which a text ends, by their places: the number of each, and the length of its mark.

    They count up from the first, and most cite.
    """
    found: dict[int, tuple[str, int]] = {}
    cited = 0
    for at in range(len(lines) - 1, -1, -1):
        note = _END_NOTE.match(lines[at].text)
        if note is None:
            break
        name = note["bracket"] or note["plain"] or note["raised"].translate(_RAISED)
        if found and int(name) != int(next(reversed(found.values()))[0]) - 1:
            break
        found[at] = (name, note.end())
        words = lines[at].text[note.end() :]
        cited += likeness(words) >= LIKELY or is_back_reference(words)
    firsts = [name for name, _ in found.values()]
    return found if len(found) > 1 and firsts[-1] == "1" and 2 * cited > len(found) else {}


def markdown_pieces(text: str, begin: int) -> list[Piece]:
    """The pieces of Markdown below its front matter, those in quotations and lists too. Linear."""
    body = text[begin:]
    starts = [begin + start for start in line_starts(body)] + [len(text)]
    tokens = MarkdownIt("commonmark").disable(["inline", "reference"]).parse(body)
    pieces: list[Piece] = []
    depth = container = block = 0
    marks: list[str] = []
    for at, token in enumerate(tokens):
        if token.type in ("blockquote_open", "list_item_open"):
            container += not depth
            depth += 1
            marks.append("quotation" if token.type == "blockquote_open" else "item")
        elif token.type in ("blockquote_close", "list_item_close"):
            depth -= 1
            marks.pop()
        elif token.map and token.type in ("heading_open", "paragraph_open", "hr", "fence", "code_block", "html_block"):
            block += 1
            level = int(token.tag[1]) if token.type == "heading_open" else 0
            words = tokens[at + 1].content if level else ""
            lines = [(number + 1, starts[number], starts[number + 1]) for number in range(*token.map)]
            pieces += _block(text, lines, token.type, words, block, container if depth else 0, marks[-1] if marks else "", level)
    return pieces


def _block(
    text: str, lines: Sequence[tuple[int, int, int]], token: str, words: str, block: int, container: int, mark: str, level: int
) -> Iterator[Piece]:
    """The pieces of one block, its marks of quotation and list left outside them."""
    if token in ("heading_open", "hr", "fence", "code_block"):
        start, end = trimmed(text, lines[0][1], lines[-1][2])
        start = _behind_marks(text, start, end, mark)
        kind: PieceKind = "heading" if level else _BLOCKS.get(token, "code")
        judged = bare(words) if level else " ".join(text[start:end].split())
        yield Piece(kind, lines[0][0], start, end, judged, block, container=container, level=level)
        return
    spans = [(number, *_inside(text, start, end, mark, first=not at)) for at, (number, start, end) in enumerate(lines)]
    spans = [span for span in spans if span[1] < span[2]]
    for at, (number, start, end) in enumerate(spans):
        note = _NOTE_MARK.match(text, start, end)
        begin = note.end() if note else start
        judged = bare(text[begin:end])
        kind = "note" if note else _kind(text[start:end], judged, mark)
        yield Piece(
            kind, number, begin if begin < end else start, end, judged, block,
            opens=at == 0, closes=at == len(spans) - 1, container=container, name=note["name"] if note else "",
        )  # fmt: skip


def _kind(written: str, judged: str, mark: str) -> PieceKind:
    if not judged or _ANCHOR_ONLY.match(written) or not _IMAGE.sub("", written).strip():
        return "furniture"
    if is_delimiter(judged):
        return "delimiter"
    return "quotation" if mark == "quotation" else "item" if mark == "item" else "paragraph"


def _inside(text: str, start: int, end: int, mark: str, *, first: bool) -> tuple[int, int]:
    start, end = trimmed(text, start, end)
    return (_behind_marks(text, start, end, mark, first=first), end)


def _behind_marks(text: str, start: int, end: int, mark: str, *, first: bool = True) -> int:
    """Where the words of a line begin behind its marks of quotation and list, in whichever order they stand."""
    if not mark:
        return start
    while start < end:
        found = _QUOTE_MARKS.match(text, start, end) or (_ITEM_MARK.match(text, start, end) if first and mark == "item" else None)
        if found is None or found.end() == start:
            break
        start = found.end()
    return trimmed(text, start, end)[0]
