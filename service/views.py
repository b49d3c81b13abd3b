"""The JSON shapes of everything the service returns. Offsets are code points, half open: ``[start, end)``."""

from collections.abc import Sequence
from typing import Literal, Self

import msgspec

from index.filters import Filters
from index.records import CslItem, Locator
from rag.conversation import How
from rag.records import Correction, Scores, Status
from service.proof_views import CheckView, NumberedView, ReasonView


class QuestionView(msgspec.Struct, frozen=True):
    """The question as understood: ``words`` are scored, ``phrases`` must occur, ``filters`` limit the search.

    ``corrections`` are the words taken for slips of the finger, as typed and as read.
    """

    text: str
    words: str
    phrases: tuple[str, ...]
    filters: Filters
    corrections: tuple[Correction, ...] = ()


class HighlightView(msgspec.Struct, frozen=True):
    """A passage of an excerpt that answers best: its place in the excerpt and in the document."""

    start: int
    end: int
    document_start: int
    document_end: int


class CitationView(msgspec.Struct, frozen=True):
    """A citation: ``raw`` as the source writes it, ``csl`` and ``locator`` as parsed (null where it could not be).

    ``formatted`` is written in ``style`` and says in which document the excerpt is quoted; ``html`` is the same with its
    titles in italics, as safe HTML (``i``, ``b``, ``sup``, ``sub``, ``span``). ``problem`` says what could not be parsed,
    else "".
    """

    raw: str | None
    csl: CslItem | None
    locator: Locator | None
    formatted: str
    html: str
    style: str
    problem: str


class PlaceView(msgspec.Struct, frozen=True):
    """Where an excerpt stands: ``text_url`` returns that very span of the document, as proof."""

    id: str
    name: str
    title: str
    sha256: str
    start: int
    end: int
    text_url: str


class DuplicateView(msgspec.Struct, frozen=True):
    """A near-identical excerpt folded into a hit."""

    id: str
    url: str
    document: PlaceView


class HitView(msgspec.Struct, frozen=True):
    """An excerpt found for a question; ``text`` is verbatim, and ``document`` proves it."""

    rank: int
    id: str
    url: str
    text: str
    headings: tuple[str, ...]
    highlights: tuple[HighlightView, ...]
    citation: CitationView
    document: PlaceView
    work: str | None
    scores: Scores
    duplicates: tuple[DuplicateView, ...]


class WorkCountView(msgspec.Struct, frozen=True):
    """How many of the hits one work gives."""

    work: str
    label: str
    hits: int
    url: str


class Timing(msgspec.Struct, frozen=True):
    """Milliseconds spent on a question, waiting for others included: turning it into a vector; finding passages."""

    encode_ms: float
    find_ms: float

    @classmethod
    def between(cls, started: float, encoded: float, found: float) -> Self:
        """From the moments at which each ended, in seconds."""
        return cls(round((encoded - started) * 1000, 2), round((found - encoded) * 1000, 2))


class RewrittenView(msgspec.Struct, frozen=True):
    """The question that was searched for: ``as_asked``, or made understandable by itself by a ``rule`` or the ``model``.

    ``problem`` says why the model's wording was not used where a model was asked, else "".
    """

    text: str
    how: How
    problem: str


class AnswerView(msgspec.Struct, frozen=True):
    """What the collection holds on a question.

    ``status`` is ``answered``, ``weak`` or ``nothing_relevant``; with the last there are no hits, and ``nearest`` holds
    the passages that come closest. ``confidence`` in [0, 1] is the estimated probability that the hits hold an answer.

    With ``mode`` ``answer``, ``answer`` is what a language model wrote, after the check, or null: then ``problem`` says why,
    and the passages answer alone; ``passages`` are what ``[1]``, ``[2]`` … in it cite. ``rewritten`` is the question that was
    searched for, where there was a conversation.
    """

    question: QuestionView
    status: Status
    confidence: float
    hits: tuple[HitView, ...]
    nearest: tuple[HitView, ...]
    works: tuple[WorkCountView, ...]
    generation: int
    timing: Timing
    mode: Literal["passages", "answer"] = "passages"
    rewritten: RewrittenView | None = None
    answer: str | None = None
    check: CheckView | None = None
    problem: ReasonView | None = None
    passages: tuple[NumberedView, ...] = ()


class PassageView(msgspec.Struct, frozen=True):
    """An excerpt with its citation and its place."""

    id: str
    url: str
    text: str
    headings: tuple[str, ...]
    citation: CitationView
    document: PlaceView


class BriefView(msgspec.Struct, frozen=True):
    """An excerpt in a list: how its text begins, and what it cites."""

    id: str
    url: str
    begins: str
    citation: str


class RelatedView(msgspec.Struct, frozen=True):
    """What to read beside an excerpt: the rest under its heading, and other works near the same point."""

    same_heading: tuple[BriefView, ...]
    other_works: tuple[BriefView, ...]


class ExcerptView(msgspec.Struct, frozen=True):
    """One excerpt, with those around it in the order of the document, and what else to read."""

    id: str
    url: str
    text: str
    headings: tuple[str, ...]
    citation: CitationView
    document: PlaceView
    work: str | None
    before: tuple[PassageView, ...]
    after: tuple[PassageView, ...]
    related: RelatedView


class SourceView(msgspec.Struct, frozen=True):
    """A work that excerpts cite, after its variant spellings are merged."""

    id: str
    url: str
    label: str
    year: int | None
    csl: CslItem
    formatted: str
    excerpts: int
    spellings: tuple[str, ...]


class SourceWithExcerptsView(msgspec.Struct, frozen=True):
    """A work and the ids of the excerpts that cite it, in the order of their documents."""

    source: SourceView
    excerpts: tuple[str, ...]


class YearCount(msgspec.Struct, frozen=True):
    """How many works and excerpts one year of issue gives; null gathers works without one."""

    year: int | None
    works: int
    excerpts: int


class SourcesView(msgspec.Struct, frozen=True):
    """Works of the collection, from ``offset`` on of ``total``; ``years`` counts all of them."""

    works: tuple[SourceView, ...]
    years: tuple[YearCount, ...]
    offset: int
    total: int


class DocumentView(msgspec.Struct, frozen=True):
    """One document; ``complete`` is false where only an export of its excerpts was indexed."""

    id: str
    name: str
    title: str
    sha256: str
    reader: str
    encoding: str
    characters: int
    excerpts: int
    complete: bool
    text_url: str


class DocumentsView(msgspec.Struct, frozen=True):
    """The documents of the collection."""

    documents: tuple[DocumentView, ...]


class TextView(msgspec.Struct, frozen=True):
    """A span of a document's decoded text."""

    document: str
    sha256: str
    start: int
    end: int
    text: str


class ReadyView(msgspec.Struct, frozen=True):
    """That the service can answer, and from what."""

    status: str
    generation: int
    model: str
    documents: int
    excerpts: int
    windows: int
    works: int
    problem: ReasonView | None = None


class AliveView(msgspec.Struct, frozen=True):
    """That the process runs."""

    status: str
    version: str


def label(csl: CslItem | None) -> str:
    """A work in a few words: the authors' family names and the year, else the title ("Doe 1951")."""
    if csl is None:
        return ""
    names: Sequence[dict[str, str]] = csl.get("author") or csl.get("editor") or ()
    families = [name.get("family") or name.get("literal") or "" for name in names]
    who = f"{families[0]} et al." if len(families) > 3 else " & ".join(filter(None, families)) or csl.get("title", "")
    when = year(csl)
    return f"{who} {when}" if when is not None else who


def year(csl: CslItem) -> int | None:
    """The year of issue, where the item has one."""
    parts = csl.get("issued", {}).get("date-parts") or [[]]
    return int(parts[0][0]) if parts[0] else None
