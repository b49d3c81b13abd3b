"""Questions a second over HTTP, beside the encoder's own best: questions embedded in one large call on the same cores.

The load generator runs on the same machine and its cost is included. The answer cache is off.
"""

import json
from pathlib import Path

from benchmarks.corpora import Corpus
from benchmarks.homes import add_subject, serving, subject
from benchmarks.load import Load, Request, put_under_load
from benchmarks.measure import MIB, Report, arguments, cost_of, processor_seconds, resident_bytes, show
from index.collection import Collection
from index.embedders import Embedder
from index.embedders.registry import open_embedder
from index.home import Home
from index.threads import physical_cores

AIM = round(1 / 0.75, 2)
CLIENTS = (1, 16, 32)
STEADY = 0.8
"""The share of the highest throughput at which answers should still come evenly."""


def main() -> None:
    """Measures and prints one report."""
    parser = arguments(__doc__, rounds=6)
    add_subject(parser)
    options = parser.parse_args()
    with subject(options) as on:
        show(measure(on.read, on.home, on.scratch, options.rounds), as_json=options.json)


def measure(read: Corpus, home: Path, scratch: Path, seconds: int) -> Report:
    """Loads a server for ``seconds`` a figure; the encoder is timed before and after, and its better time counts."""
    requests = [Request("POST", "/v1/ask", json.dumps({"question": question, "limit": 5})) for question in read.questions]
    embedder = _embedder(home)
    best = _encode_all(embedder, read)
    loads: dict[int, Load] = {}
    spent: dict[int, float] = {}
    with serving(home) as server:
        for clients in CLIENTS:
            before = processor_seconds(server.process_id)
            loads[clients] = put_under_load(server.url, requests, scratch, clients=clients, seconds=seconds)
            spent[clients] = (processor_seconds(server.process_id) - before) / loads[clients].requests
        highest = max(load.rate for load in loads.values())
        steady = put_under_load(server.url, requests, scratch, clients=64, seconds=seconds, rate=STEADY * highest)
        memory = resident_bytes(server.process_id)
    best = min(best, _encode_all(embedder, read))
    figures = {"questions a second, encoder alone": 1 / best}
    for clients, load in loads.items():
        figures[f"questions a second, {clients} clients"] = load.rate
        figures[f"milliseconds, median, {clients} clients"] = load.p50 * 1000
        figures[f"milliseconds, 99 %, {clients} clients"] = load.p99 * 1000
        figures[f"processor ms a question, {clients} clients"] = spent[clients] * 1000
    figures["questions a second, steady load"] = steady.rate
    figures["99 % ÷ median, steady load"] = steady.p99 / steady.p50
    figures["MiB, ibid serve, after the load"] = memory / MIB
    return Report(benchmark="throughput", on=read.name, ratio=1 / loads[32].rate / best, aim=AIM, figures=figures)


def _embedder(home: Path) -> Embedder:
    collection = Collection.open(home)
    card = collection.embedder
    collection.close()
    return open_embedder(card, Home(home).models, threads=physical_cores())


def _encode_all(embedder: Embedder, read: Corpus) -> float:
    """Seconds a question when all are embedded together, most of a thousand at once."""
    questions = (read.questions * (1000 // len(read.questions) + 1))[:1000]
    embedder.embed(questions[:100], "query")
    return cost_of(lambda: embedder.embed(questions, "query")).wall / len(questions)


if __name__ == "__main__":
    main()
