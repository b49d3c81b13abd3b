"""Backends: what they give when all is well, and that whatever goes wrong is told, in time, and without a key."""

import asyncio
import logging
import pickle
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from index.secret import Secret, scrub
from prompts import Message
from rag.errors import BackendFailed, SettingInvalid
from rag.models import LanguageModel, Piece, complete
from rag.models.circuit_breaker import CircuitBreaker
from rag.models.openai_compatible import BackendSettings, OpenAICompatible, read_secret
from tests.fakes import ScriptedModel
from tests.scripted_server import Turn, scripted_server

KEY = "sk-proj-VerySecretKey0123456789"
ASKED = (Message("system", "Be brief."), Message("user", "Why?"))


def backend(base_url: str, **settings: Any) -> OpenAICompatible:
    given: dict[str, Any] = {"name": "test", "model": "m", "retries": 0, "timeout_seconds": 1.0, "connect_seconds": 1.0}
    return OpenAICompatible(BackendSettings(base_url=base_url, key=Secret(KEY), **(given | settings)))


async def written(model: LanguageModel) -> list[Piece]:
    try:
        async with aclosing(model.stream(ASKED)) as pieces:
            return [piece async for piece in pieces]
    finally:
        await model.close()


def failure(*turns: Turn, **settings: Any) -> BackendFailed:
    with scripted_server(*turns) as server, pytest.raises(BackendFailed) as failed:
        asyncio.run(written(backend(server.base_url, **settings)))
    assert KEY not in str(failed.value) + repr(failed.value) + repr(failed.value.__cause__) + repr(failed.value.__context__)
    return failed.value


def test_a_backend_gives_text_in_pieces_then_why_it_stopped_and_what_it_used() -> None:
    with scripted_server(Turn("Because the rain fell.")) as server:
        pieces = asyncio.run(written(backend(server.base_url)))

    assert "".join(piece.text for piece in pieces) == "Because the rain fell."
    assert len(pieces) > 3
    assert [piece.finish for piece in pieces if piece.finish] == ["stop"]
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.prompt_tokens == 11


def test_a_backend_sends_what_its_settings_say() -> None:
    settings: dict[str, Any] = {
        "temperature": 0.3,
        "answer_tokens": 55,
        "answer_tokens_field": "max_completion_tokens",
        "headers": (("x-team", Secret("library")),),
        "query": (("api-version", "2026-01-01"),),
        "extra_body": {"top_k": 4},
    }
    with scripted_server(Turn("ok")) as server:
        asyncio.run(written(backend(server.base_url, **settings)))

    body = server.bodies[0]
    assert (body["model"], body["stream"], body["temperature"], body["top_k"]) == ("m", True, 0.3, 4)
    assert body["max_completion_tokens"] == 55
    assert "max_tokens" not in body
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert server.headers[0]["x-team"] == "library"
    assert server.paths[0].endswith("?api-version=2026-01-01")


def test_a_temperature_of_none_is_not_sent() -> None:
    with scripted_server(Turn("ok")) as server:
        asyncio.run(written(backend(server.base_url, temperature=None, usage_in_stream=False)))

    assert not {"temperature", "stream_options"} & server.bodies[0].keys()


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (Turn(behaviour="status", status=401, message=f"Incorrect API key provided: {KEY}"), "refuses the key (status 401"),
        (Turn(behaviour="status", status=404), "does not know this address or model"),
        (Turn(behaviour="status", status=429), "rate-limited"),
        (Turn(behaviour="status", status=500), "failed (status 500"),
        (Turn(behaviour="status", status=400, message="max_tokens is not supported"), "max_tokens is not supported"),
        (Turn(behaviour="hang"), "did not answer in time"),
        (Turn("a long enough reply", behaviour="hang_midway"), "did not answer in time"),
        (Turn("a long enough reply", behaviour="drop"), ""),
        (Turn("a long enough reply", behaviour="broken_json"), "answered rubbish"),
        (Turn("a long enough reply", behaviour="odd_json"), "answered rubbish"),
        (Turn("a long enough reply", behaviour="error_midway", message=f"overloaded {KEY}"), "overloaded ***"),
        (Turn(behaviour="html"), "sent no stream"),
        (Turn("whole", behaviour="no_stream"), "sent no stream"),
    ],
)
def test_whatever_goes_wrong_is_told_in_one_error(turn: Turn, told: str) -> None:
    assert told in failure(turn, timeout_seconds=0.5).found


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(BackendFailed, match="cannot be reached"):
        asyncio.run(written(backend("http://127.0.0.1:9/v1")))


def test_a_call_takes_no_longer_than_its_total() -> None:
    started = time.monotonic()

    failed = failure(Turn("a slow but steady reply " * 9, pause=0.1), total_seconds=0.6)

    assert "in time" in failed.found
    assert time.monotonic() - started < 3


def test_a_rate_limit_is_tried_again_as_often_as_the_settings_say() -> None:
    with scripted_server(Turn(behaviour="status", status=429), Turn("at last")) as server:
        pieces = asyncio.run(written(backend(server.base_url, retries=1)))

    assert "".join(piece.text for piece in pieces) == "at last"
    assert len(server.bodies) == 2


def test_closing_the_stream_ends_the_call_to_the_server() -> None:
    async def leave_early(model: LanguageModel) -> None:
        async with aclosing(model.stream(ASKED)) as pieces:
            async for _ in pieces:
                break
        await model.close()

    with scripted_server(Turn("one two three four five six " * 50, pause=0.02)) as server:
        asyncio.run(leave_early(backend(server.base_url)))
        waited = time.monotonic() + 5
        while not server.abandoned and time.monotonic() < waited:
            time.sleep(0.02)

    assert server.abandoned == 1


def test_no_key_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    failure(Turn(behaviour="status", status=500), headers=(("x-key", Secret("header-secret-42")),), retries=1)

    assert caplog.records
    logged = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    assert KEY not in logged
    assert "header-secret-42" not in logged


def test_a_header_that_the_server_repeats_is_not_repeated_to_the_user() -> None:
    turn = Turn(behaviour="status", message="bad header-secret-42")

    assert "header-secret-42" not in failure(turn, headers=(("k", Secret("header-secret-42")),)).found


@pytest.mark.parametrize("base_url", ["localhost:11434/v1", "ftp://x/v1", "http://user:password@host/v1"])
def test_an_address_that_cannot_be_right_is_refused_without_repeating_it(base_url: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        BackendSettings(name="b", model="m", base_url=base_url)

    assert "password" not in str(refused.value).replace("holds a password", "")


def test_an_answer_longer_than_the_context_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="answer_tokens"):
        BackendSettings(name="b", model="m", answer_tokens=9000)


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(KEY)

    assert KEY not in f"{secret} {secret!r} {[secret]} {BackendSettings(name='b', model='m', key=secret)}"
    assert secret.reveal() == KEY
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    "text",
    [
        f"wrong key {KEY}",
        "Bearer abcdefgh12345",
        "http://me:pass@host/",
        "GET /v1?key=abcd1234&x=1",
        "key sk-ant-api03-xyzxyzxyz",
    ],
)
def test_what_looks_like_a_key_is_scrubbed(text: str) -> None:
    shown = scrub(text, [Secret(KEY)])

    assert "***" in shown
    assert not any(part in shown for part in (KEY, "abcdefgh12345", "pass@", "abcd1234", "xyzxyzxyz"))


def test_a_key_is_read_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")

    assert read_secret("MY_KEY", environment={"MY_KEY": "from-a-variable"}).reveal() == "from-a-variable"
    assert read_secret(file=tmp_path / "key").reveal() == "from-a-file"
    assert not read_secret()


def test_a_key_that_is_named_and_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="MY_KEY"):
        read_secret("MY_KEY", environment={})
    with pytest.raises(SettingInvalid, match="key file"):
        read_secret(file=tmp_path / "none")


def test_after_three_failures_a_backend_is_left_alone_and_then_tried_once() -> None:
    now = [0.0]
    broken = ScriptedModel("text", fails_after=0)
    guarded = CircuitBreaker(broken, failures=3, rest_seconds=30, clock=lambda: now[0])

    async def ask() -> str:
        return await complete(guarded, ASKED)

    async def scenario() -> list[str]:
        told = []
        for at in (0, 1, 2, 3, 4, 33, 34):
            now[0] = at
            try:
                told.append(await ask())
            except BackendFailed as error:
                told.append("left alone" if "left alone" in error.found else "failed")
        return told

    told = asyncio.run(scenario())

    assert told == ["failed", "failed", "failed", "left alone", "left alone", "failed", "left alone"]
    assert len(broken.asked) == 4


def test_a_backend_that_recovers_is_used_again() -> None:
    now = [0.0]
    model = ScriptedModel("text", fails_after=0)
    guarded = CircuitBreaker(model, failures=1, rest_seconds=10, clock=lambda: now[0])

    async def scenario() -> str:
        with pytest.raises(BackendFailed):
            await complete(guarded, ASKED)
        model._fails_after = None
        now[0] = 11
        return await complete(guarded, ASKED) + await complete(guarded, ASKED)

    assert asyncio.run(scenario()) == "texttext"


def test_no_more_calls_at_once_than_places_and_the_rest_wait_or_fail() -> None:
    async def scenario() -> tuple[str, str]:
        guarded = CircuitBreaker(ScriptedModel("text"), places=1, wait_seconds=0.05)
        first = guarded.stream(ASKED)
        await anext(first)
        with pytest.raises(BackendFailed, match="busy"):
            await complete(guarded, ASKED)
        rest = "".join([piece.text async for piece in first])
        return rest, await complete(guarded, ASKED)

    rest, second = asyncio.run(scenario())

    assert second == "text"
    assert rest == ""  # the first piece was all of its text
