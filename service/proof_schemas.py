"""The JSON shapes of what was checked: quotations, sentences, whole answers. Offsets are code points, ``[start, end)``."""

import msgspec

from index.records import CslItem, Locator
from rag.answer_tree import Action, Cites, Opening, Quoted, SentenceKind, Support, Words
from rag.models import Usage
from rag.quotes.findings import Agreement, Change, FieldCheck, Flag, Scope, Verdict


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
