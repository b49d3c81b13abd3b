"""How Ibid's costs grow with its collection: 10⁴ windows, 10⁵ and, where asked for, 10⁶, of synthesised text.

Every measurement runs in a process of its own, one thread, in processor time; the exponent of a row is that of N between the
first size and the last. Texts are embedded by a stand-in, so that embedding costs nothing to speak of.
"""

import argparse
import gc
import math
import multiprocessing
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import synthetic
from benchmarks.measure import Report, cost_of, median, percentile, show
from index.build import build_index
from index.collection import Collection
from index.files import find_files
from rag.learning import learned
from rag.query import parse_question
from rag.quotes.stored import prepare
from rag.retrieve import Retriever
from rag.scoring import Scorer

Figures = dict[str, float]

_FILES_A_RUN = 5_000
"""A run of indexing holds its texts in memory."""

_LIMIT = 10


def collection_of(windows: int, folder: Path) -> Path:
    """The home of an index of about so many windows, made once."""
    home, files = folder / f"home-{windows}", windows // synthetic.WINDOWS_A_FILE
    for start in range(0, files, _FILES_A_RUN):
        part = folder / f"texts-{windows}" / f"{start:07}"
        if part.is_dir():
            continue
        draft = part.with_suffix(".unfinished")
        synthetic.write_files(draft, range(start, min(files, start + _FILES_A_RUN)))
        draft.rename(part)
        _alone(_index, home, part)
    return home


def measure(windows: int, folder: Path, rounds: int) -> Figures:
    """All figures of one size."""
    home = collection_of(windows, folder)
    files = windows // synthetic.WINDOWS_A_FILE
    figures = _alone(opening, home)
    figures |= _alone(asking, home, files, rounds)
    figures |= _alone(recall, home, files, min(rounds, 100))
    figures |= _alone(adding, home, files, folder)
    figures |= _alone(reloading, home, files, folder)
    figures |= _alone(deleting, home, folder)
    figures |= _alone(checking, home)
    figures["disk, bytes a window"] = sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) / figures["windows"]
    return figures


def opening(home: Path) -> Figures:
    """From nothing to the first question."""
    memory = _memory()

    def open_it() -> None:
        with closing(Collection.open(home)) as collection:
            retriever = Retriever(collection, count_tokens=synthetic.StandIn().count_tokens)
            taken.append(_seconds(lambda: retriever.parse("what was the first question?")))

    taken: list[float] = []
    whole = cost_of(open_it).cpu
    return {"opening, s": whole, "opening, MB private": (_memory()["RssAnon"] - memory["RssAnon"]) / 1e6}


def asking(home: Path, files: int, rounds: int) -> Figures:
    """Questions one after another, without encoding."""
    embedder = synthetic.StandIn()
    with closing(Collection.open(home)) as collection:
        retriever = Retriever(collection, count_tokens=embedder.count_tokens)
        stages: dict[str, list[float]] = {"parse": [], "search": [], "conclude": []}
        for number, text in enumerate(synthetic.questions(files, rounds + 10)):
            began = time.thread_time()
            question = retriever.parse(text)
            parsed = time.thread_time()
            vector = embedder.embed([question.words], "query")
            embedded = time.thread_time()
            (found,) = retriever.search([question], vector)
            searched = time.thread_time()
            retriever.conclude(question, found, _LIMIT)
            if number >= 10:
                taken = (parsed - began, searched - embedded, time.thread_time() - searched)
                for stage, each in zip(stages.values(), taken, strict=True):
                    stage.append(1000 * each)
        whole = [sum(each) for each in zip(*stages.values(), strict=True)]
        figures = {"windows": float(collection.counts.windows), "excerpts": float(collection.counts.excerpts)}
    figures |= {"question, ms, p50": median(whole), "question, ms, p95": percentile(whole, 95)}
    figures |= {f"  {name}, p50": median(each) for name, each in stages.items()}
    held = _memory()
    return figures | {"asking, MB private": held["RssAnon"] / 1e6, "asking, MB of files in memory": held["RssFile"] / 1e6}


def adding(home: Path, files: int, folder: Path) -> Figures:
    """One more file of about 40 windows, and a run that finds nothing new."""
    extra = folder / f"extra-{home.name}"
    shutil.rmtree(extra, ignore_errors=True)
    synthetic.write_files(extra, range(files, files + 1))
    _index(home, extra)  # all that is imported
    nothing = cost_of(partial(_index, home, extra)).cpu
    synthetic.write_files(extra, range(files + 1, files + 2))
    return {
        "adding a file, s": cost_of(partial(_index, home, extra)).cpu,
        "adding a file, peak MB": _memory()["VmHWM"] / 1e6,
        "nothing new, s": nothing,
    }


def reloading(home: Path, files: int, folder: Path) -> Figures:
    """A newer generation is opened while questions are asked of the older one."""
    embedder = synthetic.StandIn()
    with closing(Collection.open(home)) as old:
        before = Retriever(old, count_tokens=embedder.count_tokens)
        questions = [before.parse(text) for text in synthetic.questions(files, 40)]
        vectors = embedder.embed([question.words for question in questions], "query")
        before.search(questions[:1], vectors[:1])
        write = folder / f"extra-{home.name}"
        synthetic.write_files(write, range(files + 2, files + 3))
        _alone(_index, home, write)
        alone = max(_wall(partial(before.search, questions[at : at + 1], vectors[at : at + 1])) for at in range(len(questions)))
        opened: list[float] = []
        thread = threading.Thread(target=lambda: opened.append(_seconds(partial(_open, home), time.thread_time)))
        pauses = [0.0]
        thread.start()
        while thread.is_alive():
            at = len(pauses) % len(questions)
            pauses.append(_wall(partial(before.search, questions[at : at + 1], vectors[at : at + 1])))
        thread.join()
    return {
        "hot reload, s": opened[0],
        "hot reload, longest question meanwhile ÷ before": max(pauses) / alone,
    }


def deleting(home: Path, folder: Path) -> Figures:
    """The files added are taken out again."""
    extra = folder / f"extra-{home.name}"
    _index(home, extra)
    for file in extra.iterdir():
        file.unlink()
    return {"deleting three files, s": cost_of(partial(_index, home, extra)).cpu}


def checking(home: Path) -> Figures:
    """The first quotation that is checked, and the next one."""
    from service.library import Quotations

    with closing(Collection.open(home)) as collection:
        quotations = Quotations(collection)
        excerpt = collection.excerpts(collection.excerpt_ids()[-1:])[0]
        quote = " ".join(excerpt.text.split()[5:20])
        first = cost_of(partial(quotations.verify, quote)).cpu
        private = _memory()["RssAnon"]
        return {
            "first check of a quotation, s": first,
            "next check, ms": 1000 * cost_of(partial(quotations.verify, quote)).cpu,
            "checking, MB private": private / 1e6,
        }


def recall(home: Path, files: int, rounds: int) -> Figures:
    """Share of the exact first ten that are found, and how often the first is the same."""
    embedder = synthetic.StandIn()
    with closing(Collection.open(home)) as collection:
        retriever = Retriever(collection, count_tokens=embedder.count_tokens)
        exact = Scorer(collection, retriever.calibration, exact=True)
        shares, same = [], []
        for text in synthetic.questions(files, rounds):
            question = parse_question(text)
            vector = embedder.embed([question.words], "query")
            (found,), (true,) = retriever.search([question], vector), exact.gather([question], vector)
            ours, theirs = found.best(_LIMIT).keys, true.best(_LIMIT).keys
            shares.append(float(np.isin(theirs, ours).mean()))
            same.append(float(ours[0] == theirs[0]))
    return {"recall of the exact first ten": float(np.mean(shares)), "the same first hit": float(np.mean(same))}


def _index(home: Path, path: Path) -> None:
    embedder = synthetic.StandIn()

    def learn(collection: Collection) -> dict[str, Any]:
        prepare(collection)
        return learned(collection, embedder)

    build_index(home, find_files([path]), embedder, learn=learn)


def _open(home: Path) -> None:
    with closing(Collection.open(home)) as collection:
        Retriever(collection, count_tokens=synthetic.StandIn().count_tokens)


def _seconds(call: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    began = clock()
    call()
    return clock() - began


def _wall(call: Callable[[], object]) -> float:
    return _seconds(call, time.perf_counter)


def _memory() -> dict[str, float]:
    """Bytes that this process holds and held at most (Linux only)."""
    gc.collect()
    told = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {name.rstrip(":"): 1024 * int(rest[0]) for name, *rest in told if name in {"VmHWM:", "RssAnon:", "RssFile:"}}


def _alone(call: Callable[..., Figures | None], *arguments: object) -> Figures:
    """What a function gives in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(call, *arguments).result() or {}


def _shown(sizes: list[int], rows: list[Figures]) -> list[Report]:
    """A report a figure: its exponent, or itself where there is one size."""
    if len(rows) == 1:
        on = f"synthesised text, {sizes[0]:,} windows"
        return [Report(name.strip(), on, figure, {}, "") for name, figure in rows[0].items()]
    reports = []
    for name, last in rows[-1].items():
        first = rows[0][name]
        grown = math.log(last / first) / math.log(sizes[-1] / sizes[0]) if first > 0 and last > 0 else math.nan
        at = {f"{size:,} windows": figures[name] for size, figures in zip(sizes, rows, strict=True)}
        reports.append(Report(name.strip(), "synthesised text", grown, at, "exponent of N"))
    return reports


def main() -> None:
    """Builds what is missing, measures, and prints each figure for all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="windows (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=100, help="questions of each size (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="folder to keep texts and indexes in (default: none is kept)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = options.home or Path(scratch)
        rows = [measure(size, folder, options.rounds) for size in options.sizes]
    for report in _shown(options.sizes, rows):
        show(report, as_json=options.json)


if __name__ == "__main__":
    main()
