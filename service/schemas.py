"""The JSON shapes of everything the service returns. Offsets are code points, half open: ``[start, end)``."""

from typing import Literal, Self

import msgspec

from index.records import CslItem, Filters, LayoutFinding, Locator
from rag.conversation import How
from rag.records import Correction, Limit, Scores, Status
from service.proof_schemas import CheckView, NumberedView, ReasonView


class QuestionView(msgspec.Struct, frozen=True):
    """The question as understood: ``words`` are scored, ``phrases`` must occur, ``filters`` limit the search.

    ``corrections`` are the typos that were corrected, as typed and as read.
    """

    text: str
    words: str
    phrases: tuple[str, ...]
    filters: Filters
    corrections: tuple[Correction, ...] = ()
    absent_phrases: tuple[str, ...] = ()


class SuggestedFilterView(msgspec.Struct, frozen=True):
    """A filter by an author or title that the question names as its source; ``named`` is how it names it."""

    field: str
    value: str
    named: str


class HighlightView(msgspec.Struct, frozen=True):
    """A passage of an excerpt that answers best: its place in the excerpt and in the document."""

    start: int
    end: int
    document_start: int
    document_end: int


class CitationView(msgspec.Struct, frozen=True):
    """A citation: ``raw`` as the source writes it, ``csl`` and ``locator`` as parsed (null where it could not be).

    ``likely`` names the fields of ``csl``, and "locator", that are likely but not certain. ``formatted`` is written in
    ``style`` and says in which document the excerpt is quoted; ``html`` is the same with its titles
    in italics, as safe HTML (``i``, ``b``, ``sup``, ``sub``, ``span``). ``problem`` says what could not be parsed, else "".
    ``inferred``: the words point at a citation further up. ``beside``: citations near the passage, not known to be its own.
    """

    raw: str | None
    csl: CslItem | None
    locator: Locator | None
    formatted: str
    html: str
    style: str
    problem: str
    likely: tuple[str, ...] = ()
    inferred: bool = False
    beside: tuple[str, ...] = ()


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


class PassageView(msgspec.Struct, frozen=True):
    """An excerpt with its citation and its place."""

    id: str
    url: str
    text: str
    headings: tuple[str, ...]
    citation: CitationView
    document: PlaceView


class HitView(PassageView, frozen=True):
    """An excerpt found for a question; ``text`` is verbatim, and ``document`` proves it.

    ``missing`` are the words asked that it does not hold in any form, where facets were asked for.
    """

    rank: int
    highlights: tuple[HighlightView, ...]
    work: str | None
    scores: Scores
    duplicates: tuple[DuplicateView, ...]
    missing: tuple[str, ...] = ()


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


class FacetView(msgspec.Struct, frozen=True):
    """A value of a filter, what people call it, and how many of the passages found have it."""

    value: str
    label: str
    count: int


class FacetsView(msgspec.Struct, frozen=True):
    """How the ``found`` passages are spread: the values that most have first, at most 50 of each; ``year`` in its order.

    Not ``complete``: of a large collection, where only candidates are looked at; there may be more.
    """

    found: int
    complete: bool
    author: tuple[FacetView, ...]
    work: tuple[FacetView, ...]
    year: tuple[FacetView, ...]
    heading: tuple[FacetView, ...]
    document: tuple[FacetView, ...]


class AnswerView(msgspec.Struct, frozen=True):
    """What the collection holds on a question.

    ``status`` is ``answered``, ``weak``, ``nothing_relevant`` (there are no hits, and ``nearest`` holds the passages that come
    closest), ``no_such_filter_value``, ``phrase_absent`` or ``filtered_out``; ``explanation`` says it in words, ``limits`` in
    parts. ``confidence`` in [0, 1] is the estimated probability that the hits hold an answer. ``more`` says that as many hits
    as were asked for are there: a larger limit, or ``offset``, may show others. ``facets`` are counted where they were asked for.

    With ``mode`` ``answer``, ``answer`` is what a language model wrote, after the check, or null: then ``problem`` says why,
    and the passages answer alone; ``passages`` are what ``[1]``, ``[2]`` … in it cite. ``rewritten`` is the question that was
    searched for, where there was a conversation. ``suggested_filters`` are by authors and titles that the question names as its
    sources; with ``filters=suggested`` they are applied, and told in ``applied_filters``.
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
    explanation: str = ""
    limits: tuple[Limit, ...] = ()
    more: bool = False
    facets: FacetsView | None = None
    suggested_filters: tuple[SuggestedFilterView, ...] = ()
    applied_filters: tuple[SuggestedFilterView, ...] = ()


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


class ExcerptView(PassageView, frozen=True):
    """One excerpt, with those around it in the order of the document, and what else to read."""

    work: str | None
    before: tuple[PassageView, ...]
    after: tuple[PassageView, ...]
    related: RelatedView


class WorkView(msgspec.Struct, frozen=True):
    """A work that excerpts cite, after its variant spellings are merged; ``likely`` names the fields that are not certain."""

    id: str
    url: str
    label: str
    year: int | None
    csl: CslItem
    formatted: str
    excerpts: int
    spellings: tuple[str, ...]
    likely: tuple[str, ...] = ()


class WorkWithExcerptsView(msgspec.Struct, frozen=True):
    """A work and the ids of the excerpts that cite it, in the order of their documents."""

    source: WorkView
    excerpts: tuple[str, ...]


class YearCount(msgspec.Struct, frozen=True):
    """How many works and excerpts one year of issue gives; null gathers works without one."""

    year: int | None
    works: int
    excerpts: int


class WorksView(msgspec.Struct, frozen=True):
    """Works of the collection, from ``offset`` on of ``total``; ``years`` counts all of them."""

    works: tuple[WorkView, ...]
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
    layout: LayoutFinding | None = None
    compilation: dict[str, str] | None = None


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
