"""Near-identical excerpts: the same quotation again, with small differences."""

from functools import cached_property

from index.embedders import Vectors
from index.folding import words

_SHINGLE = 3
_ALIKE = 0.7
"""Jaccard similarity of word trigrams from which two excerpts are the same passage (Broder 1997, "On the
resemblance and containment of documents"). A changed word costs three trigrams: of 60 words, six may differ."""


_NEAR = 0.8
"""Cosine of the windows that answer best below which excerpts are not compared word by word: that one changed word in
ten leaves far more is what makes this safe, and that hardly any two others reach it is what makes it worth while."""


class Passage:
    """An excerpt's text with the vector of its best window, and whether another is nearly the same.

    Trigrams are made when they are first needed: for most excerpts never.
    """

    def __init__(self, text: str, vector: Vectors) -> None:
        self.text = text
        self.vector = vector

    @cached_property
    def trigrams(self) -> frozenset[tuple[str, ...]]:
        """The distinct runs of three folded words; a shorter text is one run."""
        spoken = words(self.text)
        return frozenset(zip(*(spoken[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(spoken)])

    def alike(self, other: "Passage") -> bool:
        """Whether both are the same passage; symmetric."""
        if float(self.vector @ other.vector) < _NEAR:
            return False
        shared = len(self.trigrams & other.trigrams)
        return shared >= _ALIKE * (len(self.trigrams) + len(other.trigrams) - shared)
