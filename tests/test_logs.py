"""Log lines: gathered where an event loop logs, and lost nowhere."""

import asyncio
import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from service.telemetry import ACCESS, BUFFERED_SECONDS, BufferedStreamHandler


class Counted(io.StringIO):
    """Remembers what was written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.fixture
def stream() -> Counted:
    return Counted()


@pytest.fixture
def log(stream: Counted) -> Iterator[logging.Logger]:
    logger = logging.getLogger(ACCESS)
    level, logger.propagate = logger.level, False
    logger.setLevel(logging.INFO)
    handler = BufferedStreamHandler(stream)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    logger.setLevel(level)
    logger.propagate = True


def test_lines_of_an_event_loop_are_written_together_a_moment_later(log: logging.Logger, stream: Counted) -> None:
    async def main() -> list[str]:
        log.info("one")
        log.info("two")
        at_once = list(stream.writes)
        await asyncio.sleep(3 * BUFFERED_SECONDS)
        return at_once

    assert asyncio.run(main()) == []
    assert stream.writes == ["one\ntwo\n"]


def test_any_other_line_is_written_at_once_after_what_came_before_it(log: logging.Logger, stream: Counted) -> None:
    other = logging.getLogger("tests.logs")
    handler = next(each for each in log.handlers if isinstance(each, BufferedStreamHandler))
    other.addHandler(handler)

    async def main() -> str:
        log.info("before")
        other.warning("warning")
        written = stream.getvalue()
        log.info("after")
        await asyncio.sleep(3 * BUFFERED_SECONDS)
        return written

    assert asyncio.run(main()) == "before\nwarning\n"
    assert stream.getvalue() == "before\nwarning\nafter\n"
    other.removeHandler(handler)


def test_without_an_event_loop_each_line_is_written_at_once(log: logging.Logger, stream: Counted) -> None:
    log.info("here")
    thread = threading.Thread(target=log.info, args=("there",))
    thread.start()
    thread.join()

    assert stream.writes == ["here\n", "there\n"]


def test_a_loop_that_ended_with_lines_still_to_write_holds_up_no_later_one(log: logging.Logger, stream: Counted) -> None:
    async def end_soon() -> None:
        log.info("first loop")

    async def stay() -> None:
        log.info("second loop")
        await asyncio.sleep(3 * BUFFERED_SECONDS)

    asyncio.run(end_soon())
    asyncio.run(stay())

    assert stream.getvalue() == "first loop\nsecond loop\n"


def test_nothing_is_lost_when_a_program_ends_before_the_moment_is_over() -> None:
    program = (
        "import asyncio, logging\n"
        "from service.telemetry import log_to_stderr\n"
        "log_to_stderr('info')\n"
        "async def main(): logging.getLogger('ibid.access').info('the last words')\n"
        "asyncio.run(main())\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stderr.endswith(" INFO ibid.access the last words\n")


def test_a_line_that_cannot_be_written_stops_nobody(
    stream: Counted, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    stream.close()

    log.warning("into nothing")

    assert "I/O operation on closed file" in capsys.readouterr().err


def test_a_stream_that_breaks_before_the_moment_is_over_is_told_and_stops_nobody(
    stream: Counted, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    async def main() -> None:
        log.info("into nothing")
        stream.close()
        await asyncio.sleep(3 * BUFFERED_SECONDS)

    asyncio.run(main())

    assert "I/O operation on closed file" in capsys.readouterr().err
