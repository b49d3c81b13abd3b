"""Nothing leaves the machine: no connection but to itself, no file but below the index, the working and the temporary folder."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.privacy import refuse_telemetry
from rag.errors import SettingInvalid
from rag.prompting import token_counter

CALLS = (
    "connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,"
    "symlinkat"
)
LOOPBACK = re.compile(r'inet_addr\("127\.|"::1"|"::ffff:127\.')
WRITING = re.compile(r"\A(?:open\w*\(.*\bO_(?:WRONLY|RDWR|CREAT)\b|creat|mkdir|rename|link|symlink)")
FAILED = re.compile(r"= -1 E(?!INPROGRESS)")
PATH = re.compile(r'(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, "(?P<of>[^"]*)"|\w+\("(?P<path>[^"]*)"')
DEVICES = ("/dev/null", "/dev/tty", "/dev/shm/", "/dev/zero", "/proc/")


def run_alone(
    command: list[str], trace: Path, working: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command in an empty network, every call of it and of its children written down."""
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    traced = ["strace", "--follow-forks", "--seccomp-bpf", "--string-limit=4096", "--decode-fds=path", "--trace", CALLS]
    whole = [*alone, *traced, "--output", str(trace), *command]
    return subprocess.run(whole, cwd=working, env=environment, capture_output=True, text=True, check=False)


def outgoing(lines: list[str]) -> list[str]:
    """Calls that address another machine, or ask for its name."""
    addressed = [line for line in lines if "AF_INET" in line]
    return [line for line in addressed if "htons(53)" in line or not LOOPBACK.search(line)]


def written_outside(lines: list[str], folders: list[Path], working: Path) -> list[str]:
    """Calls that have made or changed a file outside these folders."""
    allowed = (*DEVICES, *(f"{folder}/" for folder in folders), *map(str, folders))
    found = []
    for line in lines:
        call = line.split(maxsplit=1)[1]
        if WRITING.match(call) and not FAILED.search(call):
            paths = [working / (path["folder"] or "") / (path["of"] or path["path"] or "") for path in PATH.finditer(call)]
            found += [line for path in paths if not os.path.normpath(path).startswith(allowed)]
    return found


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a traced session; skipped where the system does not let us trace, or have a network of our own."""
    folder = tmp_path_factory.mktemp("traced")
    if not (shutil.which("strace") and shutil.which("unshare")):
        pytest.skip("needs strace and unshare (apt install strace util-linux)")
    tried = run_alone(["true"], folder / "tried.txt")
    if tried.returncode:
        pytest.skip(f"this system allows no tracing in a network namespace: {tried.stderr.strip()}")
    return folder


def _environment(folder: Path) -> dict[str, str]:
    for name in ("user", "work", "temp"):
        (folder / name).mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IBID_", "HF_", "ORT_", "XDG_"))}
    own = {
        "HOME": str(folder / "user"),
        "TMPDIR": str(folder / "temp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(Path.cwd()),
    }
    return {name: value for name, value in kept.items() if name != "DO_NOT_TRACK"} | own


@pytest.mark.model
@pytest.mark.slow
def test_a_whole_session_connects_to_nobody_and_writes_nowhere_else(traced: Path, max_pooled: Path) -> None:
    trace = traced / "session.txt"
    environment = _environment(traced)
    command = [sys.executable, "-m", "tests.private_session", str(max_pooled)]

    done = run_alone(command, trace, traced / "work", environment)

    assert done.returncode == 0, done.stderr
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    assert any("connect(" in line and LOOPBACK.search(line) for line in lines), "the session was not traced"
    assert outgoing(lines) == []
    assert written_outside(lines, [traced / "work", traced / "temp"], traced / "work") == []
    assert list((traced / "user").iterdir()) == []


@pytest.mark.slow
def test_the_trace_would_show_a_library_that_reports_home(tmp_path: Path, traced: Path) -> None:
    trace = tmp_path / "telling.txt"
    environment = _environment(tmp_path)
    tells = (
        "import socket, pathlib; pathlib.Path.home().joinpath('id').write_text('1');"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.53', 53))"
    )

    run_alone([sys.executable, "-c", tells], trace, tmp_path / "work", environment)

    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    assert outgoing(lines)
    assert written_outside(lines, [tmp_path / "work", tmp_path / "temp"], tmp_path / "work")


@pytest.mark.parametrize("entrance", ["index.embedders.registry", "rag.retrieve", "service.cli", "service.app", "prompts"])
def test_whichever_part_is_imported_first_telemetry_is_off_before_any_library(entrance: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"} | {"ORT_DISABLE_TELEMETRY": "0"}
    program = f"import os, {entrance}; print(os.environ['ORT_DISABLE_TELEMETRY'], os.environ['DO_NOT_TRACK'])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout.split() == ["1", "1"]


def test_what_the_environment_says_does_not_turn_telemetry_on() -> None:
    environment = {"ORT_DISABLE_TELEMETRY": "0", "DO_NOT_TRACK": "0", "HF_HUB_DISABLE_TELEMETRY": "0"}

    refuse_telemetry(environment)

    assert set(environment.values()) == {"1"}


@pytest.mark.model
def test_a_network_is_opened_without_a_device_id(bert: Path, tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from index.embedders.registry import load_embedder;"
        f"load_embedder({str(bert)!r}, Path({str(tmp_path / 'models')!r})).embed(['a lamp'], 'query')"
    )
    home = tmp_path / "user"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(Path.cwd())}
    environment.pop("ORT_DISABLE_TELEMETRY", None)

    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=tmp_path)

    assert list(home.iterdir()) == []


def test_an_encoding_that_would_be_downloaded_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", None)

    with pytest.raises(SettingInvalid, match="on this machine"):
        token_counter("o200k_base")
