"""What speaks for each excerpt: its nearest window, and the words it covers, near each other and in the whole.

Every excerpt is judged by all of its windows. There are no candidates to be chosen first: what one search finds and the
other misses still has its true score.
"""

from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from index.collection import Collection
from index.layout import Grouped, Layout
from index.stores import Ids, Scores
from rag.calibration import Calibration
from rag.coverage import AskedWords, QuestionReader, covered
from rag.fuse import fuse_excerpt, fuse_window, strength
from rag.proximity import pairs_covered
from rag.records import Question

Column = TypeVar("Column", Ids, Scores)


class Found(NamedTuple):
    """Scores of all windows, by id (``windows`` fuses the cosines and what words and pairs of them cover), and of excerpts."""

    asked: AskedWords
    layout: Layout
    calibration: Calibration
    cosines: Scores
    near: Scores
    pairs: Scores
    windows: Scores
    bm25: Scores
    whole: Scores
    fused: Scores


class Evidence:
    """What speaks for some excerpts: arrays with one row each, in the order of ``rows`` of what was found; None takes all.

    ``keys`` are the excerpts, ``fused`` orders them (rag/fuse.py), ``whole`` is how much of the question each covers, and
    ``bm25`` its BM25 score. What not every question needs of every excerpt is computed when it is first asked for.
    """

    def __init__(self, found: Found, rows: Ids | None = None) -> None:
        self.asked = found.asked
        self.layout = found.layout
        self._found = found
        self._rows = rows
        self.keys = self._of(found.layout.keys)
        self.bm25 = self._of(found.bm25)
        self.whole = self._of(found.whole)
        self.fused = self._of(found.fused)

    @cached_property
    def dense(self) -> Scores:
        """The best cosine of each one's windows."""
        return self._windows.best(self._found.cosines)

    @cached_property
    def near(self) -> Scores:
        """The best coverage of one of its windows."""
        return self._windows.best(self._found.near)

    @cached_property
    def pairs(self) -> Scores:
        """The most pairs of words that one of its windows covers."""
        return self._windows.best(self._found.pairs)

    @cached_property
    def strength(self) -> Scores:
        """How good they are (rag/fuse.py)."""
        return strength(self._found.calibration.scale(self.dense), self.near, self.pairs, self.whole)

    @cached_property
    def places(self) -> Ids:
        """The place, among all windows, of the one that answers best."""
        return self._windows.best_places(self._found.windows)

    def best(self, limit: int) -> Ids:
        """The best ``limit`` rows, best first, ties as they stand."""
        if limit <= 0:
            return np.empty(0, np.int64)
        least = np.partition(self.fused, -limit)[-limit] if limit < len(self.fused) else -np.inf
        among = np.flatnonzero(self.fused >= least)
        order: Ids = among[np.argsort(-self.fused[among], kind="stable")][:limit]
        return order

    def among(self, rows: Ids) -> "Evidence":
        """The evidence on some of them, in this order."""
        return Evidence(self._found, rows if self._rows is None else self._rows[rows])

    @cached_property
    def _windows(self) -> Grouped:
        return self.layout.all() if self._rows is None else self.layout.of(self._rows)

    def _of(self, column: Column) -> Column:
        return column if self._rows is None else column[self._rows]


class Searches:
    """The searches over one generation of a collection; thread-safe."""

    def __init__(self, collection: Collection, calibration: Calibration) -> None:
        self._collection = collection
        self._calibration = calibration
        self._layout = collection.layout
        self._window_words = collection.words("windows")
        self._excerpt_words = collection.words("excerpts")
        # Windows and excerpts are made of the same words.
        self._reader = QuestionReader(self._window_words.lexicon)
        self._whole_rows = np.searchsorted(self._excerpt_words.ids, self._layout.keys)

    def gather(self, question: Question, cosines: Scores) -> Evidence:
        """All evidence on the excerpts that the question's filters and phrases leave, by ascending key.

        Args:
            question: what is asked.
            cosines: those of the question with every window, by ascending id of the window.
        """
        asked = self._reader.understand(question.words)
        near = covered(self._window_words.scores(asked.terms), asked, self._window_words.lexicon)
        bm25 = self._excerpt_words.scores(asked.terms)[self._whole_rows]
        whole = covered(bm25, asked, self._excerpt_words.lexicon)
        pairs = pairs_covered(self._window_words, asked.telling_words)
        windows = fuse_window(self._calibration.scale(cosines), near, pairs)
        fused = fuse_excerpt(self._layout.all().best(windows), whole)
        return Evidence(
            Found(asked, self._layout, self._calibration, cosines, near, pairs, windows, bm25, whole, fused), self._rows(question)
        )

    def _rows(self, question: Question) -> Ids | None:
        """The excerpts that the question is limited to, as rows of the layout; None for no limit."""
        keys = self._collection.excerpt_keys(question.filters)
        if question.phrases:
            keys = self._collection.phrases.holding(question.phrases, keys)
        return None if keys is None else np.flatnonzero(np.isin(self._layout.keys, keys))
