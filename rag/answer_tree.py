"""The nouns of a checked answer: a small tree that holds a model's plain words and Ibid's quotations, and nothing else.

A model's text is parsed into these nodes; renderers (``rag.rendering``) write them out by escaping. Only ``Quoted`` holds
words of a source, and only the check makes one. Offsets are code points.
"""

from typing import Literal

import msgspec

from rag.quotes.findings import Finding, Place
from rag.records import Span

Style = Literal["plain", "emphasis", "strong", "code"]
Outlet = Literal["markdown", "html", "plain"]


class Words(msgspec.Struct, frozen=True, tag="words"):
    """The model's own words, without any sign that a reader takes for a quotation."""

    text: str
    style: Style = "plain"

    def __post_init__(self) -> None:
        from rag.quotes.signs import signs_in  # its patterns take longer to compile than a lone question needs

        if signs := signs_in(self.text):
            raise ValueError(f"the words hold {signs!r}; a model's words hold no sign of a quotation; pass them to without_signs")


class Cites(msgspec.Struct, frozen=True, tag="cites"):
    """A citation of a passage that was given: ``[number]``."""

    number: int


class Quoted(msgspec.Struct, frozen=True, tag="quoted"):
    """A quotation: slices of one excerpt, in order, each what the excerpt says at its place, character for character.

    More than one slice is a quotation with something left out between them. ``number`` is the passage's, 0 where the excerpt
    is none of those given.
    """

    excerpt_id: str
    number: int
    places: tuple[Place, ...]
    slices: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.slices or [place.end - place.start for place in self.places] != list(map(len, self.slices)):
            raise ValueError(
                f"{len(self.slices)} slices at {self.places}; a quotation has a slice for each place; take them from the excerpt"
            )

    @property
    def text(self) -> str:
        """What is shown between the marks."""
        return f" {OMISSION} ".join(self.slices)


OMISSION = "[…]"
"""Stands for what a quotation leaves out."""

Inline = Words | Cites | Quoted
BlockKind = Literal["paragraph", "heading", "item", "quotation", "code"]


class Opening(msgspec.Struct, frozen=True):
    """The beginning of a block: what it is, how deep a list item is nested (from 0) and its number, or a heading's level."""

    kind: BlockKind
    depth: int = 0
    number: int | None = None


SupportVerdict = Literal["supported", "contradicted", "unclear"]


class Support(msgspec.Struct, frozen=True):
    """A judgement and its reasons, each fit to be shown; ``unclear`` without a passage to judge by."""

    verdict: SupportVerdict = "unclear"
    reasons: tuple[str, ...] = ()


UNJUDGED = Support()

SentenceKind = Literal["sentence", "block", "code", "heading"]
"""What a stretch of an answer is: words, a quotation set apart, code, a heading."""

Unproved = Literal["unquote", "source"]
"""What becomes of a quotation that is not one: the model's plain words, or the source's words in place of altered ones."""

Action = Literal["kept", "unquoted", "replaced"]


class CheckedQuotation(msgspec.Struct, frozen=True):
    """What a model gave for a quotation, what was found out about it, and what became of it.

    ``cited`` are the passages it was looked for in, by number; empty when the sentence cites none.
    """

    words: str
    cited: tuple[int, ...]
    finding: Finding
    action: Action


class CheckedSentence(msgspec.Struct, frozen=True):
    """A stretch of an answer: its nodes, and ``answer.text[span]`` as it is written out; ``opens`` where it begins a block.

    It ``cites`` when it cites a passage that was given, and stands when besides no quotation in it failed. ``support`` is the
    judgement whether the passages say so. ``removed`` are the citations taken out of it, as written.
    """

    kind: SentenceKind
    opens: Opening | None
    nodes: tuple[Inline, ...]
    span: Span
    text: str
    citations: tuple[int, ...]
    removed: tuple[str, ...]
    quotations: tuple[CheckedQuotation, ...]
    stands: bool
    support: Support

    @property
    def cites(self) -> bool:
        """Whether it cites a passage that was given."""
        return bool(self.citations)

    @property
    def words(self) -> str:
        """The model's own words of it."""
        return "".join(node.text for node in self.nodes if isinstance(node, Words))


class CheckedAnswer(msgspec.Struct, frozen=True):
    """A whole answer after the check; ``text`` is what may be shown.

    ``abstained`` says that the model answered with the sentence agreed on for "the collection does not answer this";
    ``stands`` that at least one sentence does. An answer that does neither is not shown: the passages are.
    """

    text: str
    sentences: tuple[CheckedSentence, ...]
    abstained: bool

    @property
    def stands(self) -> bool:
        """Whether at least one sentence stands."""
        return any(sentence.stands for sentence in self.sentences)

    @property
    def quotations(self) -> tuple[CheckedQuotation, ...]:
        """All quotations in order."""
        return tuple(quotation for sentence in self.sentences for quotation in sentence.quotations)

    @property
    def citations(self) -> tuple[int, ...]:
        """The passages cited, by number, in the order of their first citation."""
        return tuple(dict.fromkeys(number for sentence in self.sentences for number in sentence.citations))

    @property
    def removed(self) -> tuple[str, ...]:
        """The citations taken out, as written."""
        return tuple(raw for sentence in self.sentences for raw in sentence.removed)
