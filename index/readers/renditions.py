"""Lays out the text of a document that is no plain text: piece by piece, remembering what each piece is.

Readers of markup, tables and pages say what they find, in its order; the offsets of excerpts, headings, pages and notes
follow from where the pieces come to stand. Pieces stand apart by a blank line and are never changed within.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from index.citations.locators import expand_pages
from index.errors import FileUnreadable
from index.readers.frontmatter import describe
from index.readers.identifiers import with_identifiers
from index.readers.plain import cut_long
from index.readers.readings import Mark, Passage, reading_of, trimmed
from index.records import (
    Citation,
    Document,
    DocumentCitation,
    Locator,
    Place,
    PlaceKind,
    Reading,
    Rendition,
    SourceFile,
    document_id,
    places_within,
)

LONGEST = 50_000_000
"""Code points of the longest rendition: ten times the longest books. A bomb must not fill the memory."""

_APART = "\n\n"
_MOSTLY = 0.8
"""Share of a text from which what is set off is its usual form, and no quotation."""

_ENOUGH, _MOST = 1_000, 2_500
"""Characters from which a group of paragraphs ends, and those it never passes: as in plain text."""


class _Running(NamedTuple):
    """An excerpt of the document's own words."""

    start: int
    end: int
    headings: tuple[str, ...]
    page: str | None = None
    """The page that a note stands on; None for the page where the text stands."""

    quoted: bool = False
    """Set off as a quotation, which the document may have from anybody."""


class Rendering:
    """The text of one document as it grows.

    ``passage`` adds words that bring their own citation. ``paragraph`` adds the document's own words: they are gathered to
    excerpts of some paragraphs, cited as the document, with the page they stand on.
    """

    def __init__(self, file: SourceFile) -> None:
        self.warnings: list[str] = []
        self._file = file
        self._parts: list[str] = []
        self._at = 0
        self._path: list[tuple[int, str]] = []
        self._passages: list[Passage] = []
        self._running: list[_Running] = []
        self._open: _Running | None = None
        self._marks: list[Mark] = []
        self._places: list[Place] = []
        self._next_places: list[Place] = []
        self._waiting: list[str] = []
        self._notes: list[tuple[str, str, str | None]] = []

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings that hold here, outermost first."""
        return tuple(words for _, words in self._path)

    @property
    def passages(self) -> int:
        """How many passages with a citation of their own were added."""
        return len(self._passages)

    def heading(self, words: str, level: int = 1) -> None:
        """A heading from level 1, the outermost; it ends those of its level and below."""
        label = " ".join(words.split())
        if not label:
            return
        self._close()
        self._path = [above for above in self._path if above[0] < level] + [(level, label)]
        self.place("chapter", label)
        self._marks.append(Mark("heading", *self._add(label)))

    def passage(self, words: str, citation: Citation | None = None, line: str = "", note: str = "") -> None:
        """Words with their own citation, None where nobody says whose they are.

        Args:
            words: the passage, verbatim.
            citation: what it is cited by; of a line where it has one.
            line: the citation as the source writes it; laid out below the words. Without one the citation stands outside
                the text, as fields of a table do.
            note: a remark of whoever collected the passage, which is kept and never quoted.
        """
        self._close()
        start, end = trimmed(words, 0, len(words))
        if start == end:
            return
        place = self._add(words[start:end])
        if line.strip():
            below = self._add(line.strip(), "\n")
            self._marks.append(Mark("citation", *below))
            citation = replace(citation or Citation(line.strip()), raw=line.strip(), start=below[0], end=below[1])
        self._passages.append(Passage(*place, self.headings, citation))
        self.furniture(note)

    def paragraph(
        self, words: str, *, continues: bool = False, quoted: bool = False, within: Sequence[tuple[int, PlaceKind, str]] = ()
    ) -> None:
        """The document's own words.

        Args:
            words: a paragraph, verbatim.
            continues: the paragraph before was cut by the end of a page, and goes on here.
            quoted: it is set off as a quotation, and nothing says whose words it holds.
            within: what begins or is referred to inside it: offsets in ``words``, kinds and labels, in order.
        """
        start, end = trimmed(words, 0, len(words))
        if start == end:
            return
        offset = start
        if self._open and not continues:
            gathered = self._open.end - self._open.start
            if gathered >= _ENOUGH or gathered + end - start > _MOST or quoted != self._open.quoted:
                self._close()
        start, end = self._add(words[start:end], "\n" if continues and self._open else _APART)
        self._places += [Place(kind, start + max(0, at - offset), label) for at, kind, label in within]
        self._open = _Running(self._open.start if self._open else start, end, self.headings, quoted=quoted)

    def furniture(self, words: str) -> None:
        """Words that are part of the document and of no excerpt."""
        if words.strip():
            self._close()
            self._marks.append(Mark("furniture", *self._add(words.strip())))

    def end_group(self) -> None:
        """Ends the excerpt that is being gathered: what follows is something else."""
        self._close()

    def beside(self, words: str) -> None:
        """Furniture within running text, a page's number say: laid out behind the excerpt it interrupts."""
        if words.strip():
            self._waiting.append(words.strip())

    def note(self, words: str, name: str = "") -> None:
        """A note of the document's own, laid out behind the excerpt that it interrupts; it stands on the page it was added on.

        ``name`` ("Note 3") is put to the headings over it, and is an anchor: what refers to it names the same.
        """
        if words.strip():
            pages = [place.label for place in (*self._places, *self._next_places) if place.kind == "page"]
            self._notes.append((words.strip(), name, pages[-1] if pages else None))

    def place(self, kind: PlaceKind, label: str, number: int = 0) -> None:
        """What is added next stands at this page, chapter or anchor."""
        self._next_places.append(Place(kind, 0, label, number))

    def reading(
        self, *, reader: str, title: str, cited_as: DocumentCitation | None = None, tools: dict[str, str] | None = None
    ) -> Reading:
        """The reading of all that was added; ``tools`` are the versions of the libraries that gave the pieces."""
        self._close()
        text = "".join(self._parts)
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        cited_as = with_identifiers(cited_as, text, self._places)
        document = Document(
            id=document_id(self._file.sha256),
            name=self._file.name,
            title=title,
            sha256=self._file.sha256,
            file_sha256=self._file.sha256,
            reader=reader,
            encoding="utf-8",
            text=text,
            rendition=Rendition(sha256, tools or {}, self._file.told.columns),
            places=tuple(self._places),
            cited_as=cited_as,
        )
        passages = [*self._passages, *self._cite_running(text, title, cited_as)]
        return replace(reading_of(document, passages, self._marks), warnings=tuple(self.warnings))

    def _add(self, words: str, apart: str = _APART) -> tuple[int, int]:
        if self._parts:
            self._parts.append(apart)
            self._at += len(apart)
        start, end = self._at, self._at + len(words)
        if end > LONGEST:
            raise FileUnreadable(
                f"{self._file.name!r} holds more than {LONGEST:,} characters of text",
                rule="one file is one document, as long as a book or ten",
                remedy="index the work in parts",
            )
        self._places += [replace(place, start=start) for place in self._next_places]
        self._next_places.clear()
        self._parts.append(words)
        self._at = end
        return start, end

    def _close(self) -> None:
        """Ends the excerpt that is being gathered, and lays out what waits for that."""
        if self._open:
            self._running.append(self._open)
            self._open = None
        for words, name, page in self._notes:
            if name:
                self.place("anchor", name)
            self._running.append(_Running(*self._add(words), (*self.headings, *filter(None, [name])), page))
        self._notes.clear()
        for words in self._waiting:
            self._marks.append(Mark("furniture", *self._add(words)))
        self._waiting.clear()

    def _cite_running(self, text: str, title: str, cited_as: DocumentCitation | None) -> Iterator[Passage]:
        pages = [place for place in self._places if place.kind == "page"]
        raw = describe(cited_as.csl) if cited_as else ""
        running_on = sum(each.end - each.start for each in self._running)
        quotes = sum(each.end - each.start for each in self._running if each.quoted) <= _MOSTLY * running_on
        for running in self._running:
            for start, end in cut_long(text, running.start, running.end):
                stands_on = [place.label for place in places_within(pages, start, end)]
                where = page_locator(stands_on if running.page is None else [running.page])
                citation = Citation(raw, csl=cited_as.csl, locator=where) if cited_as else None
                if citation and quotes and running.quoted:
                    citation = quoted_in(title, citation)
                yield Passage(start, end, running.headings, citation)


def quoted_in(title: str, own: Citation) -> Citation:
    """What a text is cited by that a document sets off as a quotation: the document, whose author need not have written it.

    ``own`` is the document's own citation; where it names nobody, nothing is to be taken back.
    """
    csl = own.csl or {}
    if not csl.keys() & {"author", "editor"}:
        return own
    return Citation(
        title,
        csl={"type": "document", "title": title},
        locator=own.locator,
        problem="not attributed: the document sets it off as a quotation and does not say here whose words it holds",
        beside=(own.raw,),
    )


def page_locator(labels: Sequence[str]) -> Locator | None:
    """The first and the last of these printed pages; None where one of them is not known."""
    if not labels or not all(labels):
        return None
    value = labels[0] if labels[0] == labels[-1] else f"{labels[0]}-{labels[-1]}"
    return Locator("page", value, expand_pages(value) if all(map(str.isdecimal, labels)) else ())
