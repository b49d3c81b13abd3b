"""How well we find beside bm25s and a bare dense search, over the very same windows, and each of our stages.

    python -m benchmarks.retrieval

An excerpt scores as its best window does. ``p`` is that of a paired randomisation test of hit@1 against what we ship.
"""

import time
from collections.abc import Callable, Sequence

import bm25s  # type: ignore[import-untyped]  # it ships no types
import numpy as np
import numpy.typing as npt

from benchmarks.judged import Judged, judged_sets, options_of, show
from index.windows import search_text
from rag.evaluation.outcomes import Asking
from rag.evaluation.report import runs_of
from rag.evaluation.statistics import DEPTH, MEASURES, measure, paired_p
from rag.evaluation.trec import Run

Scores = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int64]


def compared(judged: Judged) -> dict[str, dict[str, float]]:
    """The measures of every system, with the milliseconds a search takes without embedding the question."""
    outcomes = Asking(judged.collection, judged.embedder).ask(judged.golds, DEPTH, lambda _done, _total: None)
    found = 1000 * float(np.median([outcome.seconds.find for outcome in outcomes]))
    runs: dict[str, tuple[Run, float | None]] = {f"bare: {name}": run for name, run in _bare(judged).items()}
    runs |= {f"ibid: {stage}": (run, None) for stage, run in runs_of(outcomes).items()}
    runs["ibid: fused"] = (runs["ibid: fused"][0], found)
    shipped = measure(judged.golds, runs["ibid: fused"][0])
    rows: dict[str, dict[str, float]] = {}
    for system, (run, milliseconds) in runs.items():
        values = measure(judged.golds, run)
        rows[system] = dict(zip(MEASURES, values.mean(0).tolist(), strict=True)) | {"p": paired_p(values, shipped)[0]}
        if milliseconds is not None:
            rows[system]["ms"] = milliseconds
    return rows


def _bare(judged: Judged) -> dict[str, tuple[Run, float | None]]:
    """The two libraries over our windows, and bm25s over whole excerpts."""
    collection = judged.collection
    keys = collection.window_map.excerpts_of(windows := _all_windows(judged))
    texts = [search_text(window) for window in collection.windows(windows.tolist())]
    vectors, asked = collection.vectors.vectors(windows), judged.vectors([gold.question.text for gold in judged.golds])
    whole = np.unique(keys)
    bodies = [excerpt.text for excerpt in collection.excerpts_by_key(whole.tolist())]
    rows = range(len(judged.golds))
    return {
        "bm25s, windows": _searched(judged, keys, _bm25s(texts, judged), rows),
        "bm25s, excerpts": _searched(judged, whole, _bm25s(bodies, judged), rows),
        "dense, windows": _searched(judged, keys, lambda row: vectors @ asked[row], rows),
    }


def _bm25s(texts: Sequence[str], judged: Judged) -> Callable[[int], Scores]:
    """bm25s as its manual shows it: its tokenizer, its English stop words, Lucene's variant."""
    index = bm25s.BM25(method="lucene")
    index.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)
    tokens = [
        bm25s.tokenize(gold.question.text, stopwords="en", show_progress=False, return_ids=False)[0] for gold in judged.golds
    ]

    def score(row: int) -> Scores:
        known = [token for token in tokens[row] if token in index.vocab_dict]
        scores: Scores = index.get_scores(known) if known else np.zeros(len(texts), np.float32)
        return scores

    return score


def _searched(judged: Judged, keys: Keys, score: Callable[[int], Scores], rows: Sequence[int]) -> tuple[Run, float]:
    """The run of one system, and the median milliseconds of a search."""
    rankings, seconds = [], []
    for row in rows:
        began = time.perf_counter()
        order = np.argsort(-(scores := score(row)), kind="stable")
        _, first = np.unique(keys[order], return_index=True)
        best = order[np.sort(first)[:DEPTH]]
        seconds.append(time.perf_counter() - began)
        rankings.append((keys[best], scores[best].tolist()))
    return judged.run(rankings), 1000 * float(np.median(seconds))


def _all_windows(judged: Judged) -> Keys:
    collection = judged.collection
    ids = collection.window_ids_of(collection.excerpt_ids())
    return np.sort(np.array([window for each in ids for window in each], np.int64))


def main() -> None:
    """The program."""
    options = options_of(__doc__.splitlines()[0]).parse_args()
    for judged in judged_sets(options):
        show(judged.name, compared(judged), options)


if __name__ == "__main__":
    main()
