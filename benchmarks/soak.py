"""Keeps a server under load for a while and indexes anew again and again: what fails, what gets slow, what grows.

    python -m benchmarks.soak --minutes 60 --load 0.8 --every 60

In each round the capacity of the server is measured, then its answers at that share of it while nothing else happens (a tenth
of the time), then the same while `ibid index` writes a newer generation every so many seconds. It fails where any answer fails,
where p99 is more than four times the quiet one (in the median of the rounds), or where memory grows from the middle to the end
by more than a tenth.
"""

import argparse
import asyncio
import collections
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import msgspec

from benchmarks.homes import IBID, Server, Subject, add_subject, serving, subject
from benchmarks.measure import resident_bytes

SLOWEST = 4.0
GROWTH = 1.1
SETTLING = 4
"""Generations that come before memory is looked at."""


class Spell(msgspec.Struct):
    """What clients saw for a while: seconds of each answer, and what came of them."""

    seconds: list[float] = msgspec.field(default_factory=list)
    outcomes: collections.Counter[str] = msgspec.field(default_factory=collections.Counter)

    def told(self) -> dict[str, object]:
        """The figures of this spell."""
        cuts = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        return {
            "answers": len(self.seconds),
            "p50_ms": round(1000 * cuts[49], 1),
            "p99_ms": round(1000 * cuts[98], 1),
            "max_ms": round(1000 * max(self.seconds, default=0.0), 1),
            "outcomes": dict(self.outcomes),
        }

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 answers came, in seconds."""
        return statistics.quantiles(self.seconds, n=100)[98]

    @property
    def failed(self) -> int:
        """Answers that were no 200."""
        return sum(times for outcome, times in self.outcomes.items() if outcome != "200")


class Round(msgspec.Struct):
    """One round: questions a second, and what clients saw at full load, in the quiet spell and in the busy one."""

    rate: float
    warm: Spell
    quiet: Spell
    busy: Spell

    def told(self) -> dict[str, object]:
        """The figures of this round."""
        return {"rate": round(self.rate, 1), "full": self.warm.told(), "quiet": self.quiet.told(), "busy": self.busy.told()}


async def ask_for(url: str, questions: Iterator[str], clients: int, seconds: float, rate: float = 0.0) -> Spell:
    """Asks from many clients at once for a while, as fast as they are answered or at a rate of questions a second in all."""
    spell, until = Spell(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        due = time.monotonic() + (number / rate if rate else 0.0)
        while time.monotonic() < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            started = time.monotonic()
            try:
                outcome = str((await client.post("/v1/ask", json={"question": next(questions)})).status_code)
            except httpx.HTTPError as error:
                outcome = type(error).__name__
            spell.seconds.append(time.monotonic() - started)
            spell.outcomes[outcome] += 1
            # One that is late asks at once: people do not wait for each other.
            due = max(due + clients / rate, started - 1.0) if rate else 0.0

    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        await asyncio.gather(*(ask(client, number) for number in range(clients)))
    return spell


async def index_anew(on: Subject, every: float, seconds: float, process: int, held: list[int]) -> None:
    """Changes one file and indexes again every so often; notes what the server holds afterwards."""
    until = time.monotonic() + seconds
    while (began := time.monotonic()) + every <= until:
        number = len(held)
        note = on.scratch / "note.txt"
        note.write_text(f"Note {number}\n\nThe clerk wrote down {number} things today.\n\nClerk, A. Notes. 1990, p. {number}\n")
        command = [IBID, "index", note, "--home", on.home]
        done = await asyncio.create_subprocess_exec(*map(str, command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, told = await done.communicate()
        if done.returncode:
            raise SystemExit(f"ibid index failed: {told.decode()}")
        await asyncio.sleep(max(0.0, began + every - time.monotonic()))
        held.append(resident_bytes(process))


async def one_round(server: Server, on: Subject, told: argparse.Namespace, held: list[int]) -> Round:
    """Measures capacity, then a quiet spell and a busy one at a share of it."""
    questions, whole = itertools.cycle(on.read.questions), 60 * told.minutes / told.rounds
    warming = min(10.0, whole / 10)
    warm = await ask_for(server.url, questions, told.clients, warming)
    rate = told.load * len(warm.seconds) / warming
    quiet = await ask_for(server.url, questions, told.clients, whole / 10, rate)
    held.append(resident_bytes(server.process_id))
    busy, _ = await asyncio.gather(
        ask_for(server.url, questions, told.clients, whole, rate), index_anew(on, told.every, whole, server.process_id, held)
    )
    done = Round(rate, warm, quiet, busy)
    print(json.dumps(done.told() | {"resident_mb": held[-1] >> 20}), flush=True)
    return done


async def soak(server: Server, on: Subject, told: argparse.Namespace) -> dict[str, object]:
    """All rounds, each at a share of what the server can take then: a machine with other work cannot always take the same."""
    held: list[int] = []
    rounds = [await one_round(server, on, told, held) for _ in range(told.rounds)]
    later = held[min(SETTLING, len(held) // 2) :]
    return {
        "answers": sum(len(each.seconds) for every in rounds for each in (every.warm, every.quiet, every.busy)),
        "failed": sum(each.failed for every in rounds for each in (every.warm, every.quiet, every.busy)),
        "generations": len(held) - told.rounds,
        "resident_mb": [round(each / 2**20) for each in held],
        "slower": round(statistics.median(each.busy.p99 / each.quiet.p99 for each in rounds), 2),
        "grown": round(max(later[len(later) // 2 :]) / max(later[: len(later) // 2 + 1]), 3),
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="in how many parts, capacity measured anew (default: %(default)s)")
    parser.add_argument("--load", type=float, default=0.8, help="share of the capacity that is asked for (default: %(default)s)")
    parser.add_argument("--every", type=float, default=60.0, help="seconds from one index to the next (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=16, help="clients at once (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (default: %(default)s)")
    add_subject(parser)
    told = parser.parse_args()
    os.environ["IBID_REFRESH_SECONDS"] = "1"
    with subject(told) as on, serving(on.home, "--workers", str(told.workers)) as server:
        figures = asyncio.run(soak(server, on, told))
    print(json.dumps(figures, indent=2))
    sys.exit(bool(figures["failed"]) or float(str(figures["slower"])) > SLOWEST or float(str(figures["grown"])) > GROWTH)


if __name__ == "__main__":
    main()
