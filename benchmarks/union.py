"""Whether several collections asked at once rank as one of all their documents: `python -m benchmarks.union`.

Each question set's documents are indexed once as one collection and once as two, every other document in each (a set of one
document is joined by another set's); the same questions are asked of both. Prints the measures of each, and how many questions
have another first hit.
"""

from collections.abc import Sequence
from contextlib import ExitStack, closing

from benchmarks.corpora import DATA
from benchmarks.judged import SHOWN, SOURCES, files_of, options_of
from index.collection import Collection
from index.embedders import Embedder
from index.embedders.registry import load_embedder
from index.home import Home
from index.records import SourceFile
from index.union import UnionCollection
from rag.evaluation.formats import QuestionSet, read_questions
from rag.evaluation.gold import gold_of, indexed
from rag.evaluation.outcomes import Asking
from rag.evaluation.report import runs_of
from rag.evaluation.statistics import MEASURES, measure
from rag.evaluation.trec import Run

DEPTH = 10


def main() -> None:
    """Prints a line for each set and each way."""
    options = options_of(__doc__ or "").parse_args()
    embedder = load_embedder(None, Home(options.home).models)
    for name in options.on or SOURCES:
        questions = read_questions(DATA / SOURCES[name].questions)
        files, reader = files_of(SOURCES[name], questions)
        halves = (files[::2], files[1::2]) if len(files) > 1 else (files, _others(name))
        with ExitStack() as opened:
            below = options.home / "union"
            one, first, second = (
                opened.enter_context(
                    closing(indexed(below / f"{name}-{part}", some, reader if len(files) > 1 else None, embedder))
                )
                for part, some in (("one", [*halves[0], *halves[1]]), ("first", halves[0]), ("second", halves[1]))
            )
            _compare(name, questions, one, UnionCollection([first, second]), embedder)


def _others(name: str) -> Sequence[SourceFile]:
    """The document of another set, for a set that has one only."""
    other = next(each for each in ("xquad", "fifth-column") if each != name)
    return files_of(SOURCES[other], read_questions(DATA / SOURCES[other].questions))[0]


def _compare(name: str, questions: QuestionSet, one: Collection, two: Collection, embedder: Embedder) -> None:
    firsts = []
    for way, collection in (("one collection", one), ("two at once", two)):
        run, values = _asked(questions, collection, embedder)
        print(f"{name:<14} {way:<16} " + "  ".join(f"{measure} {values[measure]:.4f}" for measure in SHOWN if measure in values))
        firsts.append({question: next(iter(ranked), ("",))[0] for question, ranked in run.items()})
    other = sum(firsts[0][question] != firsts[1].get(question) for question in firsts[0])
    print(f"{name:<14} another first hit: {other} of {len(firsts[0])}")


def _asked(questions: QuestionSet, collection: Collection, embedder: Embedder) -> tuple[Run, dict[str, float]]:
    golds = [gold for gold in gold_of(questions, collection) if gold.question.answerable]
    run = runs_of(Asking(collection, embedder).ask(golds, DEPTH, lambda _done, _total: None))["fused"]
    return run, dict(zip(MEASURES, measure(golds, run).mean(0).tolist(), strict=True))


if __name__ == "__main__":
    main()
