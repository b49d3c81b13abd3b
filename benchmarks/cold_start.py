"""From the start of a process to its first answer: `ibid ask`, `ibid serve`, and a bare program that encodes one question."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.bare import SCRIPT
from benchmarks.homes import COMPILED, IBID, Subject, launched
from benchmarks.measure import Cost, Report, cpus, median, processor_seconds, run_program, walls
from benchmarks.program import run
from index.embedders.model_config import find_model

AIM = "≤ 1.5"
COMMANDS = ("ibid ask", "ibid serve")


def measure(on: Subject, rounds: int) -> list[Report]:
    """Starts all programs in turn; the first round, in which files come from disk, does not count."""
    question = on.read.questions[0]
    sides: dict[str, Callable[[], Cost]] = {
        "ibid ask": lambda: asked(on.home, question),
        "ibid serve": lambda: served(on.home, question),
        "ibid --help": lambda: run_program([IBID, "--help"], COMPILED).cost,
        "bare encode": lambda: run_program([sys.executable, "-c", SCRIPT, find_model().folder, question]).cost,
    }
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, start in sides.items():
            costs[name].append(start())
    seconds = {name: median(walls(each[1:])) for name, each in costs.items()}
    processor = {name: median(cpus(each[1:])) for name, each in costs.items()}
    return [
        Report(
            benchmark=f"{name}, start to first answer",
            on=on.read.name,
            value=seconds[name],
            unit="s",
            aim=AIM,
            figures={
                "× bare encode": seconds[name] / seconds["bare encode"],
                **{f"processor seconds, {side}": processor[side] for side in (name, "bare encode")},
                **{f"seconds, {side}": seconds[side] for side in ("bare encode", "ibid --help")},
            },
        )
        for name in COMMANDS
    ]


def asked(home: Path, question: str) -> Cost:
    """`ibid ask`, from its start to its end."""
    return run_program([IBID, "ask", "--json", "--home", home, question], COMPILED).cost


def served(home: Path, question: str) -> Cost:
    """`ibid serve`, from its start to its answer to a client that asks as soon as the address is told."""
    with httpx.Client(timeout=60) as client:
        started = time.perf_counter()
        with launched(home) as server:
            client.post(f"{server.url}/v1/ask", json={"question": question}).raise_for_status()
            return Cost(time.perf_counter() - started, processor_seconds(server.process_id))


if __name__ == "__main__":
    run(__doc__, measure, rounds=5)
