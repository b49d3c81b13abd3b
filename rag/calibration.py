"""What has to be known of an embedder and a collection before scores mean the same everywhere.

Learned without labels when a collection is indexed, and kept with it as the note "calibration".
"""

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Embedder
from index.stores import Scores
from rag.everyday import EVERYDAY

NOTE = "calibration"

_REACH = 0.697
_BACKGROUND = 0.051
"""Cosines of all-MiniLM-L6-v2 between the everyday questions and their own answers (median), and other answers (mean)."""


class Calibration(msgspec.Struct, frozen=True):
    """How to read the scores of one collection.

    ``slope`` and ``offset`` map an embedder's cosines to those of all-MiniLM-L6-v2, with which all weights were measured;
    ``foreign`` is the median of the best evidence (cosine plus coverage) when the collection is asked what it cannot know.
    """

    slope: float = 1.0
    offset: float = 0.0
    foreign: float = 0.27

    def scale(self, cosines: Scores) -> Scores:
        """Cosines as all-MiniLM-L6-v2 would have given them, roughly."""
        scaled: Scores = cosines * np.float32(self.slope)
        scaled += np.float32(self.offset)
        return scaled


def calibration_of(collection: Collection) -> Calibration:
    """What was learned when the collection was indexed; what holds for most where nothing was."""
    note = collection.note(NOTE)
    return msgspec.convert(note, Calibration) if note else Calibration()


def cosine_scale(embedder: Embedder) -> tuple[float, float]:
    """Slope and offset of a line that takes this embedder's everyday cosines to the reference's."""
    cosines = (
        embedder.embed([question for question, _ in EVERYDAY], "query")
        @ embedder.embed([answer for _, answer in EVERYDAY], "passage").T
    )
    own = np.eye(len(EVERYDAY), dtype=bool)
    reach, background = float(np.median(cosines[own])), float(cosines[~own].mean())
    # An embedder that tells nothing apart is taken as it is: there is no line through one point.
    slope = (_REACH - _BACKGROUND) / (reach - background) if reach > background else 1.0
    return slope, _BACKGROUND - slope * background
