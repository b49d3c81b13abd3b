"""From a question and its vector to findings: gather evidence, fuse, fold what is the same, judge whether it suffices."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

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
from rag.highlight import highlight
from rag.question import parse_question
from rag.ranking import Candidate, Ranked, rank
from rag.records import Findings, Hit, Question, Scores, WorkCount
from rag.rerank import Reranker, rerank
from rag.sufficiency import judge


class Retriever:
    """Finds what one generation of a collection holds on a question; thread-safe. A reranker orders the best hits anew."""

    def __init__(self, collection: Collection, reranker: Reranker | None = None, count_tokens: CountTokens | None = None) -> None:
        self._collection = collection
        self._reranker = reranker
        self._calibration = calibration_of(collection)
        self._searches = Searches(collection, self._calibration)
        self._corrector = Corrector(collection.lexical_windows.lexicon, count_tokens) if count_tokens else None

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
        order = np.lexsort((evidence.keys, -evidence.fused))
        order, reranked = rerank(self._reranker, question.words, order, lambda rows: self._passages(evidence, rows))
        ranked = rank(self._read(evidence, order, limit), limit, per_work)
        hits = self._hits(evidence, reranked, order, ranked)
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

    def _read(self, evidence: Evidence, order: Ids, limit: int) -> Iterator[list[Candidate]]:
        """Candidates in their order, a few more at a time than are wanted: some may be duplicates of each other."""
        step = limit + limit // 2 + 1
        for start in range(0, len(order), step):
            rows = order[start : start + step]
            excerpts = self._collection.excerpts_by_key(evidence.keys[rows].tolist())
            yield list(zip(excerpts, self._collection.vectors.vectors(evidence.window[rows]), strict=True))

    def _passages(self, evidence: Evidence, rows: Ids) -> list[str]:
        """What a reranker reads: the windows that answer best, with their context."""
        return [search_text(window) for window in self._collection.windows(evidence.window[rows].tolist())]

    def _hits(
        self,
        evidence: Evidence,
        reranked: Mapping[int, float],
        order: Ids,
        ranked: Sequence[Ranked],
    ) -> tuple[Hit, ...]:
        rows = [int(order[each.place]) for each in ranked]
        windows = self._collection.windows([int(evidence.window[row]) for row in rows])
        return tuple(
            Hit(
                number,
                each.excerpt,
                highlight(window, evidence.asked),
                Scores(float(evidence.fused[row]), float(evidence.dense[row]), float(evidence.bm25[row]), reranked.get(row)),
                each.duplicates,
            )
            for number, (each, row, window) in enumerate(zip(ranked, rows, windows, strict=True), 1)
        )


def _count_works(hits: Sequence[Hit]) -> tuple[WorkCount, ...]:
    """Most hits first, then as they rank."""
    counted = Counter(hit.excerpt.work_id for hit in hits if hit.excerpt.work_id)
    return tuple(WorkCount(work, count) for work, count in counted.most_common())
