"""From the start of a process to its first answer: `ibid ask` beside a bare program that encodes one question."""

import sys
import tempfile
from pathlib import Path

from benchmarks.bare import SCRIPT
from benchmarks.corpora import CORPORA, Corpus, corpus
from benchmarks.homes import IBID, build_home
from benchmarks.measure import MIB, Program, Report, arguments, median, run_program, show
from index.embedders.model_folders import find_model


def main() -> None:
    """Measures and prints one report."""
    parser = arguments(__doc__, rounds=5)
    parser.add_argument("--on", choices=CORPORA, default="sample", help="what to ask (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        read = corpus(options.on, scratch)
        report = measure(read, build_home(read, scratch / "home"), options.rounds)
    show(report, as_json=options.json)


def measure(read: Corpus, home: Path, rounds: int) -> Report:
    """Starts both programs in turn; the first round, in which files come from disk, does not count."""
    question = read.questions[0]
    commands: dict[str, list[str | Path]] = {
        "ask": [IBID, "ask", "--json", "--home", home, question],
        "help": [IBID, "--help"],
        "bare": [sys.executable, "-c", SCRIPT, find_model().folder, question],
    }
    runs: dict[str, list[Program]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            runs[name].append(run_program(command))
    seconds = {name: median([run.cost.wall for run in each[1:]]) for name, each in runs.items()}
    return Report(
        benchmark="cold start",
        on=read.name,
        ratio=seconds["ask"] / seconds["bare"],
        aim=None,
        figures={
            "seconds, ibid ask": seconds["ask"],
            "seconds, bare encode": seconds["bare"],
            "seconds, ibid --help": seconds["help"],
            "MiB, ibid ask, peak": median([run.peak for run in runs["ask"][1:]]) / MIB,
            "MiB, bare encode, peak": median([run.peak for run in runs["bare"][1:]]) / MIB,
        },
    )


if __name__ == "__main__":
    main()
