"""The one pass over a question set: each question through the real pipeline, its evidence ranked by every stage."""

import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from index.collection import Collection
from index.embedders import Embedder, Vectors
from index.errors import IbidError
from index.stores import Ids, Scores
from rag.evaluation.formats import AskedQuestion, questions_invalid
from rag.evaluation.gold import Gold
from rag.evaluation.trec import Ranking, falling
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader
from rag.ranking import Reranker
from rag.records import Findings, Hit, Question, Status
from rag.refining import Refinements
from rag.retrieve import Retriever
from rag.scoring import LEADING, Evidence, ScoredCandidates

# The stages of retrieval, each as a ranking of its own from the same evidence.

Stage = Literal["lexical", "dense", "rrf", "fused", "late", "read", "reranked"]

STAGES: tuple[Stage, ...] = ("lexical", "dense", "rrf", "fused", "late", "read", "reranked")
"""BM25 of excerpts alone; the best window's cosine alone; both by rank, as a yardstick; fused; the same refined by late
interaction; and by the passage reader after it; and all of that reranked."""

_RRF_K = 60
"""Cormack, Clarke and Büttcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods"."""

_RRF_DEPTH = 200

SHOWN = 5
"""Hits of which one has to be right for a question to count as answered."""

Rows = npt.NDArray[np.int64]


def rank_by_parts(evidence: Evidence, depth: int) -> dict[Stage, tuple[Rows, Scores]]:
    """For each stage before fusion its best rows of the evidence and their scores, best first, ties by ascending key."""
    lexical = _best(evidence.bm25, len(evidence.bm25))
    lexical = lexical[evidence.bm25[lexical] > 0]
    dense = _best(evidence.dense, len(evidence.dense))
    reciprocal = np.zeros(len(evidence.keys), np.float32)
    for ranked in (lexical[:_RRF_DEPTH], dense[:_RRF_DEPTH]):
        reciprocal[ranked] += 1 / (_RRF_K + 1 + np.arange(len(ranked), dtype=np.float32))
    return {
        "lexical": (lexical[:depth], evidence.bm25[lexical[:depth]]),
        "dense": (dense[:depth], evidence.dense[dense[:depth]]),
        "rrf": (both := _best(reciprocal, depth), reciprocal[both]),
    }


def _best(scores: Scores, depth: int) -> Rows:
    """Rows by falling score; they stand by ascending key, so a stable sort orders ties by key."""
    return np.argsort(-scores, kind="stable")[:depth]


Progress = Callable[[int, int], None]
"""Told how many questions of how many have been asked."""

_EMBEDDED_AT_ONCE = 64


class Seconds(msgspec.Struct, frozen=True):
    """What one question took: encoding (its share of a batch), searching and fusing, each further stage alone."""

    encode: float
    find: float
    rerank: float
    late: float = 0.0
    read: float = 0.0


class Outcome(msgspec.Struct, frozen=True):
    """What came of one question: the ranking of each stage, and what a user is told.

    ``removed`` is the confidence when the right excerpts are taken out of the evidence: a near miss that every set has.
    """

    gold: Gold
    rankings: dict[Stage, Ranking]
    status: Status
    confidence: float
    removed: float
    first: Hit | None
    seconds: Seconds

    @property
    def found(self) -> bool:
        """Whether a right excerpt is among the first hits, as many as are shown at first."""
        ranking = list(self.rankings.values())[-1]
        return any(excerpt in self.gold.right for excerpt, _ in ranking[:SHOWN])


class Asking:
    """Asks one collection, with its embedder and whatever refines its rankings."""

    def __init__(
        self,
        collection: Collection,
        embedder: Embedder,
        reranker: Reranker | None = None,
        late: LateInteraction | None = None,
        reader: PassageReader | None = None,
        *,
        exact: bool = False,
    ) -> None:
        self._collection = collection
        self._embedder = embedder
        self._retriever = Retriever(collection, None, embedder.count_tokens, late, reader, exact=exact)
        self._reranking = Retriever(collection, reranker, None, late, reader, exact=exact) if reranker else None
        self._late, self._reads = late is not None, reader is not None
        self._ids: dict[int, str] = {}

    def ask(self, golds: Sequence[Gold], depth: int, progress: Progress) -> list[Outcome]:
        """The outcome of every question, in order.

        Args:
            golds: the questions with their answers.
            depth: hits of each ranking.
            progress: told after each batch.

        Raises:
            QuestionsInvalid: a question that the pipeline refuses, with its reason.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(golds), _EMBEDDED_AT_ONCE):
            batch = golds[start : start + _EMBEDDED_AT_ONCE]
            questions = [self._read(gold.question) for gold in batch]
            began = time.perf_counter()
            vectors = self._embedder.embed([question.words for question in questions], "query")
            encode = (time.perf_counter() - began) / len(batch)
            outcomes += [
                self._outcome(gold, question, vector, depth, encode)
                for gold, question, vector in zip(batch, questions, vectors, strict=True)
            ]
            progress(len(outcomes), len(golds))
        return outcomes

    def _outcome(self, gold: Gold, question: Question, vector: Vectors, depth: int, encode: float) -> Outcome:
        began = time.perf_counter()
        (gathered,) = self._retriever.search([question], vector[np.newaxis])
        findings = self._retriever.conclude(question, gathered, depth)
        found = time.perf_counter()
        evidence = gathered.looked_at()
        rankings = {stage: self._ranking(evidence, *best) for stage, best in rank_by_parts(evidence, depth).items()}
        rankings["fused"] = _ranking_of(_shown(findings))
        stages = self._further(question, gathered, depth)
        rankings |= {stage: _ranking_of(_shown(each)) for stage, (each, _) in stages.items()}
        shipped, _ = list(stages.values())[-1] if stages else (findings, 0.0)
        seconds = {stage: taken for stage, (_, taken) in stages.items()}
        return Outcome(
            gold,
            rankings,
            shipped.status,
            shipped.confidence,
            removed=self._judge_without(gold, question, gathered),
            first=next(iter(_shown(shipped)), None),
            seconds=Seconds(
                encode, found - began, seconds.get("reranked", 0.0), seconds.get("late", 0.0), seconds.get("read", 0.0)
            ),
        )

    def _further(self, question: Question, gathered: ScoredCandidates, depth: int) -> dict[Stage, tuple[Findings, float]]:
        """What each stage after fusion finds, and the seconds that it takes; those that are not at hand are left out."""
        wanted = Refinements(self._late, self._reads)
        ways: dict[Stage, tuple[Retriever | None, Refinements]] = {
            "late": (self._retriever if self._late else None, Refinements(late_interaction=True)),
            "read": (self._retriever if self._reads else None, wanted),
            "reranked": (self._reranking, wanted),
        }
        found: dict[Stage, tuple[Findings, float]] = {}
        for stage, (retriever, refinements) in ways.items():
            if retriever is not None:
                began = time.perf_counter()
                findings = retriever.conclude(question, gathered, depth, None, refinements)
                found[stage] = (findings, time.perf_counter() - began)
        return found

    def _ranking(self, evidence: Evidence, rows: Rows, scores: Scores) -> Ranking:
        return falling(self._excerpt_ids(evidence.keys[rows]), scores.tolist())

    def _judge_without(self, gold: Gold, question: Question, gathered: ScoredCandidates) -> float:
        evidence = gathered.looked_at()
        left = np.array([excerpt not in gold.right for excerpt in self._excerpt_ids(evidence.keys)], bool)
        rest = evidence.among(np.flatnonzero(left))
        return self._retriever.judge(question, gathered, rest.among(_best(rest.fused, LEADING))).confidence

    def _read(self, question: AskedQuestion) -> Question:
        try:
            return self._retriever.parse(question.text)
        except IbidError as error:
            raise questions_invalid(f"question {question.id} cannot be asked: {error.found}", error.rule, error.remedy) from error

    def _excerpt_ids(self, keys: Ids) -> list[str]:
        """The ids of excerpts by the catalog's keys, remembered: the same excerpts are candidates again and again."""
        new = [key for key in keys.tolist() if key not in self._ids]
        self._ids.update((key, excerpt.id) for key, excerpt in zip(new, self._collection.excerpts_by_key(new), strict=True))
        return [self._ids[key] for key in keys.tolist()]


def _shown(findings: Findings) -> tuple[Hit, ...]:
    """The ranking is scored whether or not it is shown as an answer; what is refused is scored apart."""
    return findings.hits or findings.nearest


def _ranking_of(hits: Sequence[Hit]) -> Ranking:
    return falling([hit.excerpt.id for hit in hits], [_score(hit) for hit in hits])


def _score(hit: Hit) -> float:
    return hit.scores.fused if hit.scores.reranker is None else hit.scores.reranker
