"""A text with the citation that goes with it, and what was decided of a whole document."""

import msgspec

from index.readers.candidates import Token
from index.readers.directions import Votes
from index.readers.heading_layout import Layout


class Entry(msgspec.Struct, frozen=True):
    """Texts that belong together, and what they are cited by.

    ``citation`` and ``place`` stand beside them, ``heading`` above them; ``how`` is the layout that ties them; ``inferred``
    says that the citation is one further up; ``doubt`` says why there is none although one stands near; ``beside`` are the
    citations near.
    """

    texts: tuple[Token, ...]
    citation: Token | None = None
    place: Token | None = None
    heading: Token | None = None
    how: Layout = "none"
    inferred: bool = False
    doubt: str = ""
    beside: tuple[Token, ...] = ()

    @property
    def attributed(self) -> bool:
        """Whether something says whose words these are."""
        return self.citation is not None or self.heading is not None


class Layouts(msgspec.Struct, frozen=True):
    """What was decided: the entries in order, the layout, and the score of each layout that came into question.

    ``tokens`` are the document's as they were understood: headings that stand below their texts are citations among them.
    """

    tokens: tuple[Token, ...]
    entries: tuple[Entry, ...]
    layout: Layout
    scores: dict[Layout, float]
    votes: Votes
    unused: tuple[Token, ...] = ()

    @property
    def attributed(self) -> int:
        """How many texts have an attribution."""
        return sum(len(entry.texts) for entry in self.entries if entry.attributed)

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return sum(len(entry.texts) for entry in self.entries)

    @property
    def share(self) -> float:
        """The share of the texts that have an attribution."""
        return self.attributed / (self.texts or 1)

    @property
    def doubted(self) -> int:
        """How many texts have none although one stands near."""
        return sum(len(entry.texts) for entry in self.entries if entry.doubt)
