"""Runs of places: many slices of one array, taken at once."""

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def runs(firsts: Places, lengths: npt.NDArray[np.integer]) -> Places:
    """Every place of every run, one run after the other: each starts at its first and has its length."""
    ends = np.cumsum(lengths)
    written: Places = np.repeat(firsts - (ends - lengths), lengths)
    written += np.arange(len(written))
    return written
