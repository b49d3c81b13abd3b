"""Reads JSON lines: our own export, and any file of ``{"text", "citation", "heading"}`` objects.

The text of a document is laid out from its lines, because JSON is not what anybody quotes: exported excerpts at the places
they came from, others one after the other. Such documents are not ``complete``.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from index.citations.csl import read_item
from index.citations.parse import parse_citation
from index.decoding import decode
from index.errors import CitationInvalid, FileUnreadable
from index.readers.frontmatter import describe
from index.readers.readings import Mark, Passage, reading_of, trimmed
from index.records import Citation, CslItem, Document, Excerpt, Filters, Locator, Reading, SourceFile, document_id, excerpt_id

if TYPE_CHECKING:
    from index.collection import Collection

_EXCERPTS_AT_ONCE = 256

# Excerpts as JSON lines that carry everything needed to cite them, and to read the same collection back.
#
# One line is ``{"id", "document": {"name", "sha256"}, "start", "end", "text", "headings": [..], "citation": {"raw", "start",
# "end", "csl", "locator": {"label", "value", "pages", "note"}, "problem", "inferred", "beside"}}``; offsets are code points of
# the document.


class Exportable(Protocol):
    """A document as an export names it; a Document is one, and so is its card."""

    @property
    def name(self) -> str:
        """Its name within the collection."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of its own bytes."""
        ...


class ExportedDocument(msgspec.Struct, frozen=True):
    """The document an excerpt is quoted in."""

    name: str
    sha256: str


class ExportedCitation(msgspec.Struct, frozen=True):
    """A citation as an export line holds it."""

    raw: str
    start: int | None = None
    end: int | None = None
    csl: CslItem | None = None
    locator: Locator | None = None
    likely: tuple[str, ...] = ()
    problem: str | None = None
    inferred: bool = False
    beside: tuple[str, ...] = ()


class ExportedExcerpt(msgspec.Struct, frozen=True):
    """One line of an export."""

    id: str
    document: ExportedDocument
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    citation: ExportedCitation | None


def export_line(excerpt: Excerpt, document: Exportable) -> str:
    """The excerpt as one JSON object, without a line end."""
    line = ExportedExcerpt(
        id=excerpt.id,
        document=ExportedDocument(document.name, document.sha256),
        start=excerpt.start,
        end=excerpt.end,
        text=excerpt.text,
        headings=excerpt.headings,
        citation=_exported(excerpt.citation) if excerpt.citation else None,
    )
    return msgspec.json.encode(line).decode()


def export_lines(collection: "Collection") -> Iterator[str]:
    """Every excerpt of a collection as ``export_line`` writes it, in the order of the documents."""
    for document in collection.documents():
        ids = iter(collection.excerpt_ids(Filters(document=(document.id,))))
        while some := list(islice(ids, _EXCERPTS_AT_ONCE)):
            yield from (export_line(excerpt, document) for excerpt in collection.excerpts(some))


def _exported(citation: Citation) -> ExportedCitation:
    return msgspec.convert(citation, ExportedCitation, from_attributes=True)


_SUFFIXES = (".jsonl", ".ndjson")
_LINE_END = re.compile("\r\n|[\n\r]")
_SHA256 = re.compile("[0-9a-f]{64}")
_BETWEEN = "\n\n"
_LONGEST = 250_000_000
"""Code points of the longest document laid out; a wrong offset must not fill the memory with blank lines."""


class Line(msgspec.Struct, frozen=True):
    """One line as it may be written; the fields of an export come together or not at all."""

    text: str
    citation: str | dict[str, Any] | None = None
    heading: str | None = None
    headings: tuple[str, ...] = ()
    id: str | None = None
    document: ExportedDocument | None = None
    start: int | None = None
    end: int | None = None


class Numbered(msgspec.Struct, frozen=True):
    """A line and its number in the file, from 1."""

    number: int
    line: Line


class JsonlReader:
    """One JSON object a line."""

    name = "jsonl"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so, or the first line is an object with a text."""
        if file.name.lower().endswith(_SUFFIXES):
            return True
        text, _ = decode(file)
        first = text.lstrip().split("\n", 1)[0]
        try:
            return first.startswith("{") and bool(msgspec.json.decode(first, type=Line))
        except msgspec.DecodeError:
            return False

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading for each document exported, and one for the lines that name none.

        A line that is no such object is left out and named in the warnings, unless every line is.

        Raises:
            FileUnreadable: naming the first line where none is such an object, or an exported one that contradicts another or
                itself.
        """
        text, encoding = decode(file)
        documents: dict[ExportedDocument | None, list[Numbered]] = {}
        bad: list[FileUnreadable] = []
        for numbered in _lines(text, file.name, bad):
            documents.setdefault(numbered.line.document, []).append(numbered)
        if bad and not documents:
            raise bad[0]
        readings = [
            _jsonl_exported(file, encoding, document, lines) if document else _plain(file, encoding, lines)
            for document, lines in documents.items()
        ]
        warnings = tuple(f"{problem.found}: this line is left out" for problem in bad)
        return [replace(readings[0], warnings=(*readings[0].warnings, *warnings)), *readings[1:]] if bad else readings


def _lines(text: str, name: str, bad: list[FileUnreadable]) -> Iterator[Numbered]:
    """The lines that can be read; what is wrong with each other one is added to ``bad``."""
    decoder = msgspec.json.Decoder(Line)
    for number, written in enumerate(_LINE_END.split(text), 1):
        if not written.strip():
            continue
        try:
            line = decoder.decode(written)
        except msgspec.DecodeError as problem:
            bad.append(_bad(name, number, str(problem)))
            continue
        if len({line.document is None, line.start is None, line.end is None}) > 1:
            raise _bad(name, number, "of document, start and end it gives only some")
        numbered = Numbered(number, line)
        try:
            if not line.text.strip():
                raise _bad(name, number, "its text is empty")
            if line.document is None:
                _citation(numbered, name)
        except FileUnreadable as problem:
            bad.append(problem)
            continue
        yield numbered


def _plain(file: SourceFile, encoding: str, lines: Sequence[Numbered]) -> Reading:
    """Texts one after the other, blank lines between; citations stand outside the text."""
    text = _BETWEEN.join(numbered.line.text for numbered in lines)
    passages: list[Passage] = []
    at = 0
    for numbered in lines:
        line = numbered.line
        start, end = trimmed(text, at, at + len(line.text))
        passages.append(Passage(start, end, _headings(line), _citation(numbered, file.name)))
        at += len(line.text) + len(_BETWEEN)
    return reading_of(_document(file, encoding, ExportedDocument(file.name, file.sha256), text), passages, [])


def _jsonl_exported(file: SourceFile, encoding: str, document: ExportedDocument, lines: Sequence[Numbered]) -> Reading:
    """Texts and citations at the places they came from, line feeds where the export says nothing."""
    if not _SHA256.fullmatch(document.sha256):
        raise _bad(file.name, lines[0].number, f"its document's sha256 is {document.sha256!r}, not 64 hexadecimal digits")
    pieces: list[tuple[int, str, int]] = []
    passages: list[Passage] = []
    marks: list[Mark] = []
    for numbered in lines:
        line = numbered.line
        start, end = _span(numbered, file.name)
        citation = _citation(numbered, file.name)
        expected = excerpt_id(line.text, citation.raw if citation else "")
        if line.id and not re.fullmatch(rf"{expected}(-\d+)?", line.id):
            raise _bad(file.name, numbered.number, f"its id is {line.id!r}, that of its text and citation is {expected!r}")
        passages.append(Passage(start, end, _headings(line), citation))
        pieces.append((start, line.text, numbered.number))
        if citation and citation.start is not None and citation.end is not None:
            pieces.append((citation.start, citation.raw, numbered.number))
            marks.append(Mark("citation", citation.start, citation.end))
    return reading_of(_document(file, encoding, document, _lay_out(pieces, file.name)), passages, marks)


def _span(numbered: Numbered, name: str) -> tuple[int, int]:
    line = numbered.line
    if line.start is None or line.end is None or line.start < 0 or line.end - line.start != len(line.text):
        raise _bad(name, numbered.number, f"its text has {len(line.text)} code points, its span is [{line.start}, {line.end})")
    if line.text != line.text.strip():
        raise _bad(name, numbered.number, "its text begins or ends with white space")
    return line.start, line.end


def _lay_out(pieces: list[tuple[int, str, int]], name: str) -> str:
    parts: list[str] = []
    at = 0
    for start, piece, number in sorted(pieces):
        if start < at:
            raise _bad(name, number, f"what stands at {start} overlaps what ends at {at}")
        if start + len(piece) > _LONGEST:
            raise _bad(name, number, f"it ends at {start + len(piece)}, and a document has at most {_LONGEST} code points")
        parts += ["\n" * (start - at), piece]
        at = start + len(piece)
    return "".join(parts)


def _document(file: SourceFile, encoding: str, told: ExportedDocument, text: str) -> Document:
    return Document(
        id=document_id(told.sha256),
        name=told.name,
        title=PurePath(told.name).stem,
        sha256=told.sha256,
        file_sha256=file.sha256,
        reader=JsonlReader.name,
        encoding=encoding,
        text=text,
        complete=False,
    )


def _headings(line: Line) -> tuple[str, ...]:
    return line.headings or ((line.heading,) if line.heading else ())


def _citation(numbered: Numbered, name: str) -> Citation | None:
    """From a raw line, a CSL-JSON item, or the object of our export (the one that has ``raw``)."""
    given = numbered.line.citation
    if not given:
        return None
    if isinstance(given, str):
        return parse_citation(given, None, None)
    try:
        if "raw" not in given:
            read_item(given)
            return Citation(describe(given), csl=given)
        told = msgspec.convert(given, ExportedCitation)
        if told.csl is not None:
            read_item(told.csl)
    except (msgspec.ValidationError, CitationInvalid) as problem:
        raise _bad(name, numbered.number, f"its citation is none: {problem}") from problem
    if (told.start is None) != (told.end is None) or (told.start is not None and told.end != told.start + len(told.raw)):
        raise _bad(name, numbered.number, f"its citation has {len(told.raw)} code points, its span is [{told.start}, {told.end})")
    return _restored(told)


def _restored(told: ExportedCitation) -> Citation:
    """The citation as exported; where an older export has no remark on it, the parser is asked again."""
    if told.problem is not None:
        return Citation(**msgspec.structs.asdict(told))
    parsed = parse_citation(told.raw, told.start, told.end)
    csl: CslItem | None = told.csl
    if parsed.csl == csl and parsed.locator == told.locator and parsed.likely == told.likely:
        return parsed
    problem = "" if csl else "the export gives no parsed citation"
    return Citation(told.raw, told.start, told.end, csl, told.locator, problem, told.likely)


def _bad(name: str, number: int, what: str) -> FileUnreadable:
    return FileUnreadable(
        f"line {number} of {name!r}: {what}",
        rule='each line is a JSON object with a "text" and, if it likes, a "citation" (text, CSL-JSON or exported) and '
        '"heading" or "headings"; an exported one has "document", "start" and "end" besides',
        remedy="correct the line or take it out",
    )
