"""The lexicon of a word index: the terms its entries were cut into, and how much each of them tells."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

K1 = 0.82
B = 0.68
"""BM25's parameters as Anserini and Pyserini tune them to the passages of MS MARCO (Lin et al. 2021, "Pyserini"), about as
long as our windows: in texts this short a word that stands there again tells little."""


_REMEMBERED = 4096


class Lexicon:
    """Terms by how many entries hold them.

    The formula is BM25's in the form of Lucene (Robertson and Zaragoza 2009, "The Probabilistic Relevance
    Framework", section 3.3): idf = ln(1 + (N - n + .5) / (n + .5)).

    Args:
        entries: how many entries there are (N).
        frequencies: for each term how many entries hold it (n).
        analyse: cuts any text into terms, as the entries were.
    """

    def __init__(self, entries: int, frequencies: Mapping[str, int], analyse: Callable[[str], list[str]]) -> None:
        self.entries = entries
        self.frequencies = frequencies
        self._analyse = analyse
        self._idf_of = lru_cache(_REMEMBERED)(self._compute_idf)

    def terms(self, text: str) -> list[str]:
        """The terms of a text in order, whether entries hold them or not."""
        return self._analyse(text)

    def idf(self, term: str) -> float:
        """How much it tells that an entry holds this term; most for one that none holds."""
        return self._idf_of(self.frequencies.get(term, 0))

    def _compute_idf(self, holding: int) -> float:
        return math.log(1 + (self.entries - holding + 0.5) / (holding + 0.5))

    def ceiling(self, term: str) -> float:
        """What BM25 approaches, and never reaches, for an entry that consists of this term only."""
        return self.ceiling_of(self.frequencies.get(term, 0))

    def ceiling_of(self, holding: int) -> float:
        """The same of a term that so many entries hold."""
        return self._idf_of(holding) * (K1 + 1)
