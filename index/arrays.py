"""Runs of places: many slices of one array, taken at once; and a sequence cut into runs."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def runs(firsts: Places, lengths: npt.NDArray[np.integer]) -> Places:
    """Every place of every run, one run after the other: each starts at its first and has its length."""
    ends = np.cumsum(lengths)
    written: Places = np.repeat(firsts - (ends - lengths), lengths)
    written += np.arange(len(written))
    return written


def cut(sizes: Sequence[int], budget: int) -> Iterator[slice]:
    """Cuts a sequence into runs of at most ``budget`` in all, by the size of each; one that is larger is a run of its own."""
    start = total = 0
    for place, size in enumerate(sizes):
        if place > start and total + size > budget:
            yield slice(start, place)
            start, total = place, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))
