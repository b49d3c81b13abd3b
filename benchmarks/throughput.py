"""Questions a second over HTTP, beside the encoder's own best: questions embedded in one large call on the same cores.

And how evenly answers come at four fifths of the highest throughput. The load generator runs on the same machine and its cost
is included. Its clients rest between questions for times that are exponentially distributed, so that questions arrive almost
as they do from many people; an answer's time begins when its question is sent.
"""

from contextlib import closing
from itertools import cycle, islice

import msgspec

from benchmarks.homes import Server, Subject, serving
from benchmarks.load import Load, put_under_load, questions_of
from benchmarks.measure import MIB, Cost, Report, cost_of, processor_seconds, resident_bytes
from benchmarks.program import run
from index.collection import Collection
from index.embedders import Embedder
from index.embedders.registry import open_embedder
from index.home import Home
from index.threads import physical_cores

CLIENTS = (1, 16, 32)
RESTING_CLIENTS = 256
"""So many that few of them wait for an answer at any moment: who waits does not ask."""

STEADY = 0.8
"""The share of the highest throughput at which answers should still come evenly."""


class Loaded(msgspec.Struct, frozen=True):
    """A server under load: what its clients saw, and its seconds of processor for each question."""

    load: Load
    processor: float


def measure(on: Subject, seconds: int) -> list[Report]:
    """Loads a server for ``seconds`` a figure; the encoder is timed before and after, and its better time counts."""
    embedder = _embedder(on)
    before = _encode_all(embedder, on)
    with serving(on.home) as server:
        loaded = {clients: _loaded(server, on, seconds, clients) for clients in CLIENTS}
        highest = max(each.load.rate for each in loaded.values())
        steady = _loaded(server, on, 2 * seconds, RESTING_CLIENTS, STEADY * highest).load
        memory = resident_bytes(server.process_id)
    alone = min(before, _encode_all(embedder, on), key=lambda cost: cost.wall)
    figures = {"questions a second, encoder alone": 1 / alone.wall, "processor ms, encoder alone": 1000 * alone.cpu}
    for clients, each in loaded.items():
        figures |= {
            f"questions a second, {clients} clients": each.load.rate,
            f"milliseconds, median, {clients} clients": each.load.p50 * 1000,
            f"milliseconds, 99 %, {clients} clients": each.load.p99 * 1000,
            f"processor ms a question, {clients} clients": each.processor * 1000,
        }
    return [
        Report(
            benchmark="throughput at 32 clients",
            on=on.read.name,
            value=loaded[32].load.rate * alone.wall,
            unit="× the encoder's own",
            aim="≥ 0.75",
            figures=figures,
        ),
        Report(
            benchmark=f"99 % ÷ median at {STEADY:.0%} of the highest throughput",
            on=on.read.name,
            value=steady.p99 / steady.p50,
            unit="× the median",
            aim="≤ 4",
            figures={
                "questions a second, wanted": STEADY * highest,
                "questions a second": steady.rate,
                "milliseconds, median": steady.p50 * 1000,
                "milliseconds, 99 %": steady.p99 * 1000,
                "MiB, ibid serve, after the load": memory / MIB,
            },
        ),
    ]


def _loaded(server: Server, on: Subject, seconds: int, clients: int, rate: float = 0) -> Loaded:
    before = processor_seconds(server.process_id)
    load = put_under_load(server.url, questions_of(on.read), on.scratch, clients=clients, seconds=seconds, rate=rate)
    return Loaded(load, (processor_seconds(server.process_id) - before) / load.requests)


def _embedder(on: Subject) -> Embedder:
    with closing(Collection.open(on.home)) as collection:
        return open_embedder(collection.embedder, Home(on.home).models, threads=physical_cores())


def _encode_all(embedder: Embedder, on: Subject) -> Cost:
    """The cost of a question when a thousand are embedded in one call."""
    questions = list(islice(cycle(on.read.questions), 1000))
    embedder.embed(questions[:100], "query")
    cost = cost_of(lambda: embedder.embed(questions, "query"))
    return Cost(cost.wall / len(questions), cost.cpu / len(questions))


if __name__ == "__main__":
    run(__doc__, measure, rounds=6)
