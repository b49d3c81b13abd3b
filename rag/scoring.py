"""What speaks for each excerpt: its nearest window, and the words it covers, near each other and in the whole.

Every excerpt is judged by all of its windows. In a small collection all excerpts are; in a large one candidates are chosen first,
some hundred windows by their vectors and as many by their words, and their excerpts are judged by the very same formula: what one
search finds and the other misses still has its true score. Questions of a small collection that come together are gathered for
together, in arrays with a row each: a step costs hardly more for eight questions than for one.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from index.arrays import WindowMap, cut
from index.collection import Collection
from index.embedders import Vectors
from index.records import Filters
from index.stores import Ids, Scores, VectorCodes, WordStore
from index.windows import CountTokens
from rag.calibration import Calibration, allowance, knowledge
from rag.lexical import AskedWords, QuestionReader, covered, pairs_covered
from rag.records import Question

# One score from all evidence: the cosine plus what the words cover, both on scales that no question changes.
#
# Fused lists are usually normalised for each question by their own best and worst scores (Bruch et al. 2023, "An
# Analysis of Fusion Functions for Hybrid Retrieval"). That makes the best of a bad list look good. A cosine, and
# coverage as a share of what the question's words could reach at most, need no such norm: a word search that found
# little counts little, for each question anew, and the sum itself says how good the best hit is (rag/calibration.py).

NEAR_WEIGHT = 0.75
"""What words in a window count beside that window's cosine: an excerpt is judged by a window that has both."""

WHOLE_WEIGHT = 0.5
"""What words anywhere in the excerpt count besides. Between .8 and 1.5 times both weights hit@1 changes by a question in a
hundred at most."""

UNKNOWN_WEIGHT = 0.5
"""What these count in addition where the embedder does not know the language at all: its windows are short then, for they are
measured in its word pieces (docs/languages.md)."""

PAIRS_WEIGHT = 0.35
"""What pairs of words count that stand near each other in a window: about half of what words count, for the words of a pair
have been counted once already. From .2 to .7 results differ little."""

_NEAR_STRENGTH = 0.5
_PAIRS_STRENGTH = 0.3
_WHOLE_STRENGTH = 0.33


def fuse_window(cosines: Scores, near: Scores, pairs: Scores) -> Scores:
    """A score for each window: its cosine, and how much it covers of the question's words and of their pairs."""
    fused: Scores = cosines + NEAR_WEIGHT * near + PAIRS_WEIGHT * pairs
    return fused


def fuse_excerpt(best_window: Scores, whole: Scores, known: Scores) -> Scores:
    """The score that orders excerpts: that of the best window, and how much the whole excerpt covers.

    What cosines do not count, where the embedder does not know a language, the words of the whole count instead. ``known`` has
    a value for each question, or each excerpt, that broadcasts with the others.
    """
    fused: Scores = best_window + (WHOLE_WEIGHT + UNKNOWN_WEIGHT * (1 - known)) * whole
    return fused


def strength(cosines: Scores, near: Scores, pairs: Scores, whole: Scores, known: Scores) -> Scores:
    """How strong the evidence for each excerpt is, sense and words in equal parts: what sufficiency is judged by.

    The less is ``known`` of the language by whoever gives the cosines, the more words count in their place.
    """
    words = _NEAR_STRENGTH * near + _PAIRS_STRENGTH * pairs + _WHOLE_STRENGTH * whole
    strong: Scores = known * cosines + (2 - known) * words
    return strong


LEADING = 50
"""Excerpts of each question that are looked at closely from the start, by which the collection is judged to answer or not; and
how many more are looked at together where these did not give enough hits, as when works are capped."""

CANDIDATES = 500
"""Windows of a large collection that are chosen by their vectors, and as many by their words: of 10⁵ and 10⁶ windows the excerpts
of both held all of the exact first ten, of 200 each .99."""

_NUMBERS = 131_072
"""Scores, and places of words, that one step handles for several questions: it holds a dozen arrays of this length. Beyond this
size the overhead of a call no longer matters."""


class Evidence(NamedTuple):
    """What speaks for some excerpts: columns with a row for each.

    ``keys`` are the excerpts, ``fused`` orders them (rag/scoring.py), ``strength`` is how good they are; ``place`` is, among all
    windows, that of the window that answers best. ``dense`` is the best cosine of one of its windows, ``near`` the best coverage
    of the question's words, ``pairs`` that of their pairs; ``whole`` is how much of the question the excerpt covers in all, and
    ``bm25`` its score for that.
    """

    keys: Ids
    place: Ids
    fused: Scores
    strength: Scores
    dense: Scores
    near: Scores
    pairs: Scores
    whole: Scores
    bm25: Scores

    def among(self, rows: slice | Ids) -> "Evidence":
        """Some of the rows."""
        return Evidence._make(column[rows] for column in self)


class ScoredCandidates:
    """All evidence on one question; what few questions need is computed lazily.

    ``complete`` says that every excerpt within the question's limits was looked at, not candidates only.
    """

    def __init__(
        self,
        asked: AskedWords,
        found: "_BatchScores",
        question: int,
        rows: Ids,
        leading: Evidence,
        beyond: "_Beyond | None" = None,
        *,
        complete: bool = True,
    ) -> None:
        self.complete = complete
        self.asked = asked
        self._beyond = beyond
        self._found = found
        self._question = question
        self._rows = rows
        self._leading = leading

    @property
    def count(self) -> int:
        """How many excerpts have been looked at: all that the question is limited to, or the candidates among them."""
        return len(self._rows)

    def best(self, limit: int) -> Evidence:
        """That on the best ``limit`` excerpts, at least 1, best first, ties by key; beyond ``count`` of all."""
        if self._beyond and not self.complete and limit > self.count:
            return self._beyond.all_within().best(limit)
        if limit <= len(self._leading.keys) or len(self._leading.keys) == len(self._rows):
            return self._leading.among(slice(limit))
        return self._look_at(self._found.best(self._question, self._rows, limit))

    def unlimited(self, limit: int) -> Evidence:
        """That on the best ``limit`` excerpts of the whole collection, whatever the question is limited to."""
        if self._beyond:
            return self._beyond.unlimited().best(limit)
        everything: Ids = np.arange(self._found.fused.shape[1])
        return self._look_at(self._found.best(self._question, everything, limit))

    def all(self) -> Evidence:
        """That on all excerpts within the question's limits, by ascending key."""
        if self._beyond and not self.complete:
            return self._beyond.all_within().all()
        return self.looked_at()

    def looked_at(self) -> Evidence:
        """That on the excerpts that were looked at, all or candidates, by ascending key."""
        return self._look_at(self._rows)

    def _look_at(self, rows: Ids) -> Evidence:
        return self._found.evidence(np.full(len(rows), self._question), rows)


class _Beyond(NamedTuple):
    """What else can be looked at for a question of which candidates were: all within its limits, and candidates without them."""

    all_within: Callable[[], ScoredCandidates]
    unlimited: Callable[[], ScoredCandidates]


class _Part(NamedTuple):
    """What is scored, of the whole collection: all of it, or some excerpts with all of their windows.

    ``places`` are those of its windows among all, None for all as they are; ``whole_rows`` are the rows of its excerpts in
    ``excerpt_words``.
    """

    window_map: WindowMap
    places: Ids | None
    window_words: WordStore
    excerpt_words: WordStore
    whole_rows: Ids


class Scorer:
    """The searches over one generation of a collection; thread-safe.

    Args:
        collection: where to search.
        calibration: how its scores are read.
        count_tokens: the embedder's word pieces; without them all languages count as known to it.
        exact: whether every excerpt is scored, however many there are.
    """

    def __init__(
        self, collection: Collection, calibration: Calibration, count_tokens: CountTokens | None = None, *, exact: bool = False
    ) -> None:
        self._collection = collection
        self._calibration = calibration
        self._count_tokens = count_tokens
        self._codes = None if exact else collection.codes
        window_map, excerpt_words = collection.window_map, collection.words("excerpts")
        whole_rows = np.searchsorted(excerpt_words.ids, window_map.keys)
        self._all = _Part(window_map, None, collection.words("windows"), excerpt_words, whole_rows)
        self._reader = QuestionReader(self._all.window_words.lexicon, excerpt_words.lexicon)
        self._all_rows: Ids = np.arange(len(window_map.keys))

    def gather(self, questions: Sequence[Question], vectors: Vectors) -> list[ScoredCandidates]:
        """For each question the evidence on the excerpts that its filters and phrases leave, or on the candidates among them.

        Args:
            questions: what is asked.
            vectors: each question's words embedded as a query, shape (questions, dimension), of length 1.
        """
        if self._codes is not None:
            return [self._gather_some(*each, self._codes) for each in zip(questions, vectors, strict=True)]
        cosines = self._collection.vectors.scores(vectors)
        asked = [self._understand(question.words) for question in questions]
        numbers = [self._all.window_map.count + sum(word.windows for word in each.telling_words) for each in asked]
        runs = cut(numbers, _NUMBERS)
        return [each for run in runs for each in self._gather(questions[run], asked[run], cosines[run])]

    def _understand(self, words: str) -> AskedWords:
        """A question's words, and how well the embedder knows the collection's language, or the question's if that less.

        Of a question in the collection's language nothing is measured: it is short, and its names say little of its language.
        """
        asked = self._reader.understand(words)
        asked.known = self._calibration.known
        foreign = asked.language not in self._collection.languages
        if foreign and self._count_tokens is not None:
            asked.known = min(asked.known, float(knowledge([words], self._count_tokens)[0]))
        asked.allowed = allowance(asked.known, foreign=foreign)
        return asked

    def _gather(self, questions: Sequence[Question], asked: Sequence[AskedWords], cosines: Scores) -> list[ScoredCandidates]:
        found = self._score(asked, cosines, self._all)
        rows = [self._rows(question) for question in questions]
        best = [found.best(number, left, LEADING) for number, left in enumerate(rows)]
        counts = [len(each) for each in best]
        leading = found.evidence(np.repeat(np.arange(len(questions)), counts), np.concatenate(best))
        bounds = itertools.pairwise([0, *np.cumsum(counts).tolist()])
        return [
            ScoredCandidates(words, found, number, left, leading.among(slice(*bound)))
            for number, (words, left, bound) in enumerate(zip(asked, rows, bounds, strict=True))
        ]

    def _gather_some(self, question: Question, vector: Vectors, codes: VectorCodes) -> ScoredCandidates:
        """The evidence on candidates, and ways to look at what is beyond them."""
        asked = self._understand(question.words)
        within = self._rows(question)
        chosen = self._choose(asked, vector, within, codes)
        part, places = self._part(chosen)
        cosines = self._collection.vectors.scores_of(vector[np.newaxis], places)
        found = self._score([asked], cosines, part)
        rows: Ids = np.arange(len(chosen))
        leading = found.evidence(np.zeros(len(best := found.best(0, rows, LEADING)), np.int64), best)
        if len(chosen) == len(self._all_rows):
            return ScoredCandidates(asked, found, 0, rows, leading)
        free = msgspec.structs.replace(question, filters=Filters(), phrases=())
        beyond = _Beyond(
            lambda: self._gather([question], [asked], self._collection.vectors.scores(vector[np.newaxis]))[0],
            lambda: self._gather_some(free, vector, codes),
        )
        return ScoredCandidates(asked, found, 0, rows, leading, beyond, complete=len(chosen) == len(within))

    def _choose(self, asked: AskedWords, vector: Vectors, within: Ids, codes: VectorCodes) -> Ids:
        """The excerpts that are scored, as rows of the window map: all within the limits where these leave few."""
        window_map, among = self._all.window_map, None
        if len(within) < len(self._all_rows):
            if window_map.count_of(within) <= CANDIDATES:
                return within
            among = window_map.windows_of(within)
        near = codes.nearest(vector, CANDIDATES, among)
        holding = self._all.window_words.holding(asked.terms, CANDIDATES, among)
        return window_map.rows_of(np.concatenate([near, holding]))

    def _part(self, rows: Ids) -> tuple[_Part, Ids]:
        """Some excerpts of all, by ascending row of the window map, and the places of their windows."""
        window_map, places = self._all.window_map.some(rows)
        whole_rows = self._all.whole_rows[rows]
        words = self._all.window_words.some(places), self._all.excerpt_words.some(whole_rows)
        return _Part(window_map, places, *words, np.arange(len(rows))), places

    def _score(self, asked: Sequence[AskedWords], cosines: Scores, part: _Part) -> "_BatchScores":
        terms = [each.terms for each in asked]
        near = covered(part.window_words.scores(terms), [each.near for each in asked])
        bm25 = part.excerpt_words.scores(terms)[:, part.whole_rows]
        whole = covered(bm25, [each.whole for each in asked])
        pairs = pairs_covered(part.window_words, [each.telling_words for each in asked])
        known = np.array([each.known for each in asked], np.float32)
        windows = fuse_window(self._calibration.scale(cosines) * known[:, np.newaxis], near, pairs)
        fused = fuse_excerpt(part.window_map.all().best(windows), whole, known[:, np.newaxis])
        return _BatchScores(part, self._calibration, known, cosines, near, pairs, windows, bm25, whole, fused)

    def _rows(self, question: Question) -> Ids:
        """The excerpts that the question is limited to, as rows of the window map."""
        keys = self._collection.excerpt_keys(question.filters)
        if question.phrases:
            keys = self._collection.phrases.holding(question.phrases, keys)
        return self._all_rows if keys is None else np.flatnonzero(np.isin(self._all.window_map.keys, keys))


class _BatchScores(NamedTuple):
    """Scores of a part's windows, shape (questions, windows), and of its excerpts, (questions, excerpts), in its map's order.

    ``windows`` fuses the cosines and what words and pairs of them cover; ``known`` is how much each question's cosines count.
    """

    part: _Part
    calibration: Calibration
    known: Scores
    cosines: Scores
    near: Scores
    pairs: Scores
    windows: Scores
    bm25: Scores
    whole: Scores
    fused: Scores

    def best(self, question: int, rows: Ids, limit: int) -> Ids:
        """The best ``limit`` of these rows for a question, best first, ties as they stand."""
        fused = self.fused[question, rows]
        among: Ids = np.arange(len(rows))
        if limit < len(rows):
            among = np.flatnonzero(fused >= np.partition(fused, -limit)[-limit])
        order: Ids = rows[among[np.argsort(-fused[among], kind="stable")][:limit]]
        return order

    def evidence(self, questions: Ids, rows: Ids) -> Evidence:
        """The evidence on each of some excerpts, by their rows in the map, for the question given for each."""
        window_map = self.part.window_map
        windows = window_map.of(rows, questions)
        dense, near, pairs = (windows.best(scores.reshape(-1)) for scores in (self.cosines, self.near, self.pairs))
        whole = self.whole[questions, rows]
        places = windows.best_places(self.windows.reshape(-1)) % window_map.count if len(rows) else rows
        return Evidence(
            keys=window_map.keys[rows],
            place=places if self.part.places is None else self.part.places[places],
            fused=self.fused[questions, rows],
            strength=strength(self.calibration.scale(dense), near, pairs, whole, self.known[questions]),
            dense=dense,
            near=near,
            pairs=pairs,
            whole=whole,
            bm25=self.bm25[questions, rows],
        )
