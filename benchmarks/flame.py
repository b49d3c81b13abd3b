"""Flame graphs of where the time goes: a question in process, and indexing.

Needs py-spy (https://github.com/benfred/py-spy; ``pip install py-spy``), which must be allowed to look into processes. Of a
server it draws no graph: threads that wait for the interpreter look busy to it, and those in native code idle.
"""

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path

from benchmarks.beside import answer, opened
from benchmarks.corpora import corpus
from benchmarks.homes import Subject, add_subject, subject
from benchmarks.stacks import drawn, merged
from index.build import build_index, find_files
from index.embedders.registry import load_embedder


def main() -> None:
    """Records and writes both graphs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the graphs are written")
    parser.add_argument("--seconds", type=int, default=20, help="how long each is recorded (default: %(default)s)")
    add_subject(parser, on="stdlib")
    options = parser.parse_args()
    if shutil.which("py-spy") is None:
        raise SystemExit("this needs py-spy: pip install py-spy")
    options.folder.mkdir(parents=True, exist_ok=True)
    with subject(options) as on:
        for name, record in {"question": question, "indexing": indexing}.items():
            (options.folder / f"flame-{name}.svg").write_text(record(on, options.seconds), encoding="utf-8")


def question(on: Subject, seconds: int) -> str:
    """One question after another in this process."""
    with opened(on) as (now, presenter):
        asked = cycle(on.read.questions)

        def ask() -> None:
            answer(now, presenter, next(asked), lambda: None)

        for _ in on.read.questions:
            ask()  # warm, as a service is after a while
        stacks = recorded(os.getpid(), on.scratch, seconds, ask)
    return drawn(merged(stacks, "answer (benchmarks"), "A question in process, from text to JSON")


def indexing(on: Subject, seconds: int) -> str:
    """The handbook indexed anew again and again."""
    read = corpus("sample", on.scratch)
    embedder = load_embedder(None, on.scratch / "models", precision="fp32")
    homes = (on.scratch / f"indexed-{number}" for number in count())
    stacks = recorded(os.getpid(), on.scratch, seconds, lambda: build_index(next(homes), find_files(read.files), embedder))
    return drawn(merged(stacks, "build_index", "Thread.run"), "Indexing the handbook")


def recorded(process_id: int, scratch: Path, seconds: int, run: Callable[[], object]) -> list[str]:
    """The stacks of a process, native frames included, while something is run again and again."""
    raw = scratch / "stacks.txt"
    command: list[str | Path] = ["py-spy", "record", "--native", "--format", "raw", "--output", raw]
    command += ["--pid", str(process_id), "--duration", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sampler:
        while sampler.poll() is None:
            run()
    return raw.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
