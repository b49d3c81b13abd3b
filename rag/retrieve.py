"""From a question and its vector to findings: gather evidence, fuse, fold what is the same, judge whether it suffices."""

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
from rag.evidence import Evidence, Searches
from rag.highlight import Sentence, highlight, sentences_of
from rag.question import parse_question
from rag.ranking import Batch, Ranked, rank
from rag.records import Findings, Hit, Question, Scores, Span, WorkCount
from rag.rerank import BEST, Reranker, rerank
from rag.sufficiency import judge

_SENTENCES_KEPT = 4096
"""Windows whose sentences are kept once they were shown, about 4 kB each."""

_SPARE = 10
"""Excerpts looked at beyond twice as many as are wanted: what is folded makes room for others."""

_AT_ONCE = 200
"""Excerpts looked at together where that was not enough, as when works are capped."""


class Retriever:
    """Finds what one generation of a collection holds on a question; thread-safe. A reranker orders the best hits anew."""

    def __init__(self, collection: Collection, reranker: Reranker | None = None, count_tokens: CountTokens | None = None) -> None:
        self._collection = collection
        self._reranker = reranker
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

    def find(self, question: Question, vector: Vectors, limit: int, per_work: int | None = None) -> Findings:
        """The best ``limit`` excerpts, best first; ties by place in the collection.

        Args:
            question: what is asked.
            vector: ``question.words`` embedded as a query, shape (dimension,), length 1.
            limit: hits at most.
            per_work: hits of one work at most; None for no limit.
        """
        return self.conclude(question, self.gather(question, vector), limit, per_work)

    def gather(self, question: Question, vector: Vectors) -> Evidence:
        """The evidence that ``find`` concludes from."""
        return self._searches.gather(question, vector)

    def conclude(self, question: Question, evidence: Evidence, limit: int, per_work: int | None = None) -> Findings:
        """What the evidence on a question adds up to; arguments as for ``find``."""
        order: list[int] = []
        reranked: dict[int, float] = {}
        ranked = rank(self._batches(evidence, question, limit, order, reranked), limit, per_work)
        hits = self._hits(evidence, ranked, [order[each.place] for each in ranked], reranked)
        judgement = judge(evidence.strength, self._calibration)
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

    def _batches(
        self, evidence: Evidence, question: Question, limit: int, order: list[int], reranked: dict[int, float]
    ) -> Iterator[Batch]:
        """The excerpts in their order, in two pieces: as many as will do for most questions, then all others.

        Writes down the ``order`` as rows of the evidence, and the scores of those that were ``reranked``.
        """
        first = evidence.best(max(2 * limit + _SPARE, BEST if self._reranker else 0))
        first, scores = rerank(self._reranker, question.words, first, partial(self._passages, evidence))
        reranked.update(scores)
        order.extend(first.tolist())
        if len(first):
            yield self._batch(evidence, first)
        rest = evidence.best(len(evidence.keys))[len(first) :]
        for start in range(0, len(rest), _AT_ONCE):
            rows = rest[start : start + _AT_ONCE]
            order.extend(rows.tolist())
            yield self._batch(evidence, rows)

    def _batch(self, evidence: Evidence, rows: Ids) -> Batch:
        keys = evidence.keys[rows]
        vectors = self._collection.vectors.vectors(evidence.layout.ids(evidence.places(rows)))
        return Batch(vectors, lambda wanted: self._collection.excerpts_by_key(keys[wanted].tolist()))

    def _passages(self, evidence: Evidence, rows: Ids) -> list[str]:
        """What a reranker reads: the windows that answer best, with their context."""
        windows = evidence.layout.ids(evidence.places(rows))
        return [search_text(window) for window in self._collection.windows(windows.tolist())]

    def _hits(
        self, evidence: Evidence, ranked: Sequence[Ranked], rows: Sequence[int], reranked: Mapping[int, float]
    ) -> tuple[Hit, ...]:
        telling = evidence.asked.telling(self._lexicon)
        places = evidence.places(np.array(rows, np.int64)).tolist()
        hits = []
        for number, (each, row, place) in enumerate(zip(ranked, rows, places, strict=True), 1):
            start, end = evidence.layout.span(place)
            text = each.excerpt.text[start:end]
            spans = highlight(text, self._sentences(text), telling)
            scores = Scores(float(evidence.fused[row]), float(evidence.dense[row]), float(evidence.bm25[row]), reranked.get(row))
            shifted = tuple(Span(start + span.start, start + span.end) for span in spans)
            hits.append(Hit(number, each.excerpt, shifted, scores, each.duplicates))
        return tuple(hits)

    def _split(self, text: str) -> tuple[Sentence, ...]:
        return sentences_of(text, self._lexicon.terms)


def _count_works(hits: Sequence[Hit]) -> tuple[WorkCount, ...]:
    """Most hits first, then as they rank."""
    counted = Counter(hit.excerpt.work_id for hit in hits if hit.excerpt.work_id)
    return tuple(WorkCount(work, count) for work, count in counted.most_common())
