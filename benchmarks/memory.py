"""Memory of a server that has answered questions, beside a bare process that has encoded one (peak of each)."""

import sys
from pathlib import Path

import httpx

from benchmarks.bare import SCRIPT
from benchmarks.corpora import Corpus
from benchmarks.homes import add_subject, serving, subject
from benchmarks.measure import MIB, Report, arguments, resident_bytes, run_program, show
from index.embedders.model_folders import find_model


def main() -> None:
    """Measures and prints one report."""
    parser = arguments(__doc__, rounds=100)
    add_subject(parser)
    options = parser.parse_args()
    with subject(options) as on:
        show(measure(on.read, on.home, options.rounds), as_json=options.json)


def measure(read: Corpus, home: Path, rounds: int) -> Report:
    """Asks a server ``rounds`` questions and looks at what it holds then."""
    bare = run_program([sys.executable, "-c", SCRIPT, find_model().folder, read.questions[0]]).peak
    with serving(home) as server:
        ready = resident_bytes(server.process_id)
        with httpx.Client(base_url=server.url) as client:
            for number in range(rounds):
                question = read.questions[number % len(read.questions)]
                client.post("/v1/ask", json={"question": question}).raise_for_status()
        asked = resident_bytes(server.process_id)
    return Report(
        benchmark="memory",
        on=read.name,
        ratio=asked / bare,
        aim=None,
        figures={
            "MiB, ibid serve when ready": ready / MIB,
            f"MiB, ibid serve after {rounds} questions": asked / MIB,
            "MiB, bare encode, peak": bare / MIB,
            "MiB on disk, index and exported model": sum(file.stat().st_size for file in home.rglob("*") if file.is_file()) / MIB,
        },
    )


if __name__ == "__main__":
    main()
