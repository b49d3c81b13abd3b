"""Memory of a server that has answered questions, one after another and by 32 clients at once.

Pages of mapped files that the system could take back count too. Beside it, the peak of a bare process that has encoded one
question.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.bare import SCRIPT
from benchmarks.homes import Subject, serving
from benchmarks.measure import Report, resident_bytes, run_program
from benchmarks.program import run
from index.embedders.model_config import find_model

CLIENTS = 32


def measure(on: Subject, rounds: int) -> Iterator[Report]:
    """Asks a server ``rounds`` questions one after another, and as many from each of 32 clients, and looks at what it holds."""
    questions = on.read.questions
    bare = run_program([sys.executable, "-c", SCRIPT, find_model().folder, questions[0]]).peak
    with serving(on.home) as server, httpx.Client(base_url=server.url) as client:

        def ask(number: int) -> None:
            question = questions[number % len(questions)]
            client.post("/v1/ask", json={"question": question}, timeout=60).raise_for_status()

        held = {"when ready": resident_bytes(server.process_id)}
        for number in range(rounds):
            ask(number)
        held[f"after {rounds} questions"] = resident_bytes(server.process_id)
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(ask, range(CLIENTS * rounds)))
        most = held[f"after {CLIENTS * rounds} by {CLIENTS} clients"] = resident_bytes(server.process_id)
    on_disk = sum(file.stat().st_size for file in on.home.rglob("*") if file.is_file())
    yield Report(
        benchmark="memory of a server",
        on=on.read.name,
        value=most / 1e6,
        unit="MB",
        aim="≤ 300",
        figures={f"MB, {when}": each / 1e6 for when, each in held.items()}
        | {"MB, bare encode, peak": bare / 1e6, "MB on disk, index and exported model": on_disk / 1e6},
    )


if __name__ == "__main__":
    run(__doc__, measure, rounds=100)
