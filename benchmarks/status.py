"""How honest the status is, on every question set that is here: false refusals, near misses, reliability, at several thresholds.

    python -m benchmarks.status [--read] [--most 300] [--on xquad-de]

Run it again when anything that enters the confidence has changed (weights, the passage reader, ``rag.limits``), and set
``NOTHING_BELOW`` and ``WEAK_BELOW`` by it (rag/calibration.py).
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.corpora import DATA
from benchmarks.judged import Source, files_of, table
from index.embedders.registry import load_embedder
from index.home import Home
from index.records import SourceFile
from rag.calibration import NOTHING_BELOW, WEAK_BELOW
from rag.evaluation.formats import QuestionSet, read_questions
from rag.evaluation.gold import gold_of, indexed
from rag.evaluation.outcomes import Asking, Outcome
from rag.evaluation.report import abstention_of
from rag.passage_reader import PassageReader

QUESTIONS = Path(__file__).parent / "questions"
SAMPLE = Path(__file__).parents[1] / "index" / "sample" / "ibid-handbook.txt"

SETS = {
    "fifth-column": Source("fifth-column-questions.jsonl", "000_*.txt"),
    "written over it": Source(str(QUESTIONS / "reader-collection.jsonl"), "000_*.txt"),
    "handbook": Source(str(QUESTIONS / "reader-handbook.jsonl"), str(SAMPLE)),
    "false premises": Source(str(QUESTIONS / "premises-handbook.jsonl"), str(SAMPLE)),
    "covid-qa": Source("covid-qa-dev.json"),
    "xquad": Source("xquad-en.json"),
    "xquad-de": Source("xquad-de.json"),
    "xquad-ru": Source("xquad-ru.json"),
    "xquad-zh": Source("xquad-zh.json"),
    "xquad-de-to-en": Source("xquad-de-to-en.json"),
}
"""Sets of ours, by their path, and those that do not travel with the project."""


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--on", action="append", choices=SETS, help="a question set (default: all that are here)")
    parser.add_argument("--home", type=Path, default=Path(".ibid"), help="where indexes are kept (default: %(default)s)")
    parser.add_argument("--most", type=int, default=300, help="questions asked of each set, spread evenly (default: %(default)s)")
    parser.add_argument("--read", action="store_true", help="with the passage reader")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    options = parser.parse_args()
    asked = dict(_asked(options))
    shipped = {name: _shipped(outcomes) for name, outcomes in asked.items()}
    print(*table("as it ships", shipped, markdown=options.markdown), "", sep="\n")
    bars = {name: _at_thresholds(outcomes) for name, outcomes in asked.items()}
    print(*table("refused below", bars, markdown=options.markdown), sep="\n")


def _asked(options: argparse.Namespace) -> Iterator[tuple[str, list[Outcome]]]:
    embedder = load_embedder(None, Home(options.home).models)
    reader = _reader(options.home) if options.read else None
    for name in options.on or SETS:
        source = SETS[name]
        if not (DATA / source.questions).exists():
            continue
        questions = read_questions(DATA / source.questions)
        held = indexed(options.home / "evaluation", *_files(source, questions), embedder)
        with closing(held) as collection:
            golds = gold_of(questions, collection)
            some = golds[:: max(1, -(-len(golds) // options.most))]
            yield name, Asking(collection, embedder, reader=reader).ask(some, 10, lambda _done, _all: None)


def _files(source: Source, questions: QuestionSet) -> tuple[Sequence[SourceFile], str | None]:
    """The documents of a set: ours by their path, the others as ``files_of`` has them."""
    if source.documents == str(SAMPLE):
        return [SourceFile(SAMPLE.name, SAMPLE.read_bytes())], None
    return files_of(source, questions)


def _reader(home: Path) -> PassageReader:
    from rag.passage_reader.model import ExportedReader
    from rag.passage_reader.network import exported_reader

    return ExportedReader(lambda: exported_reader(Home(home).models))


def _shipped(outcomes: Sequence[Outcome]) -> dict[str, float]:
    answerable = _confidence(outcomes, answerable=True)
    missed = _confidence(outcomes, answerable=False)
    found = np.array([outcome.found for outcome in outcomes if outcome.gold.question.answerable], bool)
    told = {
        "refused": float((answerable < NOTHING_BELOW).mean()),
        "right, weak": float((answerable[found] < WEAK_BELOW).mean()),
        "without, refused": float(np.mean([each.removed < NOTHING_BELOW for each in outcomes if each.gold.question.answerable])),
    }
    if len(missed):
        told |= {
            "misses refused": float((missed < NOTHING_BELOW).mean()),
            "misses answered": float((missed >= WEAK_BELOW).mean()),
        }
    return told | _areas(outcomes)


def _areas(outcomes: Sequence[Outcome]) -> dict[str, float]:
    figures = abstention_of(outcomes)
    named = {"AUROC removed": figures.auroc_removed, "AUROC near": figures.auroc_near, "ECE": figures.calibration_error}
    return {name: value for name, value in named.items() if value is not None}


def _at_thresholds(outcomes: Sequence[Outcome]) -> dict[str, float]:
    answerable = _confidence(outcomes, answerable=True)
    return {f"{bar:.2f}": float((answerable < bar).mean()) for bar in (0.15, 0.2, 0.25, 0.3, 0.4, 0.5)}


def _confidence(outcomes: Sequence[Outcome], *, answerable: bool) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([each.confidence for each in outcomes if each.gold.question.answerable == answerable], np.float64)


if __name__ == "__main__":
    main()
