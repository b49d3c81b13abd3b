"""What ``ibid evaluate`` does: opens the collection that a question set is about, asks, and keeps the runs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from index.build import find_files
from index.collection import Collection
from index.embedders import Embedder
from index.records import SourceFile
from rag.evaluation.formats import QuestionSet
from rag.evaluation.gold import gold_of, indexed, is_index
from rag.evaluation.outcomes import STAGES, Asking
from rag.evaluation.report import Report, report_on, runs_of
from rag.evaluation.statistics import Compared, compare
from rag.evaluation.trec import read_run, write_run
from service.building import built_with
from service.refinements import late_interaction_of, passage_reader_of
from service.settings import Settings
from service.wiring import asking_embedder, indexing_embedder, reranker_of

KEPT_IN = "evaluation"
"""Folder below the home in which the collections of question sets are kept."""


class Ready(msgspec.Struct, frozen=True):
    """A collection to ask, and its embedder."""

    collection: Collection
    embedder: Embedder


@contextmanager
def opened(settings: Settings, asked: QuestionSet, collection: Path | None) -> Iterator[Ready]:
    """The collection named, else the one that the questions bring, else the index at home; closed afterwards."""
    ready = _open(settings, asked, collection)
    with closing(ready.collection):
        yield ready


def evaluate(settings: Settings, ready: Ready, asked: QuestionSet, depth: int, run: Path | None) -> Report:
    """Asks every question, and writes each stage's run where a file is named for them."""
    golds = gold_of(asked, ready.collection)
    with _bar("asking") as (bar, task):
        late, reader = late_interaction_of(settings, ready.embedder), passage_reader_of(settings)
        exact = settings.search == "exact"
        outcomes = Asking(ready.collection, ready.embedder, reranker_of(settings), late, reader, exact=exact).ask(
            golds, depth, lambda done, total: bar.update(task, completed=done, total=total)
        )
    report = report_on(outcomes, ready.collection)
    if run:
        runs = runs_of(outcomes)
        shipped = max(runs, key=STAGES.index)
        for stage, each in runs.items():
            path = run if stage == shipped else run.with_name(f"{run.stem}.{stage}{run.suffix}")
            write_run(path, each, f"ibid-{stage}")
    return report


def compare_runs(ready: Ready, asked: QuestionSet, first: Path, second: Path) -> dict[str, Compared]:
    """Every measure of two run files."""
    return compare(gold_of(asked, ready.collection), read_run(first), read_run(second))


def _open(settings: Settings, asked: QuestionSet, collection: Path | None) -> Ready:
    if collection is None and not asked.files:
        return _at_home(settings)
    if collection is not None and is_index(collection):
        return _at_home(msgspec.structs.replace(settings, home=collection))
    files, reader = _files(collection) if collection else (asked.files, asked.reader)
    embedder = indexing_embedder(settings, built_with(settings))
    with _bar("indexing") as (bar, task):
        held = indexed(
            settings.home / KEPT_IN,
            files,
            reader,
            embedder,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    return Ready(held, embedder)


def _at_home(settings: Settings) -> Ready:
    collection = Collection.open(settings.home)
    return Ready(collection, asking_embedder(settings, collection.embedder))


def _files(path: Path) -> tuple[tuple[SourceFile, ...], None]:
    return tuple(source.load() for source in find_files([path]).sources), None


@contextmanager
def _bar(what: str) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        yield bar, bar.add_task(what, total=None)
