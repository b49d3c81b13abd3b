"""Pools whose work is bounded in processor time and number, and ends when nobody waits for it."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from rag.errors import Overloaded
from service.errors import TookTooLong
from service.pools import TimedPool


@pytest.fixture
def pool() -> Iterator[TimedPool]:
    """Two threads, one place to wait, a fifth of a second of processor time."""
    pool = TimedPool(2, "test", seconds=0.2, waiting=1)
    yield pool
    pool.shutdown(cancel_futures=True)


def spin(ended: threading.Event | None = None) -> None:
    """Computes for ever."""
    try:
        while True:
            sum(range(100))
    finally:
        if ended:
            ended.set()


def test_work_gives_its_result_or_its_error(pool: TimedPool) -> None:
    async def both() -> int:
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0, within=60)
        return await pool.run(pow, 2, 5, within=60)

    assert asyncio.run(both()) == 32


def test_work_that_takes_too_much_processor_time_is_stopped_and_the_thread_goes_on(pool: TimedPool) -> None:
    for _ in range(3):
        with pytest.raises(TookTooLong, match="processor"):
            pool.submit(spin).result(60)

    assert pool.submit(pow, 2, 5).result(60) == 32


def test_work_that_only_waits_takes_no_processor_time(pool: TimedPool) -> None:
    assert pool.submit(time.sleep, 0.5).result(60) is None


def test_work_that_takes_too_long_is_given_up_and_stopped() -> None:
    pool, ended = TimedPool(1, "test", seconds=60), threading.Event()

    with pytest.raises(TookTooLong):
        asyncio.run(pool.run(spin, ended, within=0.1))

    assert ended.wait(60)
    pool.shutdown()


def test_work_that_nobody_awaits_any_more_is_stopped() -> None:
    pool, ended = TimedPool(1, "test", seconds=60), threading.Event()

    async def go_away() -> None:
        work = asyncio.ensure_future(pool.run(spin, ended, within=60))
        await asyncio.sleep(0.1)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(go_away())

    assert ended.wait(60)
    pool.shutdown()


def test_more_work_than_may_wait_is_refused_at_once(pool: TimedPool) -> None:
    go_on = threading.Event()

    async def many() -> list[object]:
        waiting = [asyncio.ensure_future(pool.run(go_on.wait, 60, within=60)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await pool.run(pow, 2, 5, within=60)
        go_on.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(many()) == [True] * 3


def test_stopping_what_is_done_does_not_meet_the_next_work(pool: TimedPool) -> None:
    async def often() -> int:
        return sum([await pool.run(pow, 1, 1, within=60) for _ in range(2000)])

    assert asyncio.run(often()) == 2000
    assert {pool.submit(sum, range(1000)).result(60) for _ in range(200)} == {499500}
