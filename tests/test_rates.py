"""A token bucket a client, the same for every process that opens the same file."""

import os
from pathlib import Path

import pytest

from service.rates import SLOTS, Buckets


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_and_then_one_at_a_time() -> None:
    clock = Clock()
    buckets = Buckets(None, 6, clock)

    assert [buckets.take("a") for _ in range(6)] == [0.0] * 6
    assert buckets.take("a") == pytest.approx(10.0)
    clock.now += 10
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0.0


def test_waiting_fills_a_bucket_and_no_more(tmp_path: Path) -> None:
    clock = Clock()
    buckets = Buckets(tmp_path / "rates", 3, clock)
    for _ in range(3):
        buckets.take("a")
    clock.now += 3600

    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_two_processes_share_the_buckets(tmp_path: Path) -> None:
    file = tmp_path / "rates"
    mine = Buckets(file, 4)
    if not (child := os.fork()):
        theirs = Buckets(file, 4)
        os._exit(sum(theirs.take("a") == 0.0 for _ in range(3)))
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 3
    assert [mine.take("a") == 0.0 for _ in range(2)] == [True, False]
    assert file.stat().st_mode & 0o777 == 0o600


def test_more_clients_than_there_is_room_for_are_each_counted(tmp_path: Path) -> None:
    clock = Clock()
    buckets = Buckets(tmp_path / "rates", 2, clock)
    for number in range(2 * SLOTS):
        assert buckets.take(f"client {number}") == 0.0

    assert [buckets.take("the last") == 0.0 for _ in range(3)] == [True, True, False]
