"""What speaks for each excerpt that a question may mean: nearest windows, covered words, near and in the whole.

Candidates come from three searches (windows by vector, windows by words, excerpts by words); each candidate is then
judged by all of its windows, so that an excerpt found by words alone still has its true cosine.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from index.collection import Collection
from index.embedders import Vectors
from index.stores import Ids, LexicalQuery, Scores
from rag.calibration import Calibration
from rag.coverage import AskedWords, Covered, WordSearch
from rag.fuse import fuse_excerpt, fuse_window, strength
from rag.records import Question
from rag.spelling import Speller

CANDIDATES = 200
"""Entries taken from each search. With all entries as candidates no question of the development sets gets another first hit,
and no measure changes by more than .001; with 50, nine of 1,913 do."""


class Evidence(msgspec.Struct, frozen=True):
    """Arrays with one row a candidate excerpt, by ascending key.

    ``dense`` is the best cosine of its windows, ``near`` the best coverage of one of its windows, ``whole`` its own
    coverage, ``bm25`` its BM25 score, ``window`` the window that answers best by both; ``fused`` orders them, ``strength`` says
    how good they are (rag/fuse.py); ``asked`` are the question's words.
    """

    keys: Ids
    dense: Scores
    near: Scores
    whole: Scores
    bm25: Scores
    window: Ids
    fused: Scores
    strength: Scores
    asked: AskedWords


class Searches:
    """The three searches over one generation of a collection; thread-safe."""

    def __init__(self, collection: Collection, calibration: Calibration) -> None:
        self._collection = collection
        self._calibration = calibration
        # Windows and excerpts are made of the same words.
        speller = Speller(collection.lexical_windows.lexicon)
        self._window_words = WordSearch(collection.lexical_windows, speller)
        self._excerpt_words = WordSearch(collection.lexical_excerpts, speller)

    def gather(self, question: Question, vector: Vectors) -> Evidence:
        """All evidence on the candidates for a question, within its filters and phrases.

        Args:
            question: what is asked.
            vector: the question embedded, shape (dimension,).
        """
        keys = self._allowed(question)
        windows = None if keys is None else self._collection.windows_of_keys(keys)[0]
        asked = self._window_words.understand(question.words)
        near = self._window_words.search(asked, CANDIDATES, windows)
        whole = self._excerpt_words.search(self._excerpt_words.understand(question.words), CANDIDATES, keys)
        nearest, _ = self._collection.vectors.search(vector[np.newaxis], CANDIDATES, windows)[0]
        owners = self._collection.excerpt_keys_of(np.concatenate([nearest, near.ids]))
        return self._judge(np.union1d(owners, whole.ids), vector, asked, near, whole)

    def _allowed(self, question: Question) -> Ids | None:
        """The excerpts that the question is limited to; None for no limit."""
        keys = self._collection.excerpt_keys(question.filters)
        if not question.phrases:
            return keys
        everything = LexicalQuery((), question.phrases)
        holding, _ = self._collection.lexical_excerpts.search(everything, self._collection.counts.excerpts, keys)
        return np.sort(holding)

    def _judge(self, keys: Ids, vector: Vectors, asked: AskedWords, near: Covered, whole: Covered) -> Evidence:
        windows, owners = self._collection.windows_of_keys(keys)
        rows = np.searchsorted(keys, owners)
        cosines = self._collection.vectors.vectors(windows) @ vector
        covered = _aligned(windows, near.ids, near.shares)
        fused = fuse_window(self._calibration.scale(cosines), covered)
        best = _best_of_each(rows, fused)
        dense, near_best = _highest(rows, cosines, len(keys)), _highest(rows, covered, len(keys))
        whole_shares = _aligned(keys, whole.ids, whole.shares)
        return Evidence(
            keys,
            dense=dense,
            near=near_best,
            whole=whole_shares,
            bm25=_aligned(keys, whole.ids, whole.bm25),
            window=windows[best],
            fused=fuse_excerpt(fused[best], whole_shares),
            strength=strength(self._calibration.scale(dense), near_best, whole_shares),
            asked=asked,
        )


def _aligned(ids: Ids, found: Ids, scores: Scores) -> Scores:
    """For each of ``ids``, which ascend, its score; 0 for what was not found."""
    aligned = np.zeros(len(ids), np.float32)
    if len(ids):
        places = np.minimum(np.searchsorted(ids, found), len(ids) - 1)
        present = ids[places] == found
        aligned[places[present]] = scores[present]
    return aligned


def _highest(rows: npt.NDArray[np.int64], scores: Scores, count: int) -> Scores:
    highest = np.full(count, -1, np.float32)
    np.maximum.at(highest, rows, scores)
    return highest


def _best_of_each(rows: npt.NDArray[np.int64], scores: Scores) -> npt.NDArray[np.int64]:
    """For each row the index of its highest score, the first of those that tie."""
    order = np.lexsort((-scores, rows))
    _, first = np.unique(rows[order], return_index=True)
    best: npt.NDArray[np.int64] = order[first]
    return best
