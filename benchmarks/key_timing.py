"""Whether wrong keys are let in, and whether the time of a refusal tells anything of a key: `python -m benchmarks.key_timing`.

Wrong keys of several kinds, one of each in every round, in random order; of each refusal the processor time of its thread counts.
Friedman's test ranks the kinds within each round, so neither what else the machine does (it falls on all kinds of a round) nor
single slow refusals (a rank is a rank) matter. A difference has p below 10⁻⁵, about the |t| of 4.5 that dudect takes (Reparaz,
Balasch and Verbauwhede 2017). Look-ups are tested with keys whose id is known: only these could tell a secret. The same test on a
look-up that compares sign by sign shows what would be found. Whole requests are tested with wrong keys of every kind.
"""

import argparse
import asyncio
import gc
import random
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar.types import Message

from service.app import create_app
from service.keys import Key, KeyFile
from service.settings import Settings
from service.wiring import assemble

LIMIT = 1e-5
OF_KNOWN_ID = ("known id, wrong secret", "right but for its first sign", "right but for its last sign")
Find = Callable[[str], Key | None]


def main() -> None:
    """Prints what was found; the exit code is 1 where somebody was let in, or a difference was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20_000, help="look-ups of each kind (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=10_000, help="whole requests in all (default: %(default)s)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyFile(Path(folder) / "keys.json", refresh_seconds=3600.0)
        kinds, good = wrong_keys(keys)
        of_known = {name: make for name, make in kinds.items() if name in OF_KNOWN_ID}
        found = differ("look-ups", lookups(keys.find, of_known, good, options.rounds))
        assert differ("look-ups sign by sign, to compare", lookups(_sign_by_sign(good), of_known, good, options.rounds))
        times, statuses = asyncio.run(requests(Path(folder), kinds, options.requests))
    let_in = statuses.total() - statuses[401]
    print(f"{statuses.total():,} requests: {let_in} let in")
    found |= differ("requests", times)
    raise SystemExit(bool(let_in) or found)


def wrong_keys(keys: KeyFile) -> tuple[dict[str, Callable[[], str]], str]:
    """Makes keys; gives what makes wrong ones of each kind, all as long as a key, and a good one."""
    good = keys.create("good")[1]
    revoked, revoked_token = keys.create("revoked")
    expired, expired_token = keys.create("expired", days=1)
    keys.revoke(revoked.id)
    _expire(keys, expired)
    return {
        "unknown id (another service's)": lambda: f"ibid_{secrets.token_hex(5)}_{secrets.token_urlsafe(32)}",
        "known id, wrong secret": lambda: f"ibid_{good.split('_')[1]}_{secrets.token_urlsafe(32)}",
        "right but for its last sign": lambda: good[:-1] + ("A" if good[-1] != "A" else "B"),
        "right but for its first sign": lambda: _other_first(good),
        "expired": lambda: expired_token,
        "revoked": lambda: revoked_token,
    }, good


def _expire(keys: KeyFile, key: Key) -> None:
    """Lets a key have ended a year ago, which no command does."""
    told = msgspec.json.decode(keys.path.read_bytes())
    for each in told["keys"]:
        if each["id"] == key.id:
            each["expires"] = f"{int(each['expires'][:4]) - 1}{each['expires'][4:]}"
    keys.path.write_bytes(msgspec.json.encode(told))
    keys._looked = float("-inf")  # noqa: SLF001 — looked at again


def _other_first(token: str) -> str:
    begins, key_id, secret = token.split("_", 2)
    return f"{begins}_{key_id}_{'A' if secret[0] != 'A' else 'B'}{secret[1:]}"


def _sign_by_sign(good: str) -> Find:
    """A look-up that stops at the first sign that is wrong."""

    def find(token: str) -> Key | None:
        for one, other in zip(token, good, strict=True):
            if one != other:
                return None
        return None

    return find


def shuffled(kinds: Mapping[str, Callable[[], str]], rounds: int) -> Iterator[tuple[str, str]]:
    """Wrong keys, one of each kind in every round, in random order; made in that order too: places in memory tell nothing."""
    names = list(kinds)
    for _ in range(rounds):
        random.shuffle(names)
        yield from [(name, kinds[name]()) for name in names]


def lookups(find: Find, kinds: Mapping[str, Callable[[], str]], good: str, rounds: int) -> dict[str, list[int]]:
    """Nanoseconds of looking each up, by kind, in the order of the rounds."""
    times: dict[str, list[int]] = {name: [] for name in kinds}
    warm = [next(iter(kinds.values()))(), good]
    gc.disable()
    for name, token in list(shuffled(kinds, rounds)):
        # What was done just before must not tell kinds apart: neither the keys looked up, nor where a text lies in memory.
        for each in warm:
            find(each)
        fresh = token.encode().decode()
        began = time.thread_time_ns()
        found = find(fresh)
        taken = time.thread_time_ns() - began
        times[name].append(taken)  # not in one line: the list would be looked up within the time
        assert found is None
    gc.enable()
    return times


async def requests(home: Path, kinds: Mapping[str, Callable[[], str]], count: int) -> tuple[dict[str, list[int]], Counter[int]]:
    """Nanoseconds of each whole request with a wrong key, by kind, and all statuses; one of seven requests brings no key."""
    settings = Settings(home=home, require_key=True, refresh_seconds=3600.0, mcp=False, hosts=("testserver",))
    app = create_app(settings, assemble(settings))
    times: dict[str, list[int]] = {name: [] for name in kinds}
    statuses: Counter[int] = Counter()
    rounds = count // (len(kinds) + 1)
    gc.disable()
    for name, token in list(shuffled({**kinds, "": str}, rounds)):
        began = time.thread_time_ns()
        statuses[await _status(app, token)] += 1
        taken = time.thread_time_ns() - began
        if name:
            times[name].append(taken)
    gc.enable()
    return times, statuses


async def _status(app: Any, token: str) -> int:
    """What a request for excerpts is answered with."""
    status = 0

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]

    headers = [(b"host", b"testserver"), *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "GET",
        "root_path": "",
    }
    place = {"server": ("testserver", 80), "client": ("127.0.0.1", 1), "path": "/v1/works", "raw_path": b"/v1/works"}
    await app({**scope, **place, "query_string": b"", "headers": headers, "state": {}}, receive, send)
    return status


def differ(what: str, times: Mapping[str, Sequence[int]]) -> bool:
    """Prints the median of each kind and what Friedman's test says; whether it says that the kinds differ."""
    from scipy.stats import friedmanchisquare

    print(f"{what}, {len(next(iter(times.values()))):,} of each kind")
    for name, values in times.items():
        print(f"    {name:<34}{statistics.median(values) / 1000:10.3f} µs")
    p = float(friedmanchisquare(*times.values()).pvalue)
    print(f"    p = {p:.2g}: {'they differ' if p < LIMIT else 'no difference'}")
    return p < LIMIT


if __name__ == "__main__":
    main()
