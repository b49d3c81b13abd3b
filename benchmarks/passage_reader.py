"""What the passage reader adds on question sets it was not trained on: rankings, near misses, highlights.

    python -m benchmarks.passage_reader                            # the weights that are shipped
    python -m benchmarks.passage_reader --checkpoint FOLDER/checkpoint.pt --weights .2 .3 .5

Near misses of XQuAD are SQuAD 2.0's unanswerable questions to the same paragraphs. Only articles count that the reader was not
trained on. ``--fit`` fits how its readings enter confidence, on all sets and on all but one.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import index
from benchmarks.abstention import newton
from benchmarks.corpora import DATA
from benchmarks.judged import Source, files_of, table
from index.collection import Collection
from index.embedders import Embedder
from index.embedders.registry import load_embedder
from index.home import Home
from index.records import SourceFile
from rag import refining
from rag.calibration import NOTHING_BELOW, WEAK_BELOW
from rag.evaluation.formats import NEAR, AskedQuestion, PlaceInPassage, QuestionSet, read_questions
from rag.evaluation.gold import Gold, gold_of, indexed
from rag.evaluation.outcomes import Asking, Outcome, Stage
from rag.evaluation.report import highlighted, right_first_hits
from rag.evaluation.statistics import DEPTH, Values, auroc, measure, paired_p
from rag.late_interaction import LateInteraction
from rag.passage_reader import PassageReader, Reading, ReadWindow
from rag.passage_reader.confidence import best_reading, log_odds
from rag.passage_reader.model import ExportedReader
from rag.passage_reader.network import exported_reader, write_reader
from rag.passage_reader.weights import ReaderWeights
from scripts.pack_reader import pack
from scripts.reader_pairs import held_out, read_squad2

_SAMPLE = Path(index.__file__).parent / "sample" / "ibid-handbook.txt"
_WRITTEN = Path(__file__).parent / "questions"
_HIT, _MRR = 0, 3
"""Columns of ``measure``."""

_KEPT = 20_000
"""Windows whose token vectors are kept, so that they are computed once for all weights."""


class Remembering:
    """A PassageReader that reads nothing twice, so that several weights cost one reading."""

    def __init__(self, reader: PassageReader) -> None:
        self._reader = reader
        self._readings: dict[tuple[str, ReadWindow], Reading] = {}
        self.best: dict[str, float] = {}
        """The best of a question's first readings."""

    def read(self, question: str, windows: Sequence[ReadWindow]) -> list[Reading]:
        """As the reader does."""
        new = [window for window in windows if (question, window) not in self._readings]
        self._readings.update(zip(((question, window) for window in new), self._reader.read(question, new), strict=True))
        readings = [self._readings[question, window] for window in windows]
        self.best[question] = best_reading(readings)
        return readings


class Asks(msgspec.Struct):
    """One set asked without the reader, and with it for each of its weights; questions in the same order."""

    name: str
    before: list[Outcome]
    after: dict[float, list[Outcome]]
    best: list[float]
    """The best reading of each question, as it enters confidence."""


def _sets(home: Path, embedder: Embedder) -> Iterator[tuple[str, QuestionSet, Collection]]:
    """Every set that can be asked here, indexed."""
    real = Source("fifth-column-questions.jsonl", "000_*.txt")
    for name, path, source in (
        ("fifth-column, as people type", DATA / real.questions, real),
        ("written over it", _WRITTEN / "reader-collection.jsonl", real),
        ("written over the sample", _WRITTEN / "reader-handbook.jsonl", None),
        ("XQuAD, not trained on", DATA / "xquad-en.json", Source("xquad-en.json")),
        ("COVID-QA", DATA / "covid-qa-dev.json", Source("covid-qa-dev.json")),
    ):
        if source and not (DATA / source.questions).exists():
            continue
        questions = read_questions(path)
        files, reader = files_of(source, questions) if source else ([SourceFile(_SAMPLE.name, _SAMPLE.read_bytes())], None)
        with closing(indexed(home, files, reader, embedder)) as collection:
            yield name, _untrained(questions) if name.startswith("XQuAD") else questions, collection


def _untrained(questions: QuestionSet) -> QuestionSet:
    """The questions to articles that were not trained on, and SQuAD 2.0's unanswerable ones to the same paragraphs."""
    asked = read_squad2(DATA / "squad2-dev.jsonl.gz")
    trained = {each.paragraph for each in asked if not held_out(each.title, 4)}
    kept = [question for question in questions.questions if not _paragraphs(question) & trained]
    near = _paragraphs(*kept)
    texts = dict.fromkeys(each.question for each in asked if each.paragraph in near and not each.answers)
    added = (AskedQuestion(f"near{number}", text, NEAR) for number, text in enumerate(texts))
    return msgspec.structs.replace(questions, questions=(*kept, *added))


def _paragraphs(*questions: AskedQuestion) -> set[str]:
    places = [answer.place for question in questions for answer in question.answers]
    return {place.passage for place in places if isinstance(place, PlaceInPassage)}


def ask(
    name: str, golds: Sequence[Gold], collection: Collection, embedder: Any, reader: Remembering, weights: Sequence[float]
) -> Asks:
    """Asks one set without the reader and with it; ``embedder`` gives vectors of tokens, too."""
    late = LateInteraction(embedder, kept=_KEPT)

    def told(done: int, total: int) -> None:
        print(f"\r{name}: {done} of {total}", end="\r" if done == total else "", file=sys.stderr, flush=True)

    before = Asking(collection, embedder, late=late).ask(golds, DEPTH, told)
    after: dict[float, list[Outcome]] = {}
    for weight in weights:
        refining.READER_WEIGHT = weight  # the constant that is tried out
        after[weight] = Asking(collection, embedder, late=late, reader=reader).ask(golds, DEPTH, told)
    return Asks(name, before, after, [reader.best.get(gold.question.text, 0.0) for gold in golds])


def _of(stage: Stage, outcomes: Sequence[Outcome]) -> Values:
    """The measures of the answerable questions' rankings after a stage."""
    answerable = [outcome for outcome in outcomes if outcome.gold.question.answerable]
    run = {outcome.gold.question.id: outcome.rankings[stage] for outcome in answerable}
    return measure([outcome.gold for outcome in answerable], run)


def ranking_rows(asks: Sequence[Asks]) -> dict[str, dict[str, float]]:
    """hit@1 and MRR of each stage, with p against the search alone and, of the reader, against late interaction."""
    rows: dict[str, dict[str, float]] = {}
    for each in asks:
        fused, late = _of("fused", each.before), _of("late", each.before)
        rows[f"{each.name}: search"] = _figures(fused)
        rows[f"{each.name}: late"] = _figures(late) | _chances(late, fused, "")
        for weight, outcomes in each.after.items():
            read = _of("read", outcomes)
            rows[f"{each.name}: reader {weight:g}"] = _figures(read) | _chances(read, fused, "") | _chances(read, late, " late")
    return rows


def _figures(values: Values) -> dict[str, float]:
    return {"hit@1": float(values[:, _HIT].mean()), "MRR": float(values[:, _MRR].mean())}


def _chances(first: Values, second: Values, against: str) -> dict[str, float]:
    p = paired_p(first, second)
    return {f"p hit@1{against}": p[_HIT], f"p MRR{against}": p[_MRR]}


def miss_rows(asks: Sequence[Asks]) -> dict[str, dict[str, float]]:
    """AUROC of answerable questions against near misses, and shares refused and answered, without and with the reader."""
    rows: dict[str, dict[str, float]] = {}
    for each in asks:
        rows[f"{each.name}: search"] = _misses(each.before)
        rows[f"{each.name}: reader"] = _misses(next(iter(each.after.values())))
    return rows


def _misses(outcomes: Sequence[Outcome]) -> dict[str, float]:
    told = np.array([outcome.confidence for outcome in outcomes])
    near = np.array([outcome.gold.question.type == NEAR for outcome in outcomes])
    answerable = np.array([outcome.gold.question.answerable for outcome in outcomes])
    figures = {"false refusals": float((told[answerable] < NOTHING_BELOW).mean())}
    figures["answered"] = float((told[answerable] >= WEAK_BELOW).mean())
    if near.any():
        figures["near refused"] = float((told[near] < NOTHING_BELOW).mean())
        figures["near answered"] = float((told[near] >= WEAK_BELOW).mean())
        figures["AUROC"] = auroc(told[answerable], told[near])
    return figures


def highlight_rows(asks: Sequence[Asks]) -> dict[str, dict[str, float]]:
    """Of first hits that are right: characters of the highlight in the mean, and how many hold the answer's start."""
    rows: dict[str, dict[str, float]] = {}
    for each in asks:
        for told, outcomes in (("search", each.before), ("reader", next(iter(each.after.values())))):
            rows[f"{each.name}: {told}"] = _highlights(outcomes)
    return rows


def _highlights(outcomes: Sequence[Outcome]) -> dict[str, float]:
    right = right_first_hits(outcomes)
    characters = float(np.mean([highlighted(hit) for hit, _ in right]))
    return {"first hits": float(len(right)), "characters": characters, "held": float(np.mean([held for _, held in right]))}


def fit_rows(asks: Sequence[Asks]) -> dict[str, dict[str, float]]:
    """Weights of evidence, reading and intercept: fitted to all sets with near misses, and to all but each; AUROC on that one."""
    cases = {each.name: case for each in asks if (case := _cases(each)) is not None}
    rows = {"all": _fitted(list(cases.values()))}
    for name, case in cases.items():
        others = [other for each, other in cases.items() if each != name]
        rows[f"all but {name}"] = _fitted(others, case) if others else {}
    return rows


def _cases(asks: Asks) -> tuple[Values, Values] | None:
    """Features of a set's questions, and which are answerable; None without near misses."""
    kinds = [outcome.gold.question for outcome in asks.before]
    if not any(question.type == NEAR for question in kinds):
        return None
    rows = [(log_odds(outcome.confidence), best, 1.0) for outcome, best in zip(asks.before, asks.best, strict=True)]
    kept = [question.answerable or question.type == NEAR for question in kinds]
    return np.array(rows)[kept], np.array([float(question.answerable) for question in kinds])[kept]


def _fitted(cases: Sequence[tuple[Values, Values]], held_out: tuple[Values, Values] | None = None) -> dict[str, float]:
    """Each set weighs the same, and in it answerable questions and near misses."""
    weights = [np.where(answers > 0, 0.5 / (answers > 0).sum(), 0.5 / (answers == 0).sum()) for _, answers in cases]
    found = newton(np.concatenate([rows for rows, _ in cases]), np.concatenate([a for _, a in cases]), np.concatenate(weights))
    figures = dict(zip(("evidence", "reading", "intercept"), found.tolist(), strict=True))
    if held_out is not None:
        scores = held_out[0] @ found
        figures["AUROC"] = auroc(scores[held_out[1] > 0], scores[held_out[1] == 0])
    return figures


def _reader(checkpoint: Path | None, folder: Path) -> PassageReader:
    if checkpoint is None:
        return ExportedReader(lambda: exported_reader(folder))
    weights = ReaderWeights(folder / "weights.safetensors", pack(checkpoint, folder / "weights.safetensors"))
    (network := folder / "network").mkdir()
    write_reader(weights, network)
    return ExportedReader(lambda: network)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--checkpoint", type=Path, help="of scripts.train_reader, in place of the shipped weights")
    parser.add_argument("--on", default="", help="only sets whose name holds this")
    parser.add_argument("--weights", type=float, nargs="+", default=[refining.READER_WEIGHT])
    parser.add_argument("--home", type=Path, default=Path(".ibid"), help="where indexes are kept (default: %(default)s)")
    parser.add_argument("--fit", action="store_true", help="fit how readings enter confidence")
    options = parser.parse_args()
    embedder = load_embedder(None, Home(options.home).models)
    with tempfile.TemporaryDirectory() as folder:
        reader = Remembering(_reader(options.checkpoint, Path(folder)))
        asks = [
            ask(name, gold_of(questions, collection), collection, embedder, reader, options.weights)
            for name, questions, collection in _sets(options.home / "evaluation", embedder)
            if options.on in name
        ]
    tables = {"ranking": ranking_rows, "near misses": miss_rows, "highlights": highlight_rows}
    for title, rows in (tables | {"fit": fit_rows} if options.fit else tables).items():
        print("", *table(title, rows(asks), markdown=False), sep="\n", flush=True)


if __name__ == "__main__":
    main()
