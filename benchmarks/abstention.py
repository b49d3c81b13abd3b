"""Fits the model that tells whether a collection answers, and shows how it carries over to a set it was not fitted to.

    python -m benchmarks.abstention

Positives are answerable questions. Negatives are, with half the weight each, the same questions with their right excerpts taken
out of the candidates (near), and the questions of the other sets (far).
"""

import argparse
from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.judged import Judged, judged_sets, options_of, table
from rag.calibration import calibration_of, features
from rag.evaluation.gold import Gold
from rag.evaluation.statistics import auroc
from rag.scoring import Evidence

Item = TypeVar("Item")
Rows = npt.NDArray[np.float64]
_STEPS = 30
_MOST = 400
"""Questions taken of each set, so that no set outweighs the others by much."""


class Cases(msgspec.Struct, frozen=True):
    """The features of one set's cases, one row each."""

    answerable: Rows
    removed: Rows
    foreign: Rows


def main() -> None:
    """The program."""
    weights, rows = fitted(options_of(__doc__.splitlines()[0]).parse_args())
    print("weights:", ", ".join(f"{weight:.2f}" for weight in weights[:-1]), f"intercept: {weights[-1]:.2f}")
    print(*table("AUROC against", rows, markdown=False), sep="\n")


def fitted(options: argparse.Namespace) -> tuple[Rows, dict[str, dict[str, float]]]:
    """Weights and intercept fitted to all sets, and the AUROC on each set of a fit without it and of this one."""
    asked = {judged.name: _some([gold.question.text for gold in judged.golds]) for judged in judged_sets(options)}
    cases = {judged.name: _cases(judged, asked) for judged in judged_sets(options)}
    rows: dict[str, dict[str, float]] = {}
    for name, held_out in cases.items():
        others = [each for other, each in cases.items() if other != name]
        rows[f"{name}, fitted to the others"] = _areas(fit(others), held_out) if others else {}
        rows[f"{name}, fitted to all"] = _areas(fit(list(cases.values())), held_out)
    return fit(list(cases.values())), rows


def fit(cases: Sequence[Cases]) -> Rows:
    """Weights and intercept of a logistic model by Newton's method; each set weighs the same."""
    features, answers, weights = [], [], []
    for case in cases:
        for rows, answer, weight in ((case.answerable, 1.0, 1.0), (case.removed, 0.0, 0.5), (case.foreign, 0.0, 0.5)):
            features.append(np.c_[rows, np.ones(len(rows))])
            answers.append(np.full(len(rows), answer))
            weights.append(np.full(len(rows), weight / max(1, len(rows))))
    return newton(np.concatenate(features), np.concatenate(answers), np.concatenate(weights))


def newton(x: Rows, y: Rows, w: Rows) -> Rows:
    """Weights of the columns of ``x`` in a logistic model of ``y``, whose rows weigh ``w``."""
    fitted = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-x @ fitted))
        # A little ridge: features that tell perfectly would otherwise have no finite weight.
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(x.shape[1])
        fitted += np.linalg.solve(hessian, x.T @ (w * (y - p)))
    return fitted


def _cases(judged: Judged, asked: dict[str, list[str]]) -> Cases:
    golds = _some(judged.golds)
    gathered = judged.gather([gold.question.text for gold in golds])
    right = [_right(judged, gold, evidence) for gold, evidence in zip(golds, gathered, strict=True)]
    foreign = [text for name, texts in asked.items() if name != judged.name for text in texts]
    return Cases(
        answerable=_rows(judged, gathered, [set()] * len(golds)),
        removed=_rows(judged, gathered, right),
        foreign=_rows(judged, others := judged.gather(foreign), [set()] * len(others)),
    )


def _right(judged: Judged, gold: Gold, evidence: Evidence) -> set[int]:
    """The keys of the candidates that are right."""
    keys = evidence.keys.tolist()
    return {key for key, held in zip(keys, judged.collection.excerpts_by_key(keys), strict=True) if held.id in gold.right}


def _rows(judged: Judged, gathered: Sequence[Evidence], without: Sequence[set[int]]) -> Rows:
    calibration = calibration_of(judged.collection)
    return np.array(
        [
            features(evidence.strength[~np.isin(evidence.keys, sorted(taken))], calibration)
            for evidence, taken in zip(gathered, without, strict=True)
        ]
    )


def _areas(fitted: Rows, cases: Cases) -> dict[str, float]:
    answerable, removed, foreign = (
        np.c_[rows, np.ones(len(rows))] @ fitted for rows in (cases.answerable, cases.removed, cases.foreign)
    )
    return {"far": auroc(answerable, foreign), "removed": auroc(answerable, removed)}


def _some(items: Sequence[Item]) -> list[Item]:
    """Up to ``_MOST`` of them, spread evenly."""
    return list(items[:: max(1, -(-len(items) // _MOST))])


if __name__ == "__main__":
    main()
