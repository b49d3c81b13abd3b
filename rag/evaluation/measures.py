"""How good rankings are, by ir-measures; the only module that imports it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.errors import ExtraMissing
from rag.evaluation.gold import Gold
from rag.evaluation.trec import Run

MEASURES = {
    "hit@1": "Success(rel={right})@1",
    "recall@5": "Success(rel={right})@5",
    "recall@10": "Success(rel={right})@10",
    "mrr@10": "RR(rel={right})@10",
    "ndcg@10": "nDCG@10",
    "R@5": "R(rel={right})@5",
    "R@10": "R(rel={right})@10",
}
"""Our names and those of ir-measures. A question counts as found, in recall@k, when any right excerpt is among the first k;
R@k, below it in reports, is the share of all right excerpts that are."""

DEPTH = 10
"""The rank that no measure looks beyond."""

Values = npt.NDArray[np.float64]


def measure(golds: Sequence[Gold], run: Run) -> Values:
    """The measures of each question, shape (questions, measures); a question that the run does not have scores 0.

    Raises:
        ExtraMissing: ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as missing:
        raise ExtraMissing(
            "evaluation needs ir-measures, which is not installed",
            rule="measures are taken by a maintained library",
            remedy="install it with: pip install 'ibid-rag[evaluate]'",
        ) from missing
    right = golds[0].right_from if golds else 1
    measures = [ir_measures.parse_measure(name.format(right=right)) for name in MEASURES.values()]
    columns = {each: column for column, each in enumerate(measures)}
    rows = {gold.question.id: row for row, gold in enumerate(golds)}
    qrels = [ir_measures.Qrel(gold.question.id, excerpt, grade) for gold in golds for excerpt, grade in gold.grades.items()]
    hits = [ir_measures.ScoredDoc(question, *hit) for question, ranking in run.items() if question in rows for hit in ranking]
    values = np.zeros((len(golds), len(measures)))
    for found in ir_measures.iter_calc(measures, qrels, hits):
        values[rows[found.query_id], columns[found.measure]] = found.value
    return values
