"""Reads PDF: printed pages in reading order, with their page numbers, headings, notes; PDFium looks into the file.

It does so in a process of its own (``pdf_worker``), which a hostile file may break.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path, PurePath

import msgspec

from index.errors import FileUnreadable
from index.readers.cited_fields import people_of
from index.readers.document_citations import own_citation
from index.readers.pdf_layout import (
    PageLines,
    blocks_of,
    body_height,
    ends_sentence,
    fold_title,
    lines_of,
    printed_labels,
    without_furniture,
)
from index.readers.renditions import Rendering
from index.readers.sandbox import run_bounded
from index.readers.xmp import read_xmp
from index.records import CslItem, Reading, SourceFile

WORKER = Path(__file__).with_name("pdf_worker.py")
SECONDS = 330.0
_REMEDY = "open it and save it anew (print to PDF), or leave it out"
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word\b.*|.*\.(?:docx?|pdf|indd|dvi|tex|rtf|qxd|odt)|\W*|document\s*\d*|title")
_DEEPEST = 6


class Bookmark(msgspec.Struct, frozen=True):
    """An entry of the outline; ``page`` counts from 0, -1 for none."""

    title: str
    level: int
    page: int


class WorkerPage(msgspec.Struct, frozen=True):
    """A page as the worker tells it; ``drawn``: there is anything on it."""

    label: str
    width: float
    height: float
    segments: list[tuple[float, float, float, float, str]]
    drawn: bool


class WorkerDocument(msgspec.Struct, frozen=True):
    """A file as the worker tells it."""

    pages: list[WorkerPage]
    outline: list[Bookmark]
    metadata: dict[str, str]
    versions: dict[str, str]


class PdfReader:
    """A PDF with a text layer."""

    name = "pdf"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the first bytes say so."""
        return b"%PDF-" in file.data[:1024] and not file.data.lstrip().startswith((b"{", b"[", b"<"))

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading; pages without text are named in its warnings.

        Raises:
            FileUnreadable: the file is damaged, locked, too much for the bounds, or holds no text at all.
        """
        told = look_into(file)
        empty = [number for number, page in enumerate(told.pages, 1) if page.drawn and not page.segments]
        if not any(page.segments for page in told.pages):
            raise FileUnreadable(
                f"{file.name!r} has no text on any of its {len(told.pages):,} pages",
                rule="a scanned page is a picture until its text is recognised",
                remedy=f"run OCR first: `ocrmypdf {file.name} out.pdf`",
            )
        pages = without_furniture([lines_of(page.segments, page.width, page.height, page.label) for page in told.pages])
        rendering = Rendering(file)
        if empty:
            rendering.warnings.append(f"{file.name!r}: {_numbered(empty)} no text: run OCR first: `ocrmypdf in.pdf out.pdf`")
        _lay_out(rendering, pages, _labels(pages, rendering), told.outline)
        title, csl = _metadata(file, told)
        return [
            rendering.reading(
                reader=self.name,
                title=title or PurePath(file.name).stem,
                cited_as=own_citation(file, csl, title),
                tools=told.versions,
            )
        ]


def look_into(file: SourceFile) -> WorkerDocument:
    """What PDFium finds in the file. Raises FileUnreadable."""
    command = [sys.executable, "-I", str(WORKER), "text"]
    found = run_bounded(command, file.data, name=file.name, seconds=SECONDS, remedy=_REMEDY)
    return msgspec.json.decode(found, type=WorkerDocument)


def page_image(file: SourceFile, number: int, width: int, marked: Sequence[str] = ()) -> bytes:
    """The page of this number, from 1, as a PNG so many pixels wide, with these lines of it marked. Raises FileUnreadable."""
    lines = msgspec.json.encode(marked).decode()
    command = [sys.executable, "-I", str(WORKER), "image", str(number), str(width), lines]
    return run_bounded(command, file.data, name=file.name, seconds=30.0, remedy=_REMEDY)


def _labels(pages: Sequence[PageLines], rendering: Rendering) -> list[str]:
    """What is printed on the pages, else what the file calls them."""
    printed, given = printed_labels(pages), [page.label for page in pages]
    if not any(printed):
        return given
    differing = [
        number for number, (own, label) in enumerate(zip(printed, given, strict=True), 1) if own and label and own != label
    ]
    if differing:
        rendering.warnings.append(
            f"page {differing[0]} of the file is printed {printed[differing[0] - 1]!r} and labelled {given[differing[0] - 1]!r} "
            f"({len(differing):,} such pages): the printed number is cited"
        )
    return [own or (label if not differing else "") for own, label in zip(printed, given, strict=True)]


def _lay_out(rendering: Rendering, pages: Sequence[PageLines], labels: Sequence[str], outline: Sequence[Bookmark]) -> None:
    body = body_height(pages)
    levels = {(mark.page, fold_title(mark.title)): min(mark.level, _DEEPEST) for mark in outline}
    deepest = max(levels.values(), default=0)
    sizes = sorted(
        {round(block.lines[0].height) for page in pages for block in blocks_of(page, body) if block.kind == "heading"}
    )[::-1]
    open_ended = False
    for at, (page, label) in enumerate(zip(pages, labels, strict=True)):
        rendering.place("page", label, at + 1)
        for line in page.furniture:
            rendering.beside(line.text)
        for block in blocks_of(page, body, [title for index, title in levels if index == at]):
            if block.kind == "heading":
                words = " ".join(line.text for line in block.lines)
                size = sizes.index(round(block.lines[0].height)) if round(block.lines[0].height) in sizes else 0
                rendering.heading(words, levels.get((at, fold_title(words)), min(deepest + 1 + size, _DEEPEST)))
                open_ended = False
            elif block.kind == "note":
                rendering.note(block.text)
            else:
                rendering.paragraph(block.text, continues=block.continues and open_ended)
                open_ended = not ends_sentence(block.text)


def _metadata(file: SourceFile, told: WorkerDocument) -> tuple[str, CslItem | None]:
    """Title and item of the document's metadata: XMP, which says more, else the information dictionary."""
    csl = read_xmp(file.data)
    title, author = (" ".join(told.metadata.get(name, "").split()) for name in ("Title", "Author"))
    if "title" not in csl and title and not _NO_TITLE.fullmatch(title):
        csl["title"] = title
    if "author" not in csl and author and csl.get("title"):
        csl["author"] = people_of(author)
    if _NO_TITLE.fullmatch(str(csl.get("title", "-"))):
        csl.pop("title", None)
    known = csl.keys() - {"type", "title"}
    return str(csl.get("title", "")), {"type": csl.get("type", "document"), **csl} if known and "title" in csl else None


def _numbered(numbers: Sequence[int]) -> str:
    """Pages as ranges, with the verb: "page 7 has", "pages 3, 5-9 have"."""
    runs = ["-".join(map(str, dict.fromkeys((run[0], run[-1])))) for run in _runs(numbers)]
    return f"page {runs[0]} has" if len(numbers) == 1 else f"pages {', '.join(runs)} have"


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    for _, run in groupby(enumerate(numbers), key=lambda each: each[1] - each[0]):
        yield [number for _, number in run]
