"""API keys: what is kept of them, and who is let in nowhere."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from index.errors import Unknown
from rag.errors import SettingInvalid
from service.audit import AuditLine
from service.cli import command
from service.errors import KeysUnreadable
from service.keys import KeyFile


def test_a_key_is_found_by_its_text_alone(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    key, token = keys.create("reading group")

    assert keys.find(token) == key
    for wrong in (
        "",
        token[:-1],
        token + "x",
        token.upper(),
        f"ibid_{key.id}_",
        f"ibid_{key.id}_{key.digest}",
        key.digest,
        key.id,
    ):
        assert keys.find(wrong) is None


def test_nothing_of_a_key_is_kept_but_its_digest_in_a_file_for_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "home" / "keys.json"
    _, token = KeyFile(file).create("reading group")

    for written in (each for each in file.parent.iterdir() if each.is_file()):
        assert token.rpartition("_")[2] not in written.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_secrets_have_256_bits_and_never_come_again(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    secrets = [keys.create("one of many")[1].split("_", 2)[2] for _ in range(50)]

    assert len(set(secrets)) == 50
    assert {len(secret) for secret in secrets} == {43}  # 32 bytes in base64


def test_expired_and_revoked_keys_are_as_unknown_ones(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    key, token = keys.create("guest", days=1)
    _rewrite(keys.path, expires=(datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    assert keys.find(token) is None

    other, second = keys.create("second guest")
    assert keys.find(second) == other
    keys.revoke(other.id)

    assert keys.find(second) is None
    assert [each.id for each in keys.all()] == [key.id, other.id]


def test_a_change_by_another_process_is_seen(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    assert keys.all() == ()
    made = subprocess.run(
        [sys.executable, "-c", _MAKE, str(keys.path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )

    assert keys.find(made.stdout.strip()) is not None


_MAKE = "import sys; from pathlib import Path; from service.keys import KeyFile; print(KeyFile(Path(sys.argv[1])).create('x')[1])"


def test_keys_are_looked_at_anew_only_after_a_while(tmp_path: Path) -> None:
    now = [0.0]
    keys = KeyFile(tmp_path / "keys.json", 1.0, lambda: now[0])
    key, token = KeyFile(tmp_path / "keys.json").create("guest")
    assert keys.find(token) is not None
    KeyFile(tmp_path / "keys.json").revoke(key.id)

    assert keys.find(token) is not None
    now[0] += 1.0
    assert keys.find(token) is None


@pytest.mark.parametrize(
    "written",
    [b"", b"{", b"[]", b'{"format": 2, "keys": []}', b'{"keys": [{"id": "a"}]}', b'{"format": 1, "more": 1}', b"\xff\xfe"],
)
def test_a_damaged_file_lets_nobody_in_and_is_not_written_over(tmp_path: Path, written: bytes) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, token = keys.create("guest")
    keys.path.write_bytes(written)

    with pytest.raises(KeysUnreadable, match="nobody is let in"):
        keys.find(token)
    with pytest.raises(KeysUnreadable):
        keys.create("another")
    assert keys.path.read_bytes() == written


@pytest.mark.parametrize(
    "change", [{"digest": "no hex"}, {"expires": "next year"}, {"expires": "2026-01-01T00:00:00"}, {"scopes": ["all"]}]
)
def test_a_key_that_says_nonsense_makes_the_file_damaged(tmp_path: Path, change: dict[str, object]) -> None:
    keys = KeyFile(tmp_path / "keys.json")
    _, token = keys.create("guest")
    _rewrite(keys.path, **change)

    with pytest.raises(KeysUnreadable):
        keys.find(token)


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"name": "a", "scopes": ()},
        {"name": "a", "scopes": ("all",)},
        {"name": "a", "days": 0},
        {"name": "a", "days": 40_000},
        {"name": "a", "per_minute": -1},
    ],
)
def test_what_a_key_cannot_be_is_refused(tmp_path: Path, arguments: dict[str, object]) -> None:
    keys = KeyFile(tmp_path / "keys.json")

    with pytest.raises(SettingInvalid):
        keys.create(**arguments)  # type: ignore[arg-type]  # on purpose
    assert keys.all() == ()


def test_an_unknown_key_cannot_be_taken_back(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="ibid key list"):
        KeyFile(tmp_path / "keys.json").revoke("beef")


def test_the_command_line_makes_lists_and_takes_back(tmp_path: Path) -> None:
    run = CliRunner().invoke
    home = ["--home", str(tmp_path)]
    made = run(command, ["key", "create", "Class of 2027", "--scope", "ask", "--days", "3", "--collection", "essays", *home])
    token = made.stdout.strip()
    assert made.exit_code == 0
    assert token.startswith("ibid_")
    assert "not shown again" in made.stderr

    listed = run(command, ["key", "list", *home])
    assert "valid" in listed.stdout
    assert "Class of 2027: ask; until" in listed.stdout
    assert "only essays" in listed.stdout
    assert token not in listed.stdout
    (told,) = json.loads(run(command, ["key", "list", "--json", *home]).stdout)
    assert told["valid"] is True
    assert "digest" not in told

    assert run(command, ["key", "revoke", told["id"], *home]).exit_code == 0
    assert "revoked" in run(command, ["key", "list", *home]).stdout
    assert KeyFile(tmp_path / "keys.json").find(token) is None
    lines = [msgspec.json.decode(line, type=AuditLine) for line in (tmp_path / "audit.jsonl").read_bytes().splitlines()]
    assert [line.action for line in lines] == ["key created", "key revoked"]
    assert token not in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_the_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    run = CliRunner().invoke
    home = ["--home", str(tmp_path)]

    assert run(command, ["key", "create", "a", "--scope", "everything", *home]).exit_code == 2
    assert run(command, ["key", "create", "a", "--days", "0", *home]).exit_code == 2
    assert "no keys" in run(command, ["key", "list", *home]).stderr
    unknown = run(command, ["key", "revoke", "beef", *home])
    assert unknown.exit_code == 1
    assert "ibid key list" in unknown.stderr


def _rewrite(path: Path, **change: object) -> None:
    told = json.loads(path.read_bytes())
    told["keys"][0] |= change
    path.write_text(json.dumps(told), encoding="utf-8")
