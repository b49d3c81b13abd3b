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
from rag.evaluation.formats import QuestionSet, read_questions
from rag.evaluation.gold import Gold, gold_of, indexed
from rag.evaluation.statistics import MEASURES, measure
from rag.evaluation.trec import Run, falling
from rag.retrieve import Retriever
from rag.scoring import Evidence

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
    embedded: dict[str, Vectors] = {}

    def retriever(self, *, correcting: bool = True) -> Retriever:
        """What answers users of this collection; slips of the finger may be left as they are."""
        return Retriever(self.collection, count_tokens=self.embedder.count_tokens if correcting else None)

    def gather(self, texts: Sequence[str] | None = None, *, correcting: bool = True) -> list[Evidence]:
        """The evidence on every question, or on other texts in their place."""
        retriever = self.retriever(correcting=correcting)
        asked = [gold.question.text for gold in self.golds] if texts is None else texts
        questions = [retriever.parse(text) for text in asked]
        vectors = self.vectors([question.words for question in questions])
        return [
            gathered.all()
            for question, vector in zip(questions, vectors, strict=True)
            for gathered in retriever.search([question], vector[np.newaxis])
        ]

    def vectors(self, words: Sequence[str]) -> list[Vectors]:
        """Texts embedded as questions; each text once."""
        new = list(dict.fromkeys(text for text in words if text not in self.embedded))
        self.embedded.update(zip(new, self.embedder.embed(new, "query"), strict=True))
        return [self.embedded[text] for text in words]

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
        collection = indexed(options.home / below, *files_of(source, questions), embedder, size=size)
        with closing(collection):
            golds = [gold for gold in gold_of(questions, collection) if gold.question.answerable]
            yield Judged(name, collection, embedder, golds)


def options_of(description: str) -> argparse.ArgumentParser:
    """The options that these benchmarks share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--on", action="append", choices=SOURCES, help="a question set (default: all that are here)")
    parser.add_argument("--home", type=Path, default=Path(".ibid"), help="where indexes are kept (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a set instead of tables")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    return parser


def show(name: str, rows: dict[str, dict[str, float]], options: argparse.Namespace) -> None:
    """Prints the measures of several systems on one set."""
    if options.json:
        print(msgspec.json.encode({"set": name, "systems": rows}).decode(), flush=True)
    else:
        print("", *table(name, rows, markdown=options.markdown), sep="\n", flush=True)


def table(name: str, rows: dict[str, dict[str, float]], *, markdown: bool) -> list[str]:
    """The lines of a table, a row a system."""
    columns = list(dict.fromkeys(column for figures in rows.values() for column in figures if not column.startswith("R@")))
    cells = [[name, *columns], *([system, *(_shown(figures, column) for column in columns)] for system, figures in rows.items())]
    if markdown:
        cells.insert(1, ["---", *("---:" for _ in columns)])
        return ["| " + " | ".join(row) + " |" for row in cells]
    width = max(len(row[0]) for row in cells)
    return [f"{row[0]:<{width}}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in cells]


def _shown(figures: dict[str, float], column: str) -> str:
    if column not in figures:
        return ""
    return f"{figures[column]:.1f}" if column == "ms" else f"{figures[column]:.3f}"


def files_of(source: Source, questions: QuestionSet) -> tuple[Sequence[SourceFile], str | None]:
    """The documents of a set, and the reader for them."""
    if not source.documents:
        return questions.files, questions.reader
    return [SourceFile(path.name, path.read_bytes()) for path in sorted(DATA.glob(source.documents))], None
