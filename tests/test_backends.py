"""Language models in the settings: what a table may say, where keys come from, and that no key ever shows."""

import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from rag.errors import SettingInvalid
from service.cli import command
from service.llm import Backends, open_backends
from service.server_tables import Backend
from service.settings import Settings, differing, read_settings, variables
from tests.running import QUESTION, running, scripted_backend
from tests.scripted_server import Turn, scripted_server
from tests.shelf import index_text

KEY = "sk-abcdefghijklmnop123456"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "ibid.toml"
    file.write_text(text)
    return file


def test_a_table_names_a_model(tmp_path: Path) -> None:
    file = written(tmp_path, '[backends.local]\nmodel = "m"\nbase_url = "http://localhost:1/v1"\n[backends.b]\nmodel = "n"\n')

    settings = read_settings({}, file)

    assert list(settings.backends) == ["local", "b"]
    assert open_backends(settings.backends, {}).names == ("local", "b")


def test_a_variable_gives_tables_as_json() -> None:
    settings = read_settings({"IBID_BACKENDS": '{"local": {"model": "m", "temperature": "default"}}'}, None)

    assert settings.backends["local"] == Backend(model="m", temperature="default")


def test_tables_survive_the_way_to_another_process() -> None:
    settings = Settings(backends={"a": Backend(model="m", headers={"x": "$Y"}, extra_body={"n": {"m": [1]}}, retries=0)})

    assert read_settings(variables(settings)) == settings


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[backends.a]\n", "missing required field model"),
        ('[backends.a]\nmodel = ""\n', "length >= 1"),
        ('[backends."a b"]\nmodel = "m"\n', "matching regex"),
        ('[backends."ibid/x"]\nmodel = "m"\n', "matching regex"),
        ('[backends.a]\nmodel = "m"\nmodle = "n"\n', "unknown field modle"),
        ('[backends.a]\nmodel = "m"\nretries = -1\n', "expected int >= 0"),
        ('[backends.a]\nmodel = "m"\ntimeout_seconds = 0\n', "expected float > 0"),
        ('[backends.a]\nmodel = "m"\ntemperature = "warm"\n', "invalid enum value"),
        ('backends = "a"\n', "expected object, got str"),
        ("[backends]\na = 5\n", "expected object, got int"),
    ],
)
def test_a_table_that_says_something_else_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read_settings({}, written(tmp_path, text))

    assert rule in refused.value.rule or rule in str(refused.value)


def test_a_variable_that_is_no_json_is_refused() -> None:
    with pytest.raises(SettingInvalid, match="a table is written as JSON"):
        read_settings({"IBID_BACKENDS": "{local"}, None)


@pytest.mark.parametrize("name", ["key", "api_key", "token"])
def test_a_key_pasted_into_a_table_is_refused_without_showing_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        read_settings({}, written(tmp_path, f'[backends.a]\nmodel = "m"\n{name} = "{KEY}"\n'))

    assert KEY not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"


def test_a_key_that_is_named_must_be_there(tmp_path: Path) -> None:
    for backend in (
        Backend(model="m", key_variable="NO_SUCH_KEY"),
        Backend(model="m", key_file=str(tmp_path / "none")),
        Backend(model="m", headers={"api-key": "$NO_SUCH_KEY"}),
    ):
        with pytest.raises(SettingInvalid, match="gives no key"):
            open_backends({"a": backend}, {})


@pytest.mark.parametrize(
    "backend",
    [
        Backend(model="m", base_url="localhost"),
        Backend(model="m", base_url="http://u:p@x/v1"),
        Backend(model="m", answer_tokens=9000),
    ],
)
def test_a_backend_that_cannot_be_reached_like_that_is_refused(backend: Backend) -> None:
    with pytest.raises(SettingInvalid):
        open_backends({"a": backend}, {})


@pytest.mark.parametrize("way", ["variable", "file", "header"])
def test_a_key_reaches_its_server_and_nobody_else(tmp_path: Path, way: str, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    ways: dict[str, dict[str, Any]] = {
        "variable": {"key_variable": "THEIR_KEY"},
        "file": {"key_file": str(tmp_path / "key")},
        "header": {"headers": {"Authorization": "$THEIR_BEARER"}},
    }
    index_text(tmp_path / "home")
    shown: list[str] = []
    with (
        caplog.at_level(logging.DEBUG),
        pytest.MonkeyPatch.context() as patched,
        scripted_server(Turn(behaviour="status", status=401, message=f"Incorrect API key: {KEY}")) as script,
    ):
        patched.setenv("THEIR_KEY", KEY)
        patched.setenv("THEIR_BEARER", f"Bearer {KEY}")
        backends = scripted_backend(script, **ways[way])
        with running(tmp_path / "home", backends) as address, httpx.Client(base_url=address, timeout=30) as client:
            shown.append(client.post("/v1/ask", json={"question": QUESTION, "mode": "answer"}).text)
            shown.append(client.post("/v1/ask", json={"question": QUESTION, "mode": "answer", "stream": True}).text)
            body = {"model": "ibid/scripted", "messages": [{"role": "user", "content": QUESTION}]}
            shown.append(client.post("/v1/chat/completions", json=body).text)
            shown += [
                client.get(path).text for path in ("/schema", "/schema/openapi.json", "/metrics", "/v1/models", "/readyz", "/")
            ]

    assert script.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "refuses the key" in shown[0]
    assert KEY not in "".join([*shown, caplog.text, repr(differing(Settings(backends=backends)))])


def test_the_doctor_tells_of_backends_but_not_of_what_was_pasted_into_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_text(tmp_path / ".ibid")
    written(tmp_path, f'[backends.local]\nmodel = "llama"\nheaders = {{ api-key = "{KEY}" }}\nextra_body = {{ k = "{KEY}" }}\n')
    monkeypatch.chdir(tmp_path)

    told = CliRunner().invoke(command, ["doctor"], prog_name="ibid").output
    as_json = CliRunner().invoke(command, ["doctor", "--json"], prog_name="ibid").output

    assert "local" in told
    assert "llama" in told
    assert KEY not in told + as_json


def test_a_model_that_is_not_there_is_none() -> None:
    assert Backends({}).find("") is None
    assert Backends({}).find("x") is None
