"""Whether the time in which a key is refused tells anything of it: `python -m benchmarks.key_timing`.

Five kinds of wrong keys, in random order, each timed by itself; Welch's t for each pair of kinds, over times without
their slowest tenth (interrupts). As in dudect (Reparaz, Balasch and Verbauwhede 2017), |t| below 4.5 gives no reason to
think that they differ.
"""

import argparse
import gc
import itertools
import math
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from service.keys import KeyFile

LIMIT = 4.5
KEPT = 0.9


def main() -> None:
    """Prints the median of each kind, and t of each pair; the exit code is 1 where one is beyond the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20_000, help="wrong keys of each kind")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        times = timed(KeyFile(Path(folder) / "keys.json", refresh_seconds=3600.0), rounds)
    worst = 0.0
    for name, values in times.items():
        print(f"{name:<28} {statistics.median(values) / 1000:8.3f} µs")
    for (one, first), (other, second) in itertools.combinations(times.items(), 2):
        t = welch(trimmed(first), trimmed(second))
        worst = max(worst, abs(t))
        print(f"t = {t:6.2f}  {one} · {other}")
    print(f"largest |t| {worst:.2f}, {'a difference' if worst > LIMIT else 'no difference'} (limit {LIMIT}, {rounds} a kind)")
    raise SystemExit(worst > LIMIT)


def timed(keys: KeyFile, rounds: int) -> dict[str, list[int]]:
    """Nanoseconds by kind; all texts are as long as a key."""
    chance = random.Random(3)  # noqa: S311 — only the order; the keys have secrets of their own
    good = [keys.create("valid")[1]]
    revoked = [keys.create("revoked")]
    for key, _ in revoked:
        keys.revoke(key.id)
    kinds: dict[str, Callable[[], str]] = {
        "unknown id": lambda: f"ibid_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}",
        "known id, wrong secret": lambda: f"ibid_{chance.choice(good).split('_')[1]}_{secrets.token_urlsafe(32)}",
        "right but for its last sign": lambda: (token := chance.choice(good))[:-1] + ("A" if token[-1] != "A" else "B"),
        "right but for its first sign": lambda: _other_first(chance.choice(good)),
        "revoked": lambda: "".join(chance.choice(revoked)[1]),
    }
    times: dict[str, list[int]] = {name: [] for name in kinds}
    keys.find("")
    # Made before any is timed, each a new text, and two warm-ups before each: what was done before must not tell kinds apart.
    wrong = [(name, make().encode().decode()) for name, make in kinds.items() for _ in range(rounds)]
    chance.shuffle(wrong)
    warm = [kinds["unknown id"](), good[0]]
    gc.disable()
    for name, token in wrong:
        for each in warm:
            keys.find(each)
        began = time.perf_counter_ns()
        found = keys.find(token)
        times[name].append(time.perf_counter_ns() - began)
        assert found is None
    return times


def _other_first(token: str) -> str:
    begins, key_id, secret = token.split("_", 2)
    return f"{begins}_{key_id}_{'A' if secret[0] != 'A' else 'B'}{secret[1:]}"


def trimmed(values: list[int]) -> list[int]:
    """The values without the slowest tenth."""
    return sorted(values)[: int(len(values) * KEPT)]


def welch(first: list[int], second: list[int]) -> float:
    """Welch's t statistic."""
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return (statistics.fmean(first) - statistics.fmean(second)) / math.sqrt(spread)


if __name__ == "__main__":
    main()
