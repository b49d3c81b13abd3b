"""Near-identical excerpts: the same quotation again, with small differences."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from index.embedders import Vectors
from index.text import words

_SHINGLE = 3
_ALIKE = 0.7
"""Jaccard similarity of word trigrams from which two excerpts are the same passage (Broder 1997, "On the
resemblance and containment of documents"). A changed word costs three trigrams: of 60 words, six may differ."""

_NEAR = 0.8
"""Cosine of the windows that answer best below which excerpts are not compared word by word: that one changed word in
ten leaves far more is what makes this safe, and that hardly any two others reach it is what makes it worth while."""

_LENGTHS = 0.5
"""A text not half as long as another cannot share seven in ten of the trigrams of both, however long its words are."""

_REMEMBERED = 128
"""Texts whose trigrams are kept: what is near to one question's passages is near to the next one's."""


def may_be_alike(earlier: Vectors, later: Vectors) -> npt.NDArray[np.bool_]:
    """Which passages are near enough to be compared, by the vectors of their best windows, shape (earlier, later)."""
    near: npt.NDArray[np.bool_] = earlier @ later.T >= _NEAR
    return near


def alike(text: str, other: str) -> bool:
    """Whether both texts are the same passage; symmetric."""
    shorter, longer = sorted((len(text), len(other)))
    if shorter < _LENGTHS * longer:
        return False
    ours, theirs = _trigrams(text), _trigrams(other)
    shared = len(ours & theirs)
    return shared >= _ALIKE * (len(ours) + len(theirs) - shared)


@lru_cache(_REMEMBERED)
def _trigrams(text: str) -> frozenset[tuple[str, ...]]:
    """The distinct runs of three folded words; a shorter text is one run."""
    spoken = words(text)
    return frozenset(zip(*(spoken[at:] for at in range(_SHINGLE)), strict=False)) or frozenset([tuple(spoken)])
