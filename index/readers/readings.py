"""From spans to a Reading: what every reader does once it knows which characters are what."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from index.errors import RecordInvalid
from index.readers.lines import line_starts
from index.records import (
    Block,
    BlockKind,
    Citation,
    Document,
    DocumentCitation,
    Excerpt,
    LayoutFinding,
    Reading,
    SourceFile,
    document_id,
    excerpt_id,
)


class Passage(msgspec.Struct, frozen=True):
    """An excerpt to be: where it stands, under which headings, and what it is cited by."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    citation: Citation | None = None


class Mark(msgspec.Struct, frozen=True):
    """What else stands in the document."""

    kind: BlockKind
    start: int
    end: int


def make_reading(
    file: SourceFile,
    *,
    reader: str,
    encoding: str,
    title: str,
    text: str,
    passages: Sequence[Passage],
    marks: Sequence[Mark],
    layout: LayoutFinding | None = None,
    cited_as: DocumentCitation | None = None,
) -> Reading:
    """The reading of a file that is its own document. Raises RecordInvalid unless the spans hold every character once."""
    sha256 = file.sha256
    document = Document(
        id=document_id(sha256),
        name=file.name,
        title=title,
        sha256=sha256,
        file_sha256=sha256,
        reader=reader,
        encoding=encoding,
        text=text,
        cited_as=cited_as,
    )
    return reading_of(document, passages, marks, layout)


def reading_of(
    document: Document, passages: Sequence[Passage], marks: Sequence[Mark], layout: LayoutFinding | None = None
) -> Reading:
    """The reading of this document. Raises RecordInvalid unless the spans hold every non-white character once."""
    starts = line_starts(document.text)
    spans = sorted([*marks, *(Mark("text", passage.start, passage.end) for passage in passages)], key=lambda mark: mark.start)
    blocks = tuple(Block(mark.kind, mark.start, mark.end, bisect_right(starts, mark.start)) for mark in spans)
    check_partition(document, blocks)
    excerpts = tuple(_excerpt(document, passage) for passage in sorted(passages, key=lambda passage: passage.start))
    return Reading(document, excerpts, blocks, layout)


def check_partition(document: Document, blocks: Sequence[Block]) -> None:
    """Raises RecordInvalid where blocks overlap, or a character between them is not white."""
    at = 0
    for block in [*blocks, Block("text", len(document.text), len(document.text), 0)]:
        between = document.text[at : block.start]
        if block.start < at or (between and not between.isspace()):
            raise RecordInvalid(
                f"{document.name!r} has {between.strip()[:40]!r} between {at} and {block.start}, where {block.kind} starts",
                rule="every character that is not white stands in exactly one block",
                remedy="this is a bug of the reader; please report the file",
            )
        at = block.end


def _excerpt(document: Document, passage: Passage) -> Excerpt:
    text = document.text[passage.start : passage.end]
    return Excerpt(
        id=excerpt_id(text, passage.citation.raw if passage.citation else ""),
        document_id=document.id,
        start=passage.start,
        end=passage.end,
        text=text,
        headings=passage.headings,
        citation=passage.citation,
    )


# Spans of a text.


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends; empty where there is nothing else."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return (first, start + len(piece.rstrip())) if first < end else (start, start)
