"""The nouns of an answer: a question as understood, hits with their evidence, and what they add up to.

Offsets are code points; those of a ``Span`` count within the excerpt's text.
"""

from typing import Literal

import msgspec

from index.records import Excerpt, Filters

Status = Literal["answered", "weak", "nothing_relevant"]


class Span(msgspec.Struct, frozen=True):
    """A run of an excerpt's text, ``[start, end)``."""

    start: int
    end: int


class Correction(msgspec.Struct, frozen=True):
    """A word taken for a slip of the finger: as ``typed``, and as it was ``read``."""

    typed: str
    read: str


class Question(msgspec.Struct, frozen=True):
    """A question as understood: the words to search, phrases that must occur, and filters.

    ``text`` is the line as typed; ``words`` is what is left of it without field terms, with ``corrections`` made.
    """

    text: str
    words: str
    phrases: tuple[str, ...] = ()
    filters: Filters = Filters()
    corrections: tuple[Correction, ...] = ()


class Scores(msgspec.Struct, frozen=True):
    """Why a hit stands where it stands; higher is better, and only ``dense`` is comparable between questions.

    ``dense`` is the cosine of question and best window in [-1, 1]; ``lexical`` its BM25 score (0 when no word
    matched); ``fused`` orders the hits; ``reranker`` is the cross-encoder's score where one ran.
    """

    fused: float
    dense: float
    lexical: float
    reranker: float | None = None


class Hit(msgspec.Struct, frozen=True):
    """An excerpt found for a question: whole and verbatim, with the sentences that answer best.

    ``rank`` counts from 1. ``duplicates`` are near-identical excerpts folded into this one, best first.
    """

    rank: int
    excerpt: Excerpt
    highlights: tuple[Span, ...]
    scores: Scores
    duplicates: tuple[Excerpt, ...] = ()


class WorkCount(msgspec.Struct, frozen=True):
    """How many of the hits one work gives."""

    work_id: str
    hits: int


class Findings(msgspec.Struct, frozen=True):
    """What a collection holds on a question.

    ``confidence`` in [0, 1] is the estimated probability that the collection holds an answer among ``hits``
    (see docs/retrieval.md); with ``nothing_relevant`` there are no hits and ``nearest`` holds the passages that come closest.
    ``works`` shows how the evidence is spread.
    """

    question: Question
    status: Status
    confidence: float
    hits: tuple[Hit, ...]
    nearest: tuple[Hit, ...]
    works: tuple[WorkCount, ...]
    generation: int
