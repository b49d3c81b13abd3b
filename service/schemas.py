"""The JSON shapes of everything the service returns. Offsets are code points, half open: ``[start, end)``."""

from collections.abc import Sequence
from typing import Literal, Self

import msgspec

from index.records import CslItem, Filters, LayoutFinding, Locator
from rag.answer_tree import Action, Cites, Opening, Quoted, SentenceKind, Support, Words
from rag.conversation import How
from rag.models import Usage
from rag.quotes.findings import Agreement, Change, FieldCheck, Flag, Scope, Verdict
from rag.records import Correction, Limit, Scores, Status

# The JSON shapes of what was checked: quotations, sentences, whole answers. Offsets are code points, ``[start, end)``.


class StandsView(msgspec.Struct, frozen=True):
    """Where words stand: in an excerpt, and in its document; ``text`` is what the source says there, verbatim."""

    excerpt: str
    url: str
    start: int
    end: int
    document: str
    document_start: int
    document_end: int
    text: str


class FindingView(msgspec.Struct, frozen=True):
    """What became of one quotation.

    ``accepted`` (with the verdicts ``exact``, ``normalised`` and ``elided``) says whether it may be shown as a quotation.
    ``changes`` is the word diff of an altered one, ``similarity`` its share of words in common with the nearest span.
    ``scope`` are the whole sentences at the first place, with what an ellipsis leaves out; ``flags`` and its warnings say what
    a reader has to know.
    """

    verdict: Verdict
    accepted: bool
    places: tuple[StandsView, ...]
    changes: tuple[Change, ...]
    similarity: float
    note: str
    flags: tuple[Flag, ...]
    scope: Scope | None


class QuotationView(msgspec.Struct, frozen=True):
    """A quotation as a language model wrote it, the passages it cites, what was found, and what became of it."""

    words: str
    cited: tuple[int, ...]
    action: Action
    finding: FindingView


class SentenceView(msgspec.Struct, frozen=True):
    """A stretch of the answer, ``answer[start:end]``: what it cites, and what was taken out of it.

    ``nodes`` are what it shows: the model's plain words, citations, and quotations, which are the sources' own text. ``opens``
    says what block it begins. It ``cites`` when it cites a passage given; it ``stands`` when besides no quotation in it failed.
    ``support`` is the judgement, with its reasons, whether the passages cited say so.
    """

    kind: SentenceKind
    opens: Opening | None
    nodes: tuple[Words | Cites | Quoted, ...]
    start: int
    end: int
    text: str
    citations: tuple[int, ...]
    removed: tuple[str, ...]
    cites: bool
    support: Support
    stands: bool
    quotations: tuple[QuotationView, ...]


class NumberedView(msgspec.Struct, frozen=True):
    """What ``[number]`` cites."""

    number: int
    excerpt: str
    url: str


class CheckView(msgspec.Struct, frozen=True):
    """How an answer was made and checked.

    ``text`` is all that was left of what the model wrote, whether it was shown or not. ``abstained`` says that the model
    found no answer in the passages; ``truncated`` that it was cut off at its longest, ``finish`` why it stopped, as its
    backend calls it. ``prompt_digest`` is the SHA-256 of
    the prompt's file.
    """

    backend: str
    model: str
    prompt_digest: str
    usage: Usage | None
    truncated: bool
    finish: str
    abstained: bool
    text: str
    sentences: tuple[SentenceView, ...]


class ReasonView(msgspec.Struct, frozen=True):
    """What is wrong, as a problem says it: why there is no answer beside the passages, or no newer generation."""

    type: str
    title: str
    detail: str
    found: str
    rule: str
    remedy: str


class CitationReadView(msgspec.Struct, frozen=True):
    """How a citation that was sent in was read; ``problem`` says what could not be."""

    raw: str
    csl: CslItem | None
    locator: Locator | None
    problem: str


class CitedThereView(msgspec.Struct, frozen=True):
    """The citation given against that of one excerpt where the words stand, field by field."""

    excerpt: str
    url: str
    citation: str
    agreement: Agreement
    fields: tuple[FieldCheck, ...]


class VerificationView(msgspec.Struct, frozen=True):
    """Two answers that do not bear on each other.

    ``verbatim``: whether the words occur in the collection, and ``finding`` where and how. ``cited``: whether they stand
    where the citation given says (``agrees``, ``differs``, ``unknown``; null without a citation, or where nothing like
    them was found), and ``places`` why.
    """

    quote: str
    verbatim: bool
    finding: FindingView
    cited: Agreement | None
    places: tuple[CitedThereView, ...]
    read_as: CitationReadView | None
    generation: int


class QuestionView(msgspec.Struct, frozen=True):
    """The question as understood: ``words`` are scored, ``phrases`` must occur, ``filters`` limit the search.

    ``corrections`` are the words taken for slips of the finger, as typed and as read.
    """

    text: str
    words: str
    phrases: tuple[str, ...]
    filters: Filters
    corrections: tuple[Correction, ...] = ()
    absent_phrases: tuple[str, ...] = ()


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


class FacetView(msgspec.Struct, frozen=True):
    """A value of a filter, what people call it, and how many of the passages found have it."""

    value: str
    label: str
    count: int


class FacetsView(msgspec.Struct, frozen=True):
    """How the ``found`` passages are spread: the values that most have first, at most 50 of each; ``years`` in their order."""

    found: int
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
    explanation: str = ""
    limits: tuple[Limit, ...] = ()
    more: bool = False
    facets: FacetsView | None = None


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
