"""The nouns of a collection: frozen records that refuse to contradict themselves.

Offsets are Unicode code points in a document's decoded text, half open: ``[start, end)``.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from index.errors import RecordInvalid
from index.filters import Filters as Filters  # noqa: PLC0414 — a record like the others, with a table of its own

CslItem = dict[str, Any]
"""One item of CSL-JSON (https://docs.citationstyles.org, "CSL-JSON schema"); a field the source does not give is absent."""

BlockKind = Literal["text", "citation", "heading", "furniture"]
PlaceKind = Literal["page", "chapter", "anchor"]


class DocumentCitation(msgspec.Struct, frozen=True):
    """What a document itself is cited by, and who says so ("its metadata", "works.bib beside it", "its file name").

    ``link`` opens it where it is kept ("zotero://…"), or is "".
    """

    csl: CslItem
    origin: str
    link: str = ""


class WorkRules(msgspec.Struct, frozen=True):
    """Works that are one, and works that are not, each by its id or by a citation of it; a rule names two or more."""

    same: tuple[tuple[str, ...], ...] = ()
    different: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.same or self.different)


class FileSettings(msgspec.Struct, frozen=True):
    """What somebody told about a file beside it, for its reader.

    ``layout``, ``reader`` and ``language`` are names ("" for none); ``works`` are CSL items by citekey, from a bibliography
    beside the file; ``compilation`` describes the collection that the file is; ``corrections`` are citations by excerpt id or
    line. ``columns`` say which column of a table gives which field (field: header); ``citation`` is a line that cites the
    document itself, ``cited_as`` what a library that keeps it says; ``beside`` are the files of references that lie with it,
    by name; ``work_rules`` say which works are the same or are not.
    """

    layout: str = ""
    reader: str = ""
    language: str = ""
    works: dict[str, CslItem] = {}
    compilation: dict[str, str] = {}
    corrections: dict[str, str] = {}
    columns: dict[str, str] = {}
    citation: str = ""
    cited_as: DocumentCitation | None = None
    beside: dict[str, bytes] = {}
    work_rules: WorkRules = WorkRules()


class SourceFile(msgspec.Struct, frozen=True):
    """A file as it was found: its name within the collection, its bytes, and what is told about it."""

    name: str
    data: bytes
    told: FileSettings = FileSettings()

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, 64 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


class Rendition(msgspec.Struct, frozen=True):
    """How a document's text was made where its bytes are no plain text.

    ``sha256`` is that of the text in UTF-8; ``tools`` are versions by name; ``columns`` those of ``FileSettings``. The same
    bytes and tools give the same text, which ``ibid verify`` checks.
    """

    sha256: str
    tools: dict[str, str] = {}
    columns: dict[str, str] = {}


class Place(msgspec.Struct, frozen=True):
    """Where a page, chapter or anchor begins in a document's text; it reaches to the next of its kind.

    ``label`` is what is printed ("iv", "128"), the chapter's heading or the anchor's name; ``number`` counts the pages of
    the file from 1, and is 0 for all else.
    """

    kind: PlaceKind
    start: int
    label: str
    number: int = 0


class Document(msgspec.Struct, frozen=True):
    """One document of a collection: its decoded text and where that text comes from.

    ``sha256`` is that of the document's own bytes. It differs from ``file_sha256``, the file we
    keep, only when the file is an export: then the text holds the exported excerpts at their
    places, line feeds stand where the export says nothing, and ``complete`` is false.

    ``rendition`` is None where the text is the decoded bytes; ``places`` are in the order of the text; ``cited_as`` is the
    document's own citation, None where each of its excerpts brings its own.
    """

    id: str
    name: str
    title: str
    sha256: str
    file_sha256: str
    reader: str
    encoding: str
    text: str
    complete: bool = True
    rendition: Rendition | None = None
    places: tuple[Place, ...] = ()
    cited_as: DocumentCitation | None = None


class Block(msgspec.Struct, frozen=True):
    """A run of a document's text and what it is; blocks never overlap.

    Together the blocks of a reading hold every non-white character of the document, once.
    ``line`` counts from 1.
    """

    kind: BlockKind
    start: int
    end: int
    line: int


class Locator(msgspec.Struct, frozen=True):
    """Where in the cited work: a CSL locator with its page ranges written out.

    ``value`` is the locator as the source writes it without its label ("230-31"); ``pages`` are
    inclusive arabic ranges ([[230, 231]]), empty where pages are roman or not numbers; ``note``
    is what the source adds ("p. 120 on the NET"), else "".
    """

    label: str
    value: str
    pages: tuple[tuple[int, int], ...] = ()
    note: str = ""


class Citation(msgspec.Struct, frozen=True):
    """A citation as written, and what could be parsed from it.

    ``start``/``end`` place ``raw`` in the document; both are None when the citation does not
    stand there (front matter, a JSON field, or the document itself is what is cited).
    ``problem`` says why ``csl`` is None or incomplete, else "". ``likely`` names the fields of ``csl`` (and "locator") that
    are likely but not certain; all others are certain. ``inferred`` says that the words point at a citation
    further up ("Ibid.", a page alone), whose work is given here. ``beside`` are citations that stand near the excerpt and
    are not known to be its own, as written: those around a text whose attribution is unsure, or its notes.
    """

    raw: str
    start: int | None = None
    end: int | None = None
    csl: CslItem | None = None
    locator: Locator | None = None
    problem: str = ""
    likely: tuple[str, ...] = ()
    inferred: bool = False
    beside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise RecordInvalid(
                f"citation {self.raw!r} has start {self.start} and end {self.end}",
                rule="a citation has both offsets or neither",
                remedy="this is a bug of the reader; please report the file",
            )
        if self.start is not None and self.end is not None and self.end - self.start != len(self.raw):
            raise RecordInvalid(
                f"citation {self.raw!r} spans [{self.start}, {self.end})",
                rule="a citation is as long as its span",
                remedy="this is a bug of the reader; please report the file",
            )


class ExcerptTraits(msgspec.Struct, frozen=True):
    """What excerpts are sorted and counted by; ``key`` is the catalog's, which grows with the place in the collection."""

    key: int
    document_id: str
    work_id: str
    headings: tuple[str, ...]
    year: int | None


class Excerpt(msgspec.Struct, frozen=True):
    """The unit that is cited: ``document.text[start:end] == text``, always.

    ``id`` comes from the text and the raw citation (see ``excerpt_id``), so it survives
    re-indexing; ``headings`` run from the outermost to the nearest; ``citation`` is None when
    the document gives none; ``work_id`` names the merged source and is filled by the catalog.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    citation: Citation | None = None
    work_id: str = ""

    def __post_init__(self) -> None:
        if self.start < 0 or self.end - self.start != len(self.text) or not self.text.strip():
            raise RecordInvalid(
                f"excerpt {self.id} spans [{self.start}, {self.end}) with {len(self.text)} characters",
                rule="an excerpt has some text and is as long as its span",
                remedy="this is a bug of the reader; please report the file",
            )


class LayoutRemark(msgspec.Struct, frozen=True):
    """A place where the layout is in doubt: its line, what stands there, and why it is."""

    line: int
    text: str
    why: str


class LayoutFinding(msgspec.Struct, frozen=True):
    """How citations go with texts in a document, as its reader decided it.

    ``scores`` are those of all layouts that came into question, in [0, 1], the best first; ``sure`` is false where a text stays
    without an attribution although one stands near it, or an invariant is broken; ``remarks`` name these places. ``attributed``
    of ``texts`` texts have an attribution; ``told`` says that the layout was named by the user.
    """

    layout: str
    scores: tuple[tuple[str, float], ...] = ()
    sure: bool = True
    told: bool = False
    texts: int = 0
    attributed: int = 0
    remarks: tuple[LayoutRemark, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a reader made of one document: the document, its excerpts in order, its blocks in order, and its layout.

    ``layout`` is None where the format itself says which citation belongs to which text; ``compilation`` is what somebody told
    about the collection that the document is (title, compiler, publisher …), None for nothing; ``work_rules`` what they told
    about works. ``warnings`` say what could not be read ("line 7 is no JSON …"); the rest was. ``language`` is the document's,
    an ISO 639-1 code, "" where it cannot be told.
    """

    document: Document
    excerpts: tuple[Excerpt, ...]
    blocks: tuple[Block, ...]
    layout: LayoutFinding | None = None
    compilation: dict[str, str] | None = None
    warnings: tuple[str, ...] = ()
    work_rules: WorkRules = WorkRules()
    language: str = ""

    def __post_init__(self) -> None:
        for excerpt in self.excerpts:
            if self.document.text[excerpt.start : excerpt.end] != excerpt.text:
                raise RecordInvalid(
                    f"excerpt {excerpt.id} of {self.document.name!r} is not what stands at [{excerpt.start}, {excerpt.end})",
                    rule="document.text[start:end] == excerpt.text",
                    remedy="this is a bug of the reader; please report the file",
                )


class Window(msgspec.Struct, frozen=True):
    """The unit that is searched: whole sentences of one excerpt, ``[start, end)`` within the excerpt's text.

    ``context`` (headings, author, title, year) is searched together with the text and is never shown as quotation.
    """

    excerpt_id: str
    start: int
    end: int
    text: str
    context: str = ""


class Work(msgspec.Struct, frozen=True):
    """A source after its variant spellings are merged; ``spellings`` are the raw forms without locators.

    ``likely`` names the fields of ``csl`` that are likely but not certain, as in ``Citation``.
    """

    id: str
    csl: CslItem
    excerpts: int
    spellings: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()


def places_within(places: Sequence[Place], start: int, end: int) -> list[Place]:
    """The places, of one kind and in order, that a span touches: from the one that begins at or before it to its end."""
    starts = [place.start for place in places]
    first = max(0, bisect_right(starts, start) - 1)
    return [place for place in places[first : bisect_right(starts, max(start, end - 1))] if place.start < end]


def issued_year(csl: CslItem) -> int | None:
    """The first year of ``issued``; None when the item gives none."""
    years = issued_years(csl)
    return years[0] if years else None


def issued_years(csl: CslItem) -> tuple[int, int] | None:
    """First and last year of ``issued``; None when the item gives none."""
    issued = csl.get("issued")
    dates = issued.get("date-parts") if isinstance(issued, Mapping) else None
    years = [_year(date) for date in dates] if isinstance(dates, Sequence) else []
    known = [year for year in years if year is not None]
    return (min(known), max(known)) if known else None


def _year(date: Any) -> int | None:
    """The year of a CSL date, which some tools write as text."""
    first = date[0] if isinstance(date, Sequence) and date and not isinstance(date, str) else None
    if isinstance(first, str) and first.strip().lstrip("-").isdecimal():
        return int(first)
    return first if isinstance(first, int) else None


def document_id(sha256: str) -> str:
    """The first 16 hexadecimal digits of a document's SHA-256: its id on the outside."""
    return sha256[:16]


def excerpt_id(text: str, raw_citation: str) -> str:
    """16 hexadecimal digits of SHA-256 over text and raw citation: equal wherever the excerpt stands.

    The catalog appends "-2", "-3" … when the very same text and citation occur again.
    """
    return hashlib.sha256(f"{text}\0{raw_citation}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


# Short records of what an index holds, for lists and reports.


class QuotedIn(msgspec.Struct, frozen=True):
    """The compilation that a passage was read in: its title and what ``collection.toml`` tells of it, each "" where unknown."""

    title: str = ""
    compiler: str = ""
    publisher: str = ""
    place: str = ""
    date: str = ""
    address: str = ""

    @property
    def details(self) -> str:
        """What stands behind the title in a note: ", comp. Ann Crane (Boston: Dock, 1999), https://example.org"."""
        house = ": ".join(part for part in (self.place, self.publisher) if part)
        imprint = ", ".join(part for part in (house, self.date) if part)
        parts = (f", comp. {self.compiler}" if self.compiler else "", f" ({imprint})" if imprint else "")
        return "".join(parts) + (f", {self.address}" if self.address else "")


class DocumentCard(msgspec.Struct, frozen=True):
    """A document without its text; ``characters`` counts code points, ``blocks`` those of each kind of block.

    ``language`` is an ISO 639-1 code, "" where it could not be told.
    """

    id: str
    name: str
    title: str
    sha256: str
    file_sha256: str
    reader: str
    encoding: str
    excerpts: int
    characters: int
    complete: bool
    blocks: dict[str, int]
    layout: LayoutFinding | None = None
    compilation: dict[str, str] | None = None
    rendition: Rendition | None = None
    cited_as: DocumentCitation | None = None
    language: str = ""

    def quoted_in(self, citation: Citation | None) -> QuotedIn:
        """What a passage with this citation is quoted in; empty where the document itself is what is cited."""
        own = self.cited_as is not None and citation is not None and citation.csl == self.cited_as.csl
        told = {name: value for name, value in (self.compilation or {}).items() if name in QuotedIn.__struct_fields__}
        return QuotedIn() if own else QuotedIn(**(told | {"title": self.quoted_as}))

    @property
    def quoted_as(self) -> str:
        """What "quoted in" calls it: the title that somebody told of the compilation, else its own."""
        return (self.compilation or {}).get("title") or self.title


class Counts(msgspec.Struct, frozen=True):
    """How much a collection holds."""

    documents: int
    excerpts: int
    windows: int
    works: int
