"""Clocks and scales that the benchmarks share: wall and CPU time, memory, percentiles, and one way to report.

A figure of its own says little on a busy machine, so every benchmark times a bare library beside us, in turn, in the same run.
"""

import argparse
import math
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

MIB = 1024 * 1024


class Cost(msgspec.Struct, frozen=True):
    """What one run took: seconds by the clock, and seconds of processor summed over threads (and, of a program, children)."""

    wall: float
    cpu: float


class Program(msgspec.Struct, frozen=True):
    """A program that has ended well: what it cost, its peak memory in bytes and its standard output."""

    cost: Cost
    peak: int
    output: str


class Report(msgspec.Struct, frozen=True):
    """One figure, in ``unit``, with what we aim at, such as "≤ 0.6"; ``figures`` are what it was taken from."""

    benchmark: str
    on: str
    value: float
    figures: dict[str, float]
    unit: str = "× the bare library"
    aim: str = ""


def cost_of(run: Callable[[], object]) -> Cost:
    """The cost of one call in this process, all its threads included."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def in_turn(sides: Mapping[str, Callable[[], object]], rounds: int, *, warm: int = 1, at_once: int = 1) -> dict[str, list[Cost]]:
    """Runs all sides in turn, so that what else the machine does falls on each.

    Args:
        sides: what is run, by name.
        rounds: how often each has its turn.
        warm: rounds before, which do not count.
        at_once: how often a side is run when it is its turn.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for _ in range(warm + rounds):
        for name, run in sides.items():
            costs[name] += [cost_of(run) for _ in range(at_once)]
    return {name: each[warm * at_once :] for name, each in costs.items()}


def run_program(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> Program:
    """Runs a program to its end, timed from before it is started. Raises CalledProcessError when it fails."""
    wall = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - wall
    # wait4 has collected the process; Popen must not wait for it again.
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    kib = 1 if platform.system() == "Darwin" else 1024
    return Program(Cost(wall, usage.ru_utime + usage.ru_stime), usage.ru_maxrss * kib, output)


def resident_bytes(process_id: int) -> int:
    """Memory that a running process and its descendants hold now; pages they share count once for each (Linux only)."""
    own = _status_field(process_id, "VmRSS")
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return own + sum(resident_bytes(int(child)) for child in children)


def processor_seconds(process_id: int) -> float:
    """Seconds of processor that a running process and its descendants have used so far (Linux only)."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return own + sum(processor_seconds(int(child)) for child in children)


def median(values: Sequence[float]) -> float:
    """The median; of an even number of values, the mean of the two in the middle."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def walls(costs: Sequence[Cost]) -> list[float]:
    """Seconds by the clock of each run."""
    return [cost.wall for cost in costs]


def cpus(costs: Sequence[Cost]) -> list[float]:
    """Seconds of processor of each run."""
    return [cost.cpu for cost in costs]


def arguments(description: str, *, rounds: int) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="runs that count, of each side (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of a table")
    return parser


def show(report: Report, *, as_json: bool) -> None:
    """Prints a report, for programs or for people."""
    if as_json:
        print(msgspec.json.encode({**msgspec.to_builtins(report), "machine": machine()}).decode())
        return
    aim = f" (aim: {report.aim})" if report.aim else ""
    print(f"{report.benchmark} on {report.on}: {report.value:.3g} {report.unit}{aim}")
    for name, value in report.figures.items():
        print(f"    {name:<44}{value:>12.4g}")


def machine() -> dict[str, str | int]:
    """What the figures were taken on."""
    return {"python": platform.python_version(), "system": platform.platform(), "cores": len(os.sched_getaffinity(0))}


def _status_field(process_id: int, name: str) -> int:
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0
