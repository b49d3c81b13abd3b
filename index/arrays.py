"""Runs of places: many slices of one array, taken at once; and a sequence cut into runs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.stores import Ids, Scores

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


# Which windows each excerpt has and where they stand in it, for thousands of them at once.


class WindowMap:
    """The windows of one generation below the keys of their excerpts.

    Args:
        windows: ids of all windows, ascending.
        excerpts: for each window the catalog's key of its excerpt.
        starts: where each window starts in its excerpt, and
        ends: where it ends, in code points.
    """

    def __init__(self, windows: Ids, excerpts: Ids, starts: Ids, ends: Ids) -> None:
        self._windows = windows
        self._excerpts = excerpts
        self._starts = starts
        self._ends = ends
        # Places of windows, those of one excerpt side by side: as they are in a catalog that only grew.
        self._order = None if (excerpts[1:] >= excerpts[:-1]).all() else np.argsort(excerpts, kind="stable")
        ordered = excerpts if self._order is None else excerpts[self._order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
        self.keys = ordered[first]
        self._first: Ids = np.append(first, len(ordered))

    @classmethod
    def joined(cls, maps: Sequence["WindowMap"], windows_at: Ids, keys_at: Ids) -> "WindowMap":
        """The windows of several generations, one after the other; ids and keys of each shifted by where it begins."""
        shifted = [
            (windows + at, excerpts + key_at, starts, ends)
            for (windows, excerpts, starts, ends), at, key_at in zip(
                (each.columns for each in maps), windows_at, keys_at, strict=False
            )
        ]
        windows, excerpts, starts, ends = map(np.concatenate, zip(*shifted, strict=True))
        return cls(windows, excerpts, starts, ends)

    keys: Ids
    """The excerpts that have windows, ascending."""

    @property
    def count(self) -> int:
        """How many windows there are."""
        return len(self._windows)

    @property
    def columns(self) -> tuple[Ids, Ids, Ids, Ids]:
        """Of all windows their ids, the keys of their excerpts, their starts and their ends."""
        return self._windows, self._excerpts, self._starts, self._ends

    @property
    def highest_window(self) -> int:
        """The highest id of a window; 0 where there is none."""
        return int(self._windows[-1]) if len(self._windows) else 0

    def excerpts_of(self, windows: Ids) -> Ids:
        """For each window the key of its excerpt; the windows have to be among them."""
        return self._excerpts[np.searchsorted(self._windows, windows)]

    def all(self) -> "WindowGroups":
        """The windows of all ``keys``."""
        return WindowGroups(self._order, self._first[:-1], np.diff(self._first))

    def of(self, rows: Ids, questions: Ids) -> "WindowGroups":
        """The windows of ``keys[rows]``, for the question given for each, by number, where all windows are scored for several.

        Places are those in the scores of the questions one after the other; for question 0 they are those of the windows.
        """
        first = self._first[rows]
        counts = self._first[rows + 1] - first
        places = runs(first, counts)
        if self._order is not None:
            places = self._order[places]
        return WindowGroups(places + np.repeat(questions * self.count, counts), np.cumsum(counts) - counts, counts)

    def rows_of(self, places: Ids) -> Ids:
        """The excerpts of the windows at these places, by where they stand in ``keys``: ascending, each once."""
        return np.searchsorted(self.keys, np.unique(self._excerpts[places]))

    def windows_of(self, rows: Ids) -> npt.NDArray[np.bool_]:
        """For each window whether it is one of the excerpts ``keys[rows]``."""
        chosen = np.zeros(len(self.keys), np.bool_)
        chosen[rows] = True
        windows: npt.NDArray[np.bool_] = np.repeat(chosen, np.diff(self._first))
        if self._order is not None:
            windows[self._order] = windows.copy()
        return windows

    def count_of(self, rows: Ids) -> int:
        """How many windows the excerpts ``keys[rows]`` have in all."""
        return int((self._first[rows + 1] - self._first[rows]).sum())

    def some(self, rows: Ids) -> "tuple[WindowMap, Ids]":
        """The map of the excerpts ``keys[rows]`` alone, ascending, and the places of its windows in this one."""
        first = self._first[rows]
        places = runs(first, self._first[rows + 1] - first)
        places = np.sort(places if self._order is None else self._order[places])
        columns = (self._windows, self._excerpts, self._starts, self._ends)
        return WindowMap(*(column[places] for column in columns)), places

    def ids(self, places: Ids) -> Ids:
        """The ids of the windows at these places."""
        return self._windows[places]

    def stands(self, window: int) -> tuple[int, int, int]:
        """The excerpt, the start and the end of a window by its id, all -1 for none."""
        place = int(np.searchsorted(self._windows, window))
        if place == self.count or self._windows[place] != window:
            return -1, -1, -1
        return int(self._excerpts[place]), int(self._starts[place]), int(self._ends[place])

    def span(self, place: int) -> tuple[int, int]:
        """Where the window at a place starts and ends in its excerpt, in code points."""
        return int(self._starts[place]), int(self._ends[place])


class WindowGroups(NamedTuple):
    """The windows of some excerpts: their places among all scores, one excerpt after the other; where each begins; how many.

    ``None`` means every window, in order. The scores are those of all windows, or of several questions one after the other.
    """

    places: Ids | None
    starts: Ids
    counts: Ids

    def best(self, scores: Scores) -> Scores:
        """For each excerpt the highest score of its windows, of ``scores`` of all windows in their order, in the last axis."""
        if not len(self.starts):
            return np.empty((*scores.shape[:-1], 0), np.float32)
        highest: Scores = np.maximum.reduceat(self._own(scores), self.starts, axis=-1)
        return highest

    def best_places(self, scores: Scores) -> Ids:
        """For each excerpt the place of its best window; of equals the first."""
        own = self._own(scores)
        # Nothing is above what is not a number, as in NumPy's own maximum.
        best = np.flatnonzero(~(own < np.repeat(self.best(scores), self.counts)))
        firsts = best[np.searchsorted(best, self.starts)]
        return firsts if self.places is None else self.places[firsts]

    def _own(self, scores: Scores) -> Scores:
        return scores if self.places is None else scores[..., self.places]
