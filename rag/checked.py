"""The nouns of a checked answer: its sentences, what they cite and quote, and what became of that.

Offsets are code points in the answer as it is shown.
"""

from typing import Literal

import msgspec

from rag.quotes.records import Finding
from rag.records import Span

SegmentKind = Literal["sentence", "block", "code", "heading", "space"]
"""What a stretch of an answer is; space has nothing to read."""

Unproved = Literal["unquote", "source"]
"""What becomes of a quotation that is not one: it loses its marks, or an altered one gives way to the source's words."""

Action = Literal["kept", "unquoted", "replaced"]


class CheckedQuotation(msgspec.Struct, frozen=True):
    """A quotation as the model wrote it, what was found out about it, and what became of it.

    ``cited`` are the passages it was looked for in, by number; empty when the sentence cites none.
    """

    words: str
    cited: tuple[int, ...]
    finding: Finding
    action: Action


class CheckedSentence(msgspec.Struct, frozen=True):
    """A stretch of the answer as it is shown: ``answer.text[span]``.

    It is supported when it cites a passage that was given, and stands when besides no quotation in it failed.
    ``removed`` are the citations taken out of it, as written.
    """

    kind: SegmentKind
    span: Span
    text: str
    citations: tuple[int, ...]
    removed: tuple[str, ...]
    quotations: tuple[CheckedQuotation, ...]
    stands: bool

    @property
    def supported(self) -> bool:
        """Whether it cites a passage that was given."""
        return bool(self.citations)


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
