"""Which excerpt each window belongs to, both ways, for thousands of windows at once."""

import numpy as np

from index.stores import Ids


class Owners:
    """The windows of one generation with the keys of their excerpts.

    Args:
        windows: ids of all windows, ascending.
        excerpts: for each window the catalog's key of its excerpt.
    """

    def __init__(self, windows: Ids, excerpts: Ids) -> None:
        self._windows = windows
        self._excerpts = excerpts
        self._by_excerpt = np.argsort(excerpts, kind="stable")
        self._grouped = excerpts[self._by_excerpt]

    def excerpts_of(self, windows: Ids) -> Ids:
        """For each window the key of its excerpt; the windows have to be among them."""
        return self._excerpts[np.searchsorted(self._windows, windows)]

    def windows_of(self, excerpts: Ids) -> tuple[Ids, Ids]:
        """All windows of these excerpts: their ids, ascending, and for each its excerpt's key. Unknown keys have none."""
        first = np.searchsorted(self._grouped, excerpts, "left")
        counts = np.searchsorted(self._grouped, excerpts, "right") - first
        # Runs of places written out: each starts at ``first`` and goes on for ``counts``.
        ends = np.cumsum(counts)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - counts), counts)
        wanted = np.sort(self._by_excerpt[places])
        return self._windows[wanted], self._excerpts[wanted]
