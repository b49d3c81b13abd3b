"""Processor time to parse a citation line, beside python-crfsuite alone on the same lines.

    python -m benchmarks.citation_speed ../shared/data [--rounds 3]

Every line is parsed once a round with empty caches between the rounds; of each line the fastest round counts, so that what else
the machine does is not measured. "crfsuite" sets ready-made features and labels them; it takes no line apart.
"""

import argparse
import functools
import gc
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from index.citations.parse import parse_citation
from index.citations.tagger import MODEL
from index.citations.words import features_of, lay_bare, squeeze, words_of
from scripts.labelled_references import labelled_sample, read_labelled, rows_of

_CACHE = type(functools.lru_cache(words_of))


def fastest(step: Callable[[Any], object], given: Sequence[Any], rounds: int) -> float:
    """Milliseconds of processor for one of the given, on average, each at its fastest."""
    caches = [each for each in gc.get_objects() if isinstance(each, _CACHE) and each.cache_info().maxsize]
    best = [float("inf")] * len(given)
    for _ in range(rounds):
        for cache in caches:
            cache.cache_clear()
        for place, one in enumerate(given):
            began = time.thread_time_ns()
            step(one)
            best[place] = min(best[place], time.thread_time_ns() - began)
    return sum(best) / len(best) / 1e6


def main() -> None:
    """Prints milliseconds a line and their ratio to crfsuite alone, for the labelled references and the seed file's citations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    import pycrfsuite

    crfsuite = pycrfsuite.Tagger()
    crfsuite.open(str(MODEL))
    parse_citation("Sample, Ada. The Mill Book. London: Quay, 1956.")
    labelled = [labelled_sample("labelled", parts).line for parts in read_labelled(options.folder)]
    for name, lines in (("labelled references", labelled), ("citations of the seed file", rows_of(options.folder))):
        features = [features_of(words_of(lay_bare(squeeze(line)))) for line in lines]
        alone = fastest(lambda each: (crfsuite.set(each), crfsuite.tag()), features, options.rounds)
        whole = fastest(parse_citation, lines, options.rounds)
        length = sum(map(len, lines)) / len(lines)
        print(
            f"{name}: {len(lines)} lines of {length:.0f} characters; parsed in {whole:.2f} ms, crfsuite alone {alone:.2f}, ",
            end="",
        )
        print(f"ratio {whole / alone:.1f}")


if __name__ == "__main__":
    main()
