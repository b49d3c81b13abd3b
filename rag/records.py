"""The nouns of an answer: a question as understood, hits with their evidence, and what they add up to.

Offsets are code points; those of a ``Span`` count within the excerpt's text.
"""

from typing import Literal

import msgspec

from index.records import Excerpt, Filters

Status = Literal["answered", "weak", "nothing_relevant", "no_such_filter_value", "phrase_absent", "filtered_out"]
"""What a question comes to. The last three say that its own limits leave nothing, or that a phrase occurs nowhere."""


class Span(msgspec.Struct, frozen=True):
    """A run of an excerpt's text, ``[start, end)``."""

    start: int
    end: int


class Correction(msgspec.Struct, frozen=True):
    """A corrected typo: the word as ``typed``, and as it was ``read``."""

    typed: str
    read: str


class SuggestedFilter(msgspec.Struct, frozen=True):
    """A filter by an author or title that the question names as its source, and the words that name it."""

    field: str
    value: str
    named: str


class Question(msgspec.Struct, frozen=True):
    """A question as understood: the words to search, phrases that must occur, and filters.

    ``text`` is the line as typed; ``words`` is what is left of it without field terms, with ``corrections`` made.
    ``absent_phrases`` occur nowhere in the collection: they limit nothing, and their words are searched for.
    ``suggested_filters`` are by authors and titles that the question names as its sources; ``applied_filters`` are those of them
    that were to be applied, and are among ``filters``.
    """

    text: str
    words: str
    phrases: tuple[str, ...] = ()
    filters: Filters = Filters()
    corrections: tuple[Correction, ...] = ()
    absent_phrases: tuple[str, ...] = ()
    suggested_filters: tuple[SuggestedFilter, ...] = ()
    applied_filters: tuple[SuggestedFilter, ...] = ()


class Limit(msgspec.Struct, frozen=True):
    """Why a question's own limits leave little.

    ``no_such_filter_value``: no excerpt has ``value`` in ``field``; ``nearest`` are values that some have. ``phrase_absent``:
    the phrase ``value`` occurs nowhere. ``filtered_out``: of the best ten passages, ``outside`` lie outside the limits.
    """

    kind: Literal["no_such_filter_value", "phrase_absent", "filtered_out"]
    field: str = ""
    value: str = ""
    nearest: tuple[str, ...] = ()
    outside: int = 0


class Scores(msgspec.Struct, frozen=True):
    """Why a hit stands where it stands; higher is better, and only ``dense`` is comparable between questions.

    ``dense`` is the cosine of question and best window in [-1, 1]; ``lexical`` its BM25 score (0 when no word
    matched); ``fused`` orders the hits; ``reranker`` is the cross-encoder's score where one ran, ``late_interaction`` in [-1, 1]
    the nearness of the question's tokens and the window's where it was computed (both refine ``fused``, see docs/retrieval.md).
    """

    fused: float
    dense: float
    lexical: float
    reranker: float | None = None
    late_interaction: float | None = None


class Hit(msgspec.Struct, frozen=True):
    """An excerpt found for a question: whole and verbatim, with the sentences that answer best.

    ``rank`` counts from 1. ``duplicates`` are near-identical excerpts folded into this one, best first;
    ``missing`` the words asked that it does not hold in any form.
    """

    rank: int
    excerpt: Excerpt
    highlights: tuple[Span, ...]
    scores: Scores
    duplicates: tuple[Excerpt, ...] = ()
    missing: tuple[str, ...] = ()


class WorkCount(msgspec.Struct, frozen=True):
    """How many of the hits one work gives."""

    work_id: str
    hits: int


Sort = Literal["relevance", "oldest", "newest", "place"]
"""The order of hits: by how well they answer, by year of issue, or as they stand in the collection."""


class ResultPage(msgspec.Struct, frozen=True):
    """Which part of what was found is shown, in which order, and whether ``facets`` of all of it are counted."""

    offset: int = 0
    sort: Sort = "relevance"
    facets: bool = False


FIRST_PAGE = ResultPage()


class FacetCount(msgspec.Struct, frozen=True):
    """A value that a filter takes, and how many of the passages found have it."""

    value: str
    count: int


class Facets(msgspec.Struct, frozen=True):
    """How the ``found`` passages are spread, those values first that most have; ``years`` are in their order.

    A passage is found when the evidence for it would suffice alone, or nearly what the best has (rag/facets.py). Near-identical
    ones are counted each. Not ``complete``: of a large collection, where only candidates are looked at.
    """

    found: int
    complete: bool
    authors: tuple[FacetCount, ...]
    works: tuple[FacetCount, ...]
    years: tuple[FacetCount, ...]
    headings: tuple[FacetCount, ...]
    documents: tuple[FacetCount, ...]


class Findings(msgspec.Struct, frozen=True):
    """What a collection holds on a question.

    ``confidence`` in [0, 1] is the estimated probability that the collection holds an answer among ``hits``
    (see docs/retrieval.md); with ``nothing_relevant`` there are no hits and ``nearest`` holds the passages that come closest.
    ``works`` shows how the evidence is spread, and ``limits`` why the question's own limits leave little; ``more`` says that as
    many hits as were asked for are there, so that others may follow. ``facets`` are counted where they were asked for.
    """

    question: Question
    status: Status
    confidence: float
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    works: tuple[WorkCount, ...]
    generation: int
    limits: tuple[Limit, ...] = ()
    more: bool = False
    facets: Facets | None = None
