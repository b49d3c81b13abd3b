"""What speaks for each excerpt: its nearest window, and the words it covers, near each other and in the whole.

Every excerpt is judged by all of its windows. There are no candidates to be chosen first: what one search finds and the
other misses still has its true score.
"""

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Vectors
from index.layout import Layout
from index.stores import Ids, Scores
from rag.calibration import Calibration
from rag.coverage import AskedWords, QuestionReader, covered
from rag.fuse import fuse_excerpt, fuse_window, strength
from rag.records import Question


class Evidence(msgspec.Struct, frozen=True):
    """Arrays with one row an excerpt that the question may mean, by ascending key.

    ``dense`` is the best cosine of its windows, ``near`` the best coverage of one of its windows, ``whole`` its own
    coverage, ``bm25`` its BM25 score; ``fused`` orders excerpts, ``strength`` says how good they are (rag/fuse.py);
    ``asked`` are the question's words. ``rows`` are its rows in ``layout``, ``windows`` the scores of all windows there.
    """

    keys: Ids
    dense: Scores
    near: Scores
    whole: Scores
    bm25: Scores
    fused: Scores
    strength: Scores
    asked: AskedWords
    layout: Layout
    rows: Ids
    windows: Scores

    def best(self, limit: int) -> Ids:
        """The best ``limit`` rows, best first, ties by ascending key."""
        if limit >= len(self.fused):
            return np.argsort(-self.fused, kind="stable")
        if limit <= 0:
            return np.empty(0, np.int64)
        least = np.partition(self.fused, -limit)[-limit]
        among = np.flatnonzero(self.fused >= least)
        order: Ids = among[np.argsort(-self.fused[among], kind="stable")][:limit]
        return order

    def places(self, rows: Ids) -> Ids:
        """For each of these rows the place, among all windows, of the window that answers best."""
        return self.layout.best_windows(self.rows[rows], self.windows)


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

    def gather(self, question: Question, vector: Vectors) -> Evidence:
        """All evidence on the excerpts that the question's filters and phrases leave.

        Args:
            question: what is asked.
            vector: the question embedded, shape (dimension,).
        """
        asked = self._reader.understand(question.words)
        cosines = self._collection.vectors.scores(vector)
        near = covered(self._window_words.scores(asked.terms), asked, self._window_words.lexicon)
        windows = fuse_window(self._calibration.scale(cosines), near)
        bm25 = self._excerpt_words.scores(asked.terms)[self._whole_rows]
        rows = self._rows(question)
        return self._judge(asked, rows, windows, self._layout.best(cosines), self._layout.best(near), bm25)

    def _rows(self, question: Question) -> Ids:
        """The excerpts that the question is limited to, as rows of the layout."""
        keys = self._collection.excerpt_keys(question.filters)
        if question.phrases:
            keys = self._collection.phrases.holding(question.phrases, keys)
        return np.arange(len(self._layout.keys)) if keys is None else np.flatnonzero(np.isin(self._layout.keys, keys))

    def _judge(self, asked: AskedWords, rows: Ids, windows: Scores, dense: Scores, near: Scores, bm25: Scores) -> Evidence:
        whole = covered(bm25, asked, self._excerpt_words.lexicon)
        fused = fuse_excerpt(self._layout.best(windows), whole)
        strong = strength(self._calibration.scale(dense), near, whole)
        return Evidence(
            self._layout.keys[rows],
            dense[rows],
            near[rows],
            whole[rows],
            bm25[rows],
            fused[rows],
            strong[rows],
            asked,
            self._layout,
            rows,
            windows,
        )
