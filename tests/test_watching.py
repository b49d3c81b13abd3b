"""``ibid index --watch``: what is written below the paths becomes searchable, and Ctrl-C ends in peace."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.collection import Collection
from index.errors import FileUnreadable, IndexLocked, IndexMissing
from index.files import Scope, find_files
from service.cli import command, watching
from service.cli.watching import watch_paths
from tests.running import until
from tests.shelf import TEXT

IBID = Path(sys.executable).parent / "ibid"
PATIENCE = 60.0
NEW = TEXT.replace("burned whale oil", "burned rapeseed oil")


@contextmanager
def watched(home: Path, *paths: Path) -> Iterator["subprocess.Popen[str]"]:
    arguments = [str(part) for part in (IBID, "index", "--watch", "--home", home, *paths)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def holds(home: Path, words: str) -> Callable[[], bool]:
    def look() -> bool:
        try:
            with closing(Collection.open(home)) as collection:
                return any(words in excerpt.text for excerpt in collection.excerpts(collection.excerpt_ids()))
        except IndexMissing:
            return False

    return look


def test_what_is_written_replaced_and_deleted_is_searchable_and_ctrl_c_ends_in_peace(tmp_path: Path) -> None:
    folder, home = tmp_path / "texts", tmp_path / "texts" / "index"
    folder.mkdir()
    (folder / "lamps.txt").write_text(TEXT, encoding="utf-8")

    with watched(home, folder) as process:
        assert until(holds(home, "burned whale oil"), PATIENCE)
        (folder / "draft").write_text(NEW, encoding="utf-8")
        (folder / "draft").replace(folder / "lamps.txt")
        assert until(holds(home, "burned rapeseed oil"), PATIENCE)
        assert not holds(home, "burned whale oil")()
        (folder / "more.txt").write_text(TEXT.replace("whale", "seal"), encoding="utf-8")
        assert until(holds(home, "burned seal oil"), PATIENCE)
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "Stopped watching" in errors
    assert "Traceback" not in errors
    assert "1 replaced" in told


def test_of_a_file_the_one_that_takes_its_place_is_indexed_and_its_neighbours_are_not(tmp_path: Path) -> None:
    (tmp_path / "lamps.txt").write_text(TEXT, encoding="utf-8")

    with watched(tmp_path / "home", tmp_path / "lamps.txt"):
        assert until(holds(tmp_path / "home", "burned whale oil"), PATIENCE)
        (tmp_path / "other.txt").write_text(TEXT.replace("whale", "seal"), encoding="utf-8")
        (tmp_path / "draft").write_text(NEW, encoding="utf-8")
        (tmp_path / "draft").replace(tmp_path / "lamps.txt")
        assert until(holds(tmp_path / "home", "burned rapeseed oil"), PATIENCE)

    assert not holds(tmp_path / "home", "burned seal oil")()


class Builds:
    """Stands for indexing: notes how it was called, and fails or is interrupted as it is told."""

    def __init__(self, *outcomes: BaseException | int) -> None:
        self.outcomes = list(outcomes)
        self.calls: list[tuple[bool, bool]] = []

    def __call__(self, scope: Scope, *, rebuild: bool, changes_only: bool) -> int:  # noqa: ARG002 — the protocol's
        self.calls.append((rebuild, changes_only))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, changes: list[bool], build: Builds) -> int:
    monkeypatch.setattr(watching, "_changes", lambda _paths, _home: iter(changes))
    return watch_paths([folder], folder / "home", lambda: find_files([folder]), build, rebuild=True)


def test_without_a_change_nothing_is_indexed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builds(0, 0)

    assert run(monkeypatch, tmp_path, [False, False, True, False], build) == 0
    assert build.calls == [(True, False), (False, True)]


def test_while_another_process_writes_it_is_tried_again_without_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builds(0, IndexLocked("locked", rule="one", remedy="wait"), 0)

    run(monkeypatch, tmp_path, [False, True, False, False], build)

    assert len(build.calls) == 3


def test_a_failure_after_the_first_time_is_told_and_watching_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build = Builds(0, FileUnreadable("nothing there", rule="a path", remedy="check"), 0)

    assert run(monkeypatch, tmp_path, [False, True, False, True], build) == 0

    assert len(build.calls) == 3
    assert "error: nothing there" in capsys.readouterr().err


def test_the_first_time_a_failure_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileUnreadable):
        run(monkeypatch, tmp_path, [False], Builds(FileUnreadable("nothing there", rule="a path", remedy="check")))


def test_interrupted_the_first_time_it_ends_as_indexing_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, tmp_path, [False, True, True], Builds(130)) == 130


def test_an_interrupt_that_was_lost_while_it_indexed_ends_it_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Losing(Builds):
        def __call__(self, scope: Scope, *, rebuild: bool, changes_only: bool) -> int:
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            return super().__call__(scope, rebuild=rebuild, changes_only=changes_only)

    build = Losing(0, 0)

    assert run(monkeypatch, tmp_path, [False, True], build) == 0
    assert len(build.calls) == 1


@pytest.mark.parametrize("arguments", [["--watch"], ["--watch", "--sample"], ["--watch", "--dry-run", "texts"]])
def test_it_needs_paths_and_indexes(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(command, ["index", *arguments], prog_name="ibid")

    assert result.exit_code == 2
    assert "--watch" in result.stderr
