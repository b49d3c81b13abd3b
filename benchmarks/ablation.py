"""What each part of retrieval gains: the same questions with a part taken out or a constant changed.

python -m benchmarks.ablation            all that needs no other index
python -m benchmarks.ablation --reindex  also other windows and none with context
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

import numpy as np

from benchmarks.judged import SHOWN, Judged, judged_sets, options_of, show
from index.context import Context
from index.stores import Scores, Term
from index.windows import WindowSize
from rag.evidence import Evidence
from rag.fuse import COVERAGE_WEIGHT, NEAR_SHARE, fuse

Fuse = Callable[[Evidence], Scores]
_DEPTH = 10
_SIZES = {
    "windows of 48 word pieces": WindowSize(256, target=48),
    "windows of 192 word pieces": WindowSize(256, target=192),
    "windows that do not overlap": WindowSize(256, overlap=0),
}
_RRF_K = 60


def compared(judged: Judged) -> dict[str, dict[str, float]]:
    """The measures of every variant; ``shipped`` is what a user gets, before near-identical excerpts are folded."""
    vectors = judged.vectors()
    gathered = judged.gather(vectors=vectors)
    rows = {name: _scored(judged, gathered, way) for name, way in _ways(judged).items()}
    for name, part in {"without other spellings": spelled_as_written, "with function words": _all_words}.items():
        with part():
            rows[name] = _scored(judged, judged.gather(vectors=vectors), partial(fuse, calibration=judged.calibration))
    return rows


def _ways(judged: Judged) -> dict[str, Fuse]:
    """Ways to put the same evidence together."""
    shipped = partial(fuse, calibration=judged.calibration)
    return {
        "shipped": shipped,
        "dense only": lambda evidence: evidence.dense,
        "words only (near + whole)": lambda evidence: NEAR_SHARE * evidence.near + (1 - NEAR_SHARE) * evidence.whole,
        "words near each other only": lambda evidence: evidence.dense + COVERAGE_WEIGHT * evidence.near,
        "words in the whole only": lambda evidence: evidence.dense + COVERAGE_WEIGHT * evidence.whole,
        **{f"weight {weight}": partial(shipped, coverage_weight=weight) for weight in (0.5, 1.0, 2.0, 3.0)},
        "instead: RRF (60)": _reciprocal,
        **{f"instead: min-max, {share} on dense": partial(_convex, share=share) for share in (0.3, 0.5, 0.7)},
    }


def _reciprocal(evidence: Evidence) -> Scores:
    ranks = (np.argsort(np.argsort(-scores, kind="stable")) for scores in (evidence.dense, evidence.whole))
    fused: Scores = sum((1 / (_RRF_K + 1 + rank) for rank in ranks), np.zeros(len(evidence.keys))).astype(np.float32)
    return fused


def _convex(evidence: Evidence, share: float) -> Scores:
    """Bruch et al. 2023: both lists normalised by their own best and worst, for each question."""
    dense, words = ((scores - scores.min()) / max(float(np.ptp(scores)), 1e-9) for scores in (evidence.dense, evidence.whole))
    fused: Scores = (share * dense + (1 - share) * words).astype(np.float32)
    return fused


def _scored(judged: Judged, gathered: Sequence[Evidence], way: Fuse) -> dict[str, float]:
    rankings = []
    for evidence in gathered:
        scores = way(evidence) if len(evidence.keys) else evidence.dense
        order = np.lexsort((evidence.keys, -scores))[:_DEPTH]
        rankings.append((evidence.keys[order], scores[order].tolist()))
    figures = judged.score(judged.run(rankings))
    return {name: figures[name] for name in SHOWN}


@contextmanager
def spelled_as_written() -> Iterator[None]:
    """Retrieval has no switch for its parts, so they are patched out here."""
    with patch("rag.spelling.Speller.spell", lambda _self, word: Term(((word, 1.0),))):
        yield


@contextmanager
def _all_words() -> Iterator[None]:
    with patch("rag.coverage.FUNCTION_WORDS", frozenset()):
        yield


@contextmanager
def _contextless() -> Iterator[None]:
    with ExitStack() as stack:
        for module in ("index.windows", "index.snapshot"):
            stack.enter_context(patch(f"{module}.context_of", lambda _excerpt: Context()))
        yield


def main() -> None:
    """The program."""
    parser = options_of(__doc__.splitlines()[0])
    parser.add_argument("--reindex", action="store_true", help="also other windows, which need other indexes")
    options = parser.parse_args()
    for judged in judged_sets(options):
        rows = compared(judged)
        show(judged.name, rows, as_json=options.json)
    for name, size in _SIZES.items() if options.reindex else ():
        for judged in judged_sets(options, size):
            show(judged.name, {name: _shipped(judged)}, as_json=options.json)
    if options.reindex:
        with _contextless():
            for judged in judged_sets(options, below="evaluation-without-context"):
                show(judged.name, {"without context": _shipped(judged)}, as_json=options.json)


def _shipped(judged: Judged) -> dict[str, float]:
    return _scored(judged, judged.gather(), partial(fuse, calibration=judged.calibration))


if __name__ == "__main__":
    main()
