"""The lexicon of a lexical index: the terms its entries were cut into, and how much each of them tells."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

K1 = 1.2
B = 0.75
"""BM25's parameters, those of Lucene and tantivy."""


class Lexicon:
    """Terms by how many entries hold them.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance
    Framework", section 3.3): idf = ln(1 + (N - n + .5) / (n + .5)).

    Args:
        entries: how many entries there are (N).
        frequencies: for each term how many entries hold it (n).
        analyse: cuts any text into terms, as the entries were.
        written: the folded words of the entries' own texts, not stemmed, by how many entries hold them.
    """

    def __init__(
        self,
        entries: int,
        frequencies: Mapping[str, int],
        analyse: Callable[[str], list[str]],
        written: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.entries = entries
        self.frequencies = frequencies
        self.written = written
        self._analyse = analyse

    def terms(self, text: str) -> list[str]:
        """The terms of a text in order, whether entries hold them or not."""
        return self._analyse(text)

    def idf(self, term: str) -> float:
        """How much it tells that an entry holds this term; most for one that none holds."""
        held = self.frequencies.get(term, 0)
        return math.log(1 + (self.entries - held + 0.5) / (held + 0.5))

    def ceiling(self, term: str) -> float:
        """What BM25 approaches, and never reaches, for an entry that consists of this term only."""
        return self.idf(term) * (K1 + 1)
