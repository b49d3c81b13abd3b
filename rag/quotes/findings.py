"""What is found out about a quotation: a verdict, where it stands, how it differs from that, and whether it was cited so.

Offsets are code points, half open; those of a ``Place`` count within the excerpt's text.
"""

from typing import Literal

import msgspec

from index.records import Citation

Verdict = Literal["exact", "normalised", "elided", "altered", "stitched", "misattributed", "not_found"]

ACCEPTED: frozenset[Verdict] = frozenset({"exact", "normalised", "elided"})
"""The verdicts under which a text may be shown as a quotation."""


class Place(msgspec.Struct, frozen=True):
    """A run of an excerpt: ``excerpt.text[start:end]``."""

    excerpt_id: str
    start: int
    end: int


class Change(msgspec.Struct, frozen=True):
    """One step of a word diff: what the quotation says and what the source says; one may be ""."""

    kind: Literal["same", "replaced", "added", "dropped"]
    quoted: str
    source: str


Flag = Literal[
    "cut_negation", "cut_attribution", "question_as_statement", "hedge_dropped", "far_apart", "single_words", "rejoined"
]
"""What stands around a quotation, or was left out of it, that a reader has to know; ``rejoined``: broken words were joined."""


class Omission(msgspec.Struct, frozen=True):
    """What an ellipsis leaves out: ``excerpt.text[start:end]``, ``text`` of it, and how many words that is."""

    start: int
    end: int
    text: str
    words: int


class Scope(msgspec.Struct, frozen=True):
    """The sentences that a quotation was taken from, ``excerpt.text[start:end]``, and what was left out between its pieces.

    ``warnings`` say in words what ``flags`` of the finding say.
    """

    excerpt_id: str
    start: int
    end: int
    text: str
    omissions: tuple[Omission, ...] = ()
    warnings: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """What became of one quotation.

    ``places`` are where it stands: for ``exact`` (the exact ones first), ``normalised`` and ``misattributed`` every place (up to
    a limit), for ``elided`` and ``stitched`` its pieces in the quotation's order, for ``altered`` the nearest span.
    ``changes`` is the word diff of an altered quotation, ``similarity`` in [0, 1] the share of words it has in common with that
    span (1 when accepted), ``note`` a sentence on what the verdict alone does not say, else "". ``scope`` is what the words were
    taken from at their first place, where they stand, and ``flags`` what of it a reader has to know.
    """

    verdict: Verdict
    places: tuple[Place, ...] = ()
    changes: tuple[Change, ...] = ()
    similarity: float = 0.0
    note: str = ""
    flags: tuple[Flag, ...] = ()
    scope: Scope | None = None

    @property
    def accepted(self) -> bool:
        """Whether it may be shown as a quotation."""
        return self.verdict in ACCEPTED


Agreement = Literal["agrees", "differs", "unknown"]
"""``unknown``: the source does not say, or the two cannot be compared."""

FieldName = Literal["author", "title", "year", "page", "volume", "publisher"]


class FieldCheck(msgspec.Struct, frozen=True):
    """One thing that the citation given says, what the source's own citation says, and whether they agree."""

    field: FieldName
    given: str
    source: str
    agreement: Agreement


class PlaceCheck(msgspec.Struct, frozen=True):
    """The citation given against that of one excerpt where the quotation stands, or comes nearest to standing."""

    excerpt_id: str
    agreement: Agreement
    fields: tuple[FieldCheck, ...]


class Verification(msgspec.Struct, frozen=True):
    """``finding`` says whether words occur, ``cited`` whether they stand where they were cited; neither bears on the other.

    ``cited`` is None where no citation was given or the quotation is like nothing in the collection; else the best of ``places``.
    ``read_as`` is what the citation given was read as.
    """

    finding: Finding
    cited: Agreement | None = None
    places: tuple[PlaceCheck, ...] = ()
    read_as: Citation | None = None
