"""Throughput with a key beside throughput without: `python -m benchmarks.with_key --on xquad --home FOLDER`; needs wrk.

Two services over one index, one of which requires a key, are put under the same load in turns of a few seconds. A ratio is taken
of each pair of turns, and their median counts, so that what else the machine does falls on both.
"""

from collections.abc import Iterable

from benchmarks.homes import Server, Subject, serving
from benchmarks.load import put_under_load, questions_of
from benchmarks.measure import Report, median, processor_seconds
from benchmarks.program import run
from service.keys import KeyFile

CLIENTS = 16
SECONDS = 4
"""Of a turn."""


def measure(on: Subject, rounds: int) -> Iterable[Report]:
    """One turn each before those that count."""
    _, key = KeyFile(on.home / "keys.json").create("benchmark")
    with serving(on.home) as without, serving(on.home, IBID_REQUIRE_KEY="true") as required:
        turns = [(_turn(without, on, ""), _turn(required, on, key)) for _ in range(rounds + 1)][1:]
    figures = {}
    for name, at in (("without", 0), ("with a key", 1)):
        figures[f"questions a second, {name}"] = median([pair[at][0] for pair in turns])
        figures[f"processor ms a question, {name}"] = 1000 * median([pair[at][1] for pair in turns])
    on_what = f"{on.read.name}, {CLIENTS} clients, {rounds} pairs of turns"
    unit = "× without"
    yield Report("throughput with a key", on_what, median([b[0] / a[0] for a, b in turns]), figures, unit, "≥ 0.95")
    yield Report("processor with a key", on_what, median([b[1] / a[1] for a, b in turns]), {}, unit, "≤ 1.05")


def _turn(server: Server, on: Subject, key: str) -> tuple[float, float]:
    """Questions a second, and seconds of the server's processor for each."""
    before = processor_seconds(server.process_id)
    load = put_under_load(server.url, questions_of(on.read), on.scratch, clients=CLIENTS, seconds=SECONDS, key=key)
    return load.rate, (processor_seconds(server.process_id) - before) / load.requests


if __name__ == "__main__":
    run(__doc__ or "", measure, rounds=10)
