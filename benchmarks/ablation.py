"""What each part of retrieval gains: the same questions with a part taken out or a constant changed.

python -m benchmarks.ablation            all that needs no other index
python -m benchmarks.ablation --reindex  also other windows and none with context
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

import numpy as np

from benchmarks.judged import SHOWN, Judged, judged_sets, options_of, show
from index.stores import Scores, Term
from index.windows import Context, WindowSize
from rag import scoring as fuse
from rag.scoring import Evidence

Fuse = Callable[[Evidence], Scores]

_DEPTH = 10
_RRF_K = 60
_MODEL_LIMIT = 256
_SIZES = {
    "windows of 48 word pieces": WindowSize(_MODEL_LIMIT, target=48),
    "windows of 192 word pieces": WindowSize(_MODEL_LIMIT, target=192),
    "windows that do not overlap": WindowSize(_MODEL_LIMIT, overlap=0),
}


def compared(judged: Judged) -> dict[str, dict[str, float]]:
    """The measures of every variant; ``shipped`` is what a user gets, before near-identical excerpts are folded."""
    gathered = judged.gather()
    rows = {"shipped": best(judged, gathered)}
    rows |= {name: best(judged, gathered, way) for name, way in _WAYS.items()}
    rows["without correction"] = best(judged, judged.gather(correcting=False))
    for name, part in _PARTS.items():
        with part():
            rows[name] = best(judged, judged.gather())
    return rows


def best(judged: Judged, gathered: Sequence[Evidence], way: Fuse = lambda evidence: evidence.fused) -> dict[str, float]:
    """The measures when candidates are ordered by ``way``."""
    rankings = []
    for evidence in gathered:
        scores = way(evidence) if len(evidence.keys) else evidence.fused
        order = np.lexsort((evidence.keys, -scores))[:_DEPTH]
        rankings.append((evidence.keys[order], scores[order].tolist()))
    figures = judged.score(judged.run(rankings))
    return {name: figures[name] for name in SHOWN}


@contextmanager
def spelled_as_written() -> Iterator[None]:
    """Retrieval has no switch for its parts, so they are patched out here."""
    with patch("rag.spelling.Speller._spell", lambda _self, word: Term(((word, 1.0),))):
        yield


@contextmanager
def _weighed(factor: float) -> Iterator[None]:
    """All that words count, times a factor."""
    with ExitStack() as stack:
        for name in ("NEAR_WEIGHT", "PAIRS_WEIGHT", "WHOLE_WEIGHT"):
            stack.enter_context(patch(f"rag.scoring.{name}", factor * getattr(fuse, name)))
        yield


@contextmanager
def _contextless() -> Iterator[None]:
    with ExitStack() as stack:
        for module in ("index.windows", "index.catalog.reader"):
            stack.enter_context(patch(f"{module}.context_of", lambda _excerpt: Context()))
        yield


def _words(evidence: Evidence) -> Scores:
    near = fuse.fuse_window(np.zeros_like(evidence.near), evidence.near, evidence.pairs)
    return fuse.fuse_excerpt(near, evidence.whole, np.ones(1, np.float32))


def _reciprocal(evidence: Evidence) -> Scores:
    ranks = (np.argsort(np.argsort(-scores, kind="stable")) for scores in (evidence.dense, evidence.whole))
    fused: Scores = sum((1 / (_RRF_K + 1 + rank) for rank in ranks), np.zeros(len(evidence.keys))).astype(np.float32)
    return fused


def _convex(evidence: Evidence, share: float) -> Scores:
    """Bruch et al. 2023: both lists normalised by their own best and worst, for each question."""
    dense, words = ((scores - scores.min()) / max(float(np.ptp(scores)), 1e-9) for scores in (evidence.dense, evidence.whole))
    fused: Scores = (share * dense + (1 - share) * words).astype(np.float32)
    return fused


_WAYS: dict[str, Fuse] = {
    "dense only": lambda evidence: evidence.dense,
    "words only": _words,
    "best window by cosine and best by words": lambda evidence: evidence.dense + _words(evidence),
    "instead: RRF (60)": _reciprocal,
    **{f"instead: min-max, {share} on dense": partial(_convex, share=share) for share in (0.3, 0.5, 0.7)},
}
"""Other ways to put the same evidence together."""

_PARTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "without other spellings": spelled_as_written,
    "function words count fully": partial(patch, "rag.lexical.FUNCTION_WEIGHT", 1.0),
    "function words left out": partial(patch, "rag.lexical.FUNCTION_WEIGHT", 0.0),
    "without pairs of words": partial(patch, "rag.scoring.PAIRS_WEIGHT", 0.0),
    **{
        f"pairs count {factor} times as much": partial(patch, "rag.scoring.PAIRS_WEIGHT", factor * fuse.PAIRS_WEIGHT)
        for factor in (0.5, 2)
    },
    "words in windows only": partial(patch, "rag.scoring.WHOLE_WEIGHT", 0.0),
    "words in the whole only": partial(patch, "rag.scoring.NEAR_WEIGHT", 0.0),
    **{f"words count {factor} times as much": partial(_weighed, factor) for factor in (0.5, 0.67, 1.33, 2)},
}
"""Parts taken out, and constants changed."""


def main() -> None:
    """The program."""
    parser = options_of(__doc__.splitlines()[0])
    parser.add_argument("--reindex", action="store_true", help="also other windows, which need other indexes")
    options = parser.parse_args()
    for judged in judged_sets(options):
        show(judged.name, compared(judged), options)
    for name, size in _SIZES.items() if options.reindex else ():
        for judged in judged_sets(options, size):
            show(judged.name, {name: best(judged, judged.gather())}, options)
    if options.reindex:
        with _contextless():
            for judged in judged_sets(options, below="evaluation-without-context"):
                show(judged.name, {"without context": best(judged, judged.gather())}, options)


if __name__ == "__main__":
    main()
