"""Which windows each excerpt has and where they stand in it, for thousands of them at once."""

import numpy as np

from index.stores import Ids, Scores


class Layout:
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
        order = np.argsort(excerpts, kind="stable")
        self._order = None if np.array_equal(order, np.arange(len(order))) else order
        self.keys, first = np.unique(excerpts[order], return_index=True)
        self._first: Ids = np.append(first, len(order))

    keys: Ids
    """The excerpts that have windows, ascending."""

    def excerpts_of(self, windows: Ids) -> Ids:
        """For each window the key of its excerpt; the windows have to be among them."""
        return self._excerpts[np.searchsorted(self._windows, windows)]

    def best(self, scores: Scores) -> Scores:
        """For each of ``keys`` the highest score of its windows, of ``scores`` of all windows in their order."""
        if not len(self.keys):
            return np.empty(0, np.float32)
        highest: Scores = np.maximum.reduceat(self._side_by_side(scores), self._first[:-1])
        return highest

    def best_windows(self, rows: Ids, scores: Scores) -> Ids:
        """For each of ``keys[rows]`` the place, among all windows, of its best one; of equals the first."""
        side_by_side = self._side_by_side(scores)
        bounds = zip(self._first[rows].tolist(), self._first[rows + 1].tolist(), strict=True)
        best = np.array([first + int(side_by_side[first:end].argmax()) for first, end in bounds], np.int64)
        return best if self._order is None else self._order[best]

    def ids(self, places: Ids) -> Ids:
        """The ids of the windows at these places."""
        return self._windows[places]

    def span(self, place: int) -> tuple[int, int]:
        """Where the window at a place starts and ends in its excerpt, in code points."""
        return int(self._starts[place]), int(self._ends[place])

    def _side_by_side(self, scores: Scores) -> Scores:
        return scores if self._order is None else scores[self._order]
