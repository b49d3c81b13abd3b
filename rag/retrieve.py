"""From a question and its vector to findings: gather evidence, fuse, fold what is the same, judge whether it suffices."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Vectors
from index.filters import Filters
from index.stores import Ids
from index.windows import search_text
from rag.calibration import calibration_of
from rag.correction import Corrector, CountTokens
from rag.evidence import LEADING, Evidence, Gathered, Searches
from rag.highlight import Sentence, Telling, highlight, sentences_of
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader
from rag.passage_reader.confidence import judge_read
from rag.question import parse_question
from rag.ranking import Batch, Ranked, rank
from rag.records import Findings, Hit, Question, Scores, Span, WorkCount
from rag.refining import NONE, Refined, Refinements, Refiner
from rag.rerank import Reranker, rerank
from rag.sufficiency import judge

_SENTENCES_KEPT = 1024
"""Windows whose sentences are kept once they were shown, about 4 kB each."""

_SPARE = 10
"""Excerpts looked at beyond twice as many as are wanted: what is folded makes room for others."""


class Retriever:
    """Finds what one generation of a collection holds on a question; thread-safe.

    Args:
        collection: where to find it.
        reranker: a cross-encoder that orders the best hits anew.
        count_tokens: word pieces of texts, for putting typos right; None corrects nothing.
        late: late interaction with the collection's embedder.
        reader: reads the leading windows.
    """

    def __init__(
        self,
        collection: Collection,
        reranker: Reranker | None = None,
        count_tokens: CountTokens | None = None,
        late: LateInteraction | None = None,
        reader: PassageReader | None = None,
    ) -> None:
        self._collection = collection
        self._reranker = reranker
        self._refiner = Refiner(collection, late, reader)
        self._layout = collection.layout
        self._calibration = calibration_of(collection)
        self._searches = Searches(collection, self._calibration)
        self._lexicon = collection.words("windows").lexicon
        self._corrector = Corrector(self._lexicon, collection.phrases.words, count_tokens) if count_tokens else None
        self._sentences = lru_cache(_SENTENCES_KEPT)(self._split)

    def read(self, text: str, filters: Filters = Filters()) -> Question:  # noqa: B008 — frozen
        """The question that a line asks, with slips of the finger put right; phrases stay as they are typed.

        Raises:
            FilterInvalid: a field of the line has no value, or a year is none.
        """
        question = parse_question(text, filters)
        if self._corrector is None:
            return question
        words, corrections = self._corrector.correct(question.words)
        return msgspec.structs.replace(question, words=words, corrections=corrections)

    def find(
        self, question: Question, vector: Vectors, limit: int, per_work: int | None = None, refinements: Refinements = NONE
    ) -> Findings:
        """The best ``limit`` excerpts, best first; ties by place in the collection.

        Args:
            question: what is asked.
            vector: ``question.words`` embedded as a query, shape (dimension,), length 1.
            limit: hits at most.
            per_work: hits of one work at most; None for no limit.
            refinements: which closer looks the leading excerpts are given, where they are at hand.
        """
        (gathered,) = self.gather([question], vector[np.newaxis])
        return self.conclude(question, gathered, limit, per_work, refinements)

    def gather(self, questions: Sequence[Question], vectors: Vectors) -> list[Gathered]:
        """The evidence that ``find`` concludes from, for several questions at once; vectors of shape (questions, dimension)."""
        return self._searches.gather(questions, vectors)

    def conclude(
        self,
        question: Question,
        gathered: Gathered,
        limit: int,
        per_work: int | None = None,
        refinements: Refinements = NONE,
    ) -> Findings:
        """What the evidence on a question adds up to; arguments as for ``find``."""
        best = gathered.best(max(LEADING, 2 * limit + _SPARE))
        judgement = judge(best.strength[:LEADING], self._calibration)
        refined = self._refiner.refine(question.words, best, refinements)
        if refined.readings:
            judgement = judge_read(judgement, tuple(refined.readings.values()))
        best, reranked = self._rerank(question, refined.evidence)
        pieces: list[Evidence] = []
        ranked = rank(self._batches(gathered, best, 2 * limit + _SPARE, pieces), limit, per_work)
        hits = self._hits(gathered, pieces, ranked, refined._replace(evidence=best), reranked)
        relevant = judgement.status != "nothing_relevant"
        return Findings(
            question,
            judgement.status,
            judgement.confidence,
            hits=hits if relevant else (),
            nearest=() if relevant else hits,
            works=_count_works(hits) if relevant else (),
            generation=self._collection.generation,
        )

    def _rerank(self, question: Question, best: Evidence) -> tuple[Evidence, dict[int, float]]:
        """The evidence in the reranker's order, and the reranker's scores by the keys of excerpts."""
        order, scores = rerank(self._reranker, question.words, np.arange(len(best.keys)), partial(self._passages, best))
        if not scores:
            return best, {}
        return best.among(order), {int(best.keys[row]): score for row, score in scores.items()}

    def _batches(self, gathered: Gathered, best: Evidence, first: int, pieces: list[Evidence]) -> Iterator[Batch]:
        """The excerpts in their order, in pieces: the ``first`` will do for most questions, the rest of ``best``, all others.

        ``pieces`` comes to hold the evidence on each batch that was asked for.
        """
        for piece in _pieces(best, [0, first, len(best.keys)]):
            yield self._batch(piece, pieces)
        everything = gathered.best(self._collection.counts.excerpts)
        for piece in _pieces(everything, range(len(best.keys), len(everything.keys) + LEADING, LEADING)):
            yield self._batch(piece, pieces)

    def _batch(self, piece: Evidence, pieces: list[Evidence]) -> Batch:
        pieces.append(piece)
        vectors = self._collection.vectors.vectors(self._layout.ids(piece.place))
        return Batch(vectors, lambda wanted: self._collection.excerpts_by_key(piece.keys[wanted].tolist()))

    def _passages(self, best: Evidence, rows: Ids) -> list[str]:
        """What a reranker reads: the windows that answer best, with their context."""
        windows = self._layout.ids(best.place[rows])
        return [search_text(window) for window in self._collection.windows(windows.tolist())]

    def _hits(
        self,
        gathered: Gathered,
        pieces: Sequence[Evidence],
        ranked: Sequence[Ranked],
        refined: Refined,
        reranked: Mapping[int, float],
    ) -> tuple[Hit, ...]:
        """What is shown; ``reranked`` are the reranker's scores by the keys of excerpts."""
        telling = Telling(gathered.asked.telling())
        hits = []
        for place, each in enumerate(ranked, 1):
            piece, at = pieces[each.batch], each.at
            key = piece.keys.item(at)
            scores = Scores(
                piece.fused.item(at), piece.dense.item(at), piece.bm25.item(at), reranked.get(key), refined.late.get(key)
            )
            start, end = self._layout.span(piece.place.item(at))
            window = each.excerpt.text[start:end]
            spans = highlight(window, self._sentences(window), telling, refined.readings.get(key))
            moved = tuple(Span(start + span.start, start + span.end) for span in spans)
            hits.append(Hit(place, each.excerpt, moved, scores, each.duplicates))
        return tuple(hits)

    def _split(self, text: str) -> tuple[Sentence, ...]:
        return sentences_of(text, self._lexicon.terms)


def _pieces(evidence: Evidence, bounds: Sequence[int]) -> Iterator[Evidence]:
    """What stands between two bounds, where anything does."""
    for start, end in itertools.pairwise(bounds):
        if len((piece := evidence.among(slice(start, end))).keys):
            yield piece


def _count_works(hits: Sequence[Hit]) -> tuple[WorkCount, ...]:
    """Most hits first, then as they rank."""
    counted = Counter(hit.excerpt.work_id for hit in hits if hit.excerpt.work_id)
    return tuple(WorkCount(work, count) for work, count in counted.most_common())
