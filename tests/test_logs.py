"""Log lines: gathered where an event loop logs, and lost nowhere."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import SettingInvalid
from service.settings import read_settings
from service.telemetry import ACCESS, BUFFERED_SECONDS, REQUEST_ID, BufferedStreamHandler, Event, JsonFormatter, TextFormatter
from tests.shelf import index_text, served


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
    handler = handler_of(log)
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


@pytest.fixture
def as_json(log: logging.Logger, stream: Counted) -> Counted:
    """What is logged, as JSON."""
    handler_of(log).setFormatter(JsonFormatter())
    return stream


@pytest.fixture
def in_a_request() -> Iterator[str]:
    token = REQUEST_ID.set("from-the-proxy-1")
    yield "from-the-proxy-1"
    REQUEST_ID.reset(token)


def handler_of(log: logging.Logger) -> BufferedStreamHandler:
    """Ours, beside pytest's."""
    return next(each for each in log.handlers if isinstance(each, BufferedStreamHandler))


def told(stream: Counted) -> list[dict[str, object]]:
    """Every line, read back."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_of_json_tells_time_level_logger_and_message(log: logging.Logger, as_json: Counted) -> None:
    log.warning("the %s of %s", "keeper", "the light")

    (line,) = told(as_json)
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {"level": "warning", "logger": ACCESS, "message": "the keeper of the light"}


def test_what_is_logged_for_a_request_bears_its_id(log: logging.Logger, as_json: Counted, in_a_request: str) -> None:
    log.info("while it is answered")

    assert told(as_json)[0]["id"] == in_a_request


def test_named_values_are_members_of_their_own_and_cannot_take_the_place_of_others(log: logging.Logger, as_json: Counted) -> None:
    log.info(Event("request", {"path": "/v1/ask", "status": 200, "ms": 1.5, "level": "forged", "message": "forged"}))

    (line,) = told(as_json)
    assert (line["message"], line["path"], line["status"], line["ms"], line["level"]) == ("forged", "/v1/ask", 200, 1.5, "info")


@pytest.mark.parametrize("hostile", ["a\nb", "a\r\nb", "\x1b[2J", "\u2028", "\u202e", '"}', "\udcff"])
def test_no_text_ends_a_line_of_json_or_steers_a_terminal(hostile: str, log: logging.Logger, as_json: Counted) -> None:
    # Straight to the handler: half a character cannot be part of the report of a test, to which loggers' records are added.
    handler_of(log).handle(log.makeRecord(log.name, logging.INFO, __file__, 1, "said %s", (hostile,), None))

    assert as_json.getvalue().count("\n") == 1
    assert as_json.getvalue().rstrip("\n").isascii()
    assert as_json.getvalue().rstrip("\n").isprintable()
    assert told(as_json)[0]["message"] == f"said {hostile}"


def test_a_traceback_is_one_member(log: logging.Logger, as_json: Counted) -> None:
    try:
        raise ValueError("nobody foresaw it")
    except ValueError:
        log.exception("unexpected error")

    (line,) = told(as_json)
    assert str(line["exception"]).endswith("ValueError: nobody foresaw it")


def test_as_text_an_error_bears_the_id_of_its_request_and_a_request_has_it_once(
    log: logging.Logger, stream: Counted, in_a_request: str
) -> None:
    handler_of(log).setFormatter(TextFormatter())

    log.error("unexpected error")
    log.info(Event("request", {"path": "/a b", "id": in_a_request}))

    first, second = stream.getvalue().splitlines()
    assert first.endswith(f"ERROR {ACCESS} unexpected error id={in_a_request}")
    assert second.endswith(f"INFO {ACCESS} path='/a b' id={in_a_request}")


def test_each_request_is_logged_under_the_id_that_its_answer_bears(tmp_path: Path, log: logging.Logger, as_json: Counted) -> None:
    index_text(tmp_path)
    with served(tmp_path) as client:
        given = client.get("/healthz", headers={"x-request-id": "from-the-proxy-1"})
        made = client.get("/healthz", headers={"x-request-id": "no id at all"})
    handler_of(log).flush()

    lines = [line for line in told(as_json) if line.get("path") == "/healthz"]
    ids = [given.headers["x-request-id"], made.headers["x-request-id"]]
    assert ids[0] == "from-the-proxy-1"
    assert ids[1] not in ("", "no id at all")
    assert [line["id"] for line in lines] == ids
    assert [(line["message"], line["method"], line["status"]) for line in lines] == [("request", "GET", 200)] * 2


def test_a_service_told_to_writes_every_line_as_json() -> None:
    program = (
        "import logging\n"
        "from service.telemetry import log_to_stderr\n"
        "log_to_stderr('info', 'json')\n"
        "logging.getLogger('uvicorn.error').info('up')\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(ended.stderr)["message"] == "up"


def test_another_format_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="IBID_LOG_FORMAT is 'xml'"):
        read_settings({"IBID_LOG_FORMAT": "xml"}, home=Path("nowhere"))
