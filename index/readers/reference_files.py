"""Reads files of references (BibTeX, RIS, CSL-JSON): the works they list, and what their notes quote from them.

A note's words are the work's only where the note says so: in quotation marks, behind a page ("p. 14: …"), or in a field for
quotations or the abstract. All else is a remark of whoever keeps the list, cited by nobody.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from index.citations.imports import Entry, References, parse_references
from index.decoding import decode
from index.errors import FileUnreadable
from index.readers.cited_fields import cut_place, place_of
from index.readers.frontmatter import describe
from index.readers.renditions import Rendering
from index.records import Citation, Locator, Reading, SourceFile

_QUOTING = ("quote", "quotes", "quotation", "quotations", "excerpt", "excerpts", "abstract")
_NOTING = ("annote", "annotation", "annotations", "note", "notes", "comment", "comments", "review")
_PLACE_FIRST = re.compile(
    r"[\[(]?(?P<label>pp?\.?|pages?|pgs?\.?|S\.|ch(?:apter|\.)?|loc(?:ation|\.)?)\s*"
    r"(?P<value>[0-9]+[a-z]?(?:\s?[-–—]\s?[0-9]+)?|[ivxlc]+(?:\s?[-–—]\s?[ivxlc]+)?)[\])]?\s*[:.,;–—-]?\s+(?=\S)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„]+)[”\"»“]\s*+(?:(?P<after>\(.*\)|[.])\s*+)?", re.DOTALL)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


class Note(NamedTuple):
    """A piece of a note: its words, whether they are quoted from the work, and where they stand in it."""

    words: str
    quoted: bool
    where: Locator | None = None


class ReferenceReader:
    """A reference a work, its notes the excerpts."""

    name = "references"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so; JSON is looked into by its own reader."""
        return PurePath(file.name.lower()).suffix in (".bib", ".bibtex", ".ris")

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading, below a heading for each work; an entry that cannot be read is left out and named.

        Raises:
            FileUnreadable: there is no reference, or none of them holds a note or an abstract.
        """
        text, _ = decode(file)
        return [read_references(file, parse_references(text, file.name), self.name)]


def read_references(file: SourceFile, found: References, reader: str) -> Reading:
    """The reading of these references.

    Raises:
        FileUnreadable: none of them holds a note or an abstract.
    """
    rendering = Rendering(file)
    rendering.warnings += [f"{file.name!r}, {problem}; it is left out" for problem in found.problems]
    for entry in found.entries:
        notes = list(notes_of(entry))
        if notes:
            rendering.heading(describe(entry.csl).removesuffix("."))
        for note in notes:
            raw = describe(entry.csl)
            rendering.passage(note.words, Citation(raw, csl=entry.csl, locator=note.where) if note.quoted else None)
    if not rendering.passages:
        raise FileUnreadable(
            f"{file.name!r} holds references ({len(found.entries):,}) and nothing quoted from them",
            rule="quotations stand in fields such as annote, quote or abstract",
            remedy="leave the file out; beside a document of the same name it is that document's citation",
        )
    return rendering.reading(reader=reader, title=PurePath(file.name).stem)


def notes_of(entry: Entry) -> Iterator[Note]:
    """What an entry's free texts hold, piece by piece."""
    for field, text in entry.notes.items():
        name = re.sub(r"(?<![\d_-])[\d_-]+$", "", field.casefold())
        if name in _QUOTING or name in _NOTING:
            for piece in _PARAGRAPHS.split(text.strip()):
                if piece.strip():
                    yield quoted_note(piece.strip(), surely=name in _QUOTING)


def quoted_note(piece: str, *, surely: bool) -> Note:
    """A paragraph of a note; ``surely``: its field is one for quotations."""
    first = _PLACE_FIRST.match(piece)
    words = piece[first.end() :] if first else piece
    where = place_of(_label(first["label"]), first["value"]) if first else None
    if not first:
        words, _, where = cut_place(piece)
    quoted = _QUOTED.fullmatch(words)
    if quoted:
        words = quoted[1]
    if quoted or surely or first:
        return Note(words, quoted=True, where=where)
    return Note(piece, quoted=False)


def _label(written: str) -> str:
    """The field that a label before a number names: "pp." is a page, "loc." a location."""
    word = written.casefold()
    return "chapter" if word.startswith("ch") else "location" if word.startswith("loc") else "page"
