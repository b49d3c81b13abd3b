"""Near-identical excerpts: the same quotation again, with small differences."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from index.embedders import Vectors
from index.folding import words

_SHINGLE = 3
_ALIKE = 0.7
"""Jaccard similarity of word trigrams from which two excerpts are the same passage (Broder 1997, "On the
resemblance and containment of documents"). A changed word costs three trigrams: of 60 words, six may differ."""

_NEAR = 0.8
"""Cosine of the windows that answer best below which excerpts are not compared word by word: that one changed word in
ten leaves far more is what makes this safe, and that hardly any two others reach it is what makes it worth while."""


def may_be_alike(earlier: Vectors, later: Vectors) -> npt.NDArray[np.bool_]:
    """Which passages are near enough to be compared, by the vectors of their best windows, shape (earlier, later)."""
    near: npt.NDArray[np.bool_] = earlier @ later.T >= _NEAR
    return near


class Passage:
    """An excerpt's text, and whether another is nearly the same. Trigrams are made when they are first needed."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def trigrams(self) -> frozenset[tuple[str, ...]]:
        """The distinct runs of three folded words; a shorter text is one run."""
        spoken = words(self.text)
        return frozenset(zip(*(spoken[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(spoken)])

    def alike(self, other: "Passage") -> bool:
        """Whether both are the same passage; symmetric."""
        shared = len(self.trigrams & other.trigrams)
        return shared >= _ALIKE * (len(self.trigrams) + len(other.trigrams) - shared)
