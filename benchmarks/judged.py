"""Question sets with answers that somebody has here, each with its collection, indexed once and kept."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.corpora import DATA
from index.collection import Collection
from index.embedders import Embedder, Vectors
from index.embedders.registry import load_embedder
from index.home import Home
from index.records import SourceFile
from index.windows import WindowSize
from rag.calibration import Calibration, calibration_of
from rag.evaluation.formats import read_questions
from rag.evaluation.gold import Gold, gold_of
from rag.evaluation.indexed import indexed
from rag.evaluation.measures import MEASURES, measure
from rag.evaluation.questions import QuestionSet
from rag.evaluation.runs import Run, falling
from rag.evidence import Evidence, Searches
from rag.question import parse_question

SHOWN = ("hit@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")


class Source(msgspec.Struct, frozen=True):
    """Where a set's questions are, and the documents they are about where the set does not bring them along."""

    questions: str
    documents: str = ""


SOURCES = {
    "fifth-column": Source("fifth-column-questions.jsonl", "000_*.txt"),
    "xquad": Source("xquad-en.json"),
    "covid-qa": Source("covid-qa-dev.json"),
}


class Judged(msgspec.Struct, frozen=True):
    """A question set, its collection and its answerable questions with their answers."""

    name: str
    collection: Collection
    embedder: Embedder
    golds: list[Gold]

    @property
    def calibration(self) -> Calibration:
        """How the scores of the collection are read."""
        return calibration_of(self.collection)

    def vectors(self, texts: Sequence[str] | None = None) -> Vectors:
        """The questions embedded, or other texts in their place."""
        asked = [gold.question.text for gold in self.golds] if texts is None else texts
        return self.embedder.embed([parse_question(text).words for text in asked], "query")

    def gather(self, texts: Sequence[str] | None = None, vectors: Vectors | None = None) -> list[Evidence]:
        """The evidence on every question, or on other texts in their place."""
        asked = [gold.question.text for gold in self.golds] if texts is None else texts
        searches = Searches(self.collection)
        embedded = self.vectors(asked) if vectors is None else vectors
        return [searches.gather(parse_question(text), vector) for text, vector in zip(asked, embedded, strict=True)]

    def run(self, rankings: Sequence[tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", Sequence[float]]]) -> Run:
        """A run from each question's keys of excerpts, best first, and their scores."""
        return {
            gold.question.id: falling([excerpt.id for excerpt in self.collection.excerpts_by_key(keys.tolist())], scores)
            for gold, (keys, scores) in zip(self.golds, rankings, strict=True)
        }

    def score(self, run: Run) -> dict[str, float]:
        """The mean of each measure."""
        return dict(zip(MEASURES, measure(self.golds, run).mean(0).tolist(), strict=True))


def judged_sets(options: argparse.Namespace, size: WindowSize | None = None, below: str = "evaluation") -> Iterator[Judged]:
    """The sets asked for that are here, one at a time, in windows of this size. Raises SystemExit when there is none."""
    chosen = [name for name in options.on or SOURCES if (DATA / SOURCES[name].questions).exists()]
    if not chosen:
        raise SystemExit(f"no question sets at {DATA}; set IBID_TEST_DATA to a folder with {', '.join(SOURCES)}")
    embedder = load_embedder(None, Home(options.home).models)
    for name in chosen:
        source = SOURCES[name]
        questions = read_questions(DATA / source.questions)
        collection = indexed(options.home / below, *_files(source, questions), embedder, size=size)
        with closing(collection):
            golds = [gold for gold in gold_of(questions, collection) if gold.question.answerable]
            yield Judged(name, collection, embedder, golds)


def options_of(description: str) -> argparse.ArgumentParser:
    """The options that these benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--on", action="append", choices=SOURCES, help="a question set (default: all that are here)")
    parser.add_argument("--home", type=Path, default=Path(".ibid"), help="where indexes are kept (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a set instead of tables")
    return parser


def show(name: str, rows: dict[str, dict[str, float]], *, as_json: bool) -> None:
    """Prints the measures of several systems on one set."""
    if as_json:
        print(msgspec.json.encode({"set": name, "systems": rows}).decode(), flush=True)
        return
    columns = list(dict.fromkeys(column for figures in rows.values() for column in figures if not column.startswith("R@")))
    width = max(map(len, rows))
    print(f"\n{name:<{width}}" + "".join(f"{column:>12}" for column in columns))
    for system, figures in rows.items():
        print(
            f"{system:<{width}}" + "".join(f"{figures[column]:>12.3f}" if column in figures else " " * 12 for column in columns),
            flush=True,
        )


def _files(source: Source, questions: QuestionSet) -> tuple[Sequence[SourceFile], str | None]:
    if not source.documents:
        return questions.files, questions.reader
    return [SourceFile(path.name, path.read_bytes()) for path in sorted(DATA.glob(source.documents))], None
