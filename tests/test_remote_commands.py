"""`ibid index --to` and `ibid ask --at`: the command line over HTTP, with keys, and what goes wrong on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.jobs import Jobs
from service.keys import KeyFile
from service.settings import Settings
from service.wiring import assemble
from tests.running import running, until
from tests.shelf import TEXT
from tests.test_uploads import _runner

IBID = Path(sys.executable).parent / "ibid"
PELL = "\nThe keeper of tower {n} counted {n} ships that night.\n\nPell, Agnes. Ships. Leith: Press, 1940, p. {n}\n"


class Site:
    """A service over an empty collection, and a key that may fill it."""

    def __init__(self, home: Path, address: str, key: str) -> None:
        self.home = home
        self.address = address
        self.key = key

    def start(self, *arguments: str | Path, key: str | None = None) -> "subprocess.Popen[str]":
        """A command of ``ibid`` with the key in its environment."""
        environment = {**os.environ, "IBID_KEY": self.key if key is None else key}
        return subprocess.Popen([IBID, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def run(self, *arguments: str | Path, key: str | None = None) -> tuple[int, str]:
        """Its exit code and all that it says."""
        with self.start(*arguments, key=key) as process:
            said, complained = process.communicate(timeout=300)
        assert "Traceback" not in complained
        return process.returncode, said + complained


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site") / "home"
    key = KeyFile(home / "keys.json").create("Importer", ("ask", "read", "index"))[1]
    told = Settings(home=home, refresh_seconds=0.0, read="never", late_interaction="never")
    with running(home, library=assemble(told), require_key=True, read="never", late_interaction="never") as address:
        yield Site(home, address, key)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sent") / "shelf"
    folder.mkdir()
    (folder / "lighthouses.txt").write_text(TEXT + "".join(PELL.format(n=n) for n in range(2, 90)), encoding="utf-8")
    return folder


def files(site: Site) -> list[str]:
    answer = httpx.get(f"{site.address}/v1/files", headers={"authorization": f"Bearer {site.key}"}, timeout=60)
    return [each["name"] for each in answer.json()["files"]]


def test_a_dry_run_shows_what_would_be_read_and_leaves_nothing(site: Site, folder: Path) -> None:
    code, said = site.run("index", "--to", site.address, "--dry-run", folder)

    assert code == 0
    assert "shelf/lighthouses.txt: 92 excerpts" in said
    assert files(site) == []
    assert list((site.home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("index", "--to", "{url}"), 2, "name files or folders"),
        (("index", "--to", "{url}", "--rebuild", "{folder}"), 2, "only --dry-run"),
        (("index", "--to", "ftp://nowhere", "{folder}"), 1, "http://"),
        (("index", "--to", "http://127.0.0.1:9", "{folder}"), 1, "127.0.0.1:9"),
        (("index", "--to", "{url}", "{folder}/nowhere"), 2, "no files at"),
        (("ask", "--at", "http://127.0.0.1:9", "Who?"), 1, "127.0.0.1:9"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    site: Site, folder: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended, said = site.run(*(each.format(url=site.address, folder=folder) for each in arguments))

    assert (ended, told in said) == (code, True), said
    assert files(site) == []


def test_a_file_that_cannot_be_read_is_told_and_nothing_is_indexed(site: Site, tmp_path: Path) -> None:
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 20)

    code, said = site.run("index", "--to", site.address, tmp_path / "noise.bin")

    assert code == 1
    assert "error: " in said
    assert files(site) == []


@pytest.mark.parametrize("command", [("index", "--to"), ("ask", "--at")])
@pytest.mark.parametrize("key", ["", "ibid_0123456789_wrong"])
def test_without_a_valid_key_nothing_is_sent_or_answered(site: Site, folder: Path, command: tuple[str, ...], key: str) -> None:
    code, said = site.run(*command, site.address, folder if command[0] == "index" else "Who?", key=key)

    assert code == 1
    assert "no key that is valid here" in said
    assert files(site) == []


@pytest.mark.model
def test_a_job_whose_process_is_killed_goes_on_and_the_command_sees_its_end(site: Site, folder: Path) -> None:
    with site.start("index", "--to", site.address, folder) as command:
        jobs = Jobs(site.home)
        assert until(lambda: [job.state for job in jobs.all()] == ["running"], 120)
        killed = _runner(site.home)
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: _runner(site.home) != killed, 120)
        said, complained = command.communicate(timeout=300)

    assert (command.returncode, complained.count("Traceback")) == (0, 0)
    assert "done: 1 added" in said
    assert files(site) == ["shelf/lighthouses.txt"]
    code, told = site.run("ask", "--at", site.address, "Who was the keeper that counted 17 ships?")
    assert code == 0
    assert "Pell" in told
    assert f"{site.address}/x/" in told
    assert [site.run("ask", "--at", site.address, question)[0] for question in ("year:sometime", "")] == [1, 1]


@pytest.mark.model
def test_a_job_at_which_its_process_always_ends_has_failed_and_says_so(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "home")
    job = jobs.create("test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.jobs.sys.executable", "/bin/false")
        jobs.save(type(job)(job.id, "running", job.created, job.by))
        jobs.start(Settings(home=tmp_path / "home"))
        assert until(lambda: jobs.get(job.id).state == "failed", 60)

    assert "3 times" in jobs.get(job.id).message
