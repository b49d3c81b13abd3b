"""One writer at a time, and none that a dead one could keep out."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.build import build_index
from index.collection import Collection
from index.errors import IndexLocked
from index.home import Home, locked
from tests.fakes import HashEmbedder
from tests.passages import quoting

HOLDER = """
import sys, time
from pathlib import Path
from index.home import locked
with locked(Path(sys.argv[1]), 0):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_free_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    lock = tmp_path / "writer.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(IndexLocked, match="another process"), locked(lock, 0):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()

    with locked(lock, 0):
        taken = True

    assert taken


def test_a_home_that_is_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    with pytest.raises(IndexLocked, match="home cannot be written to"):
        build_index(tmp_path / "home", [quoting()], HashEmbedder())


def test_a_note_is_refused_where_nobody_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(tmp_path, [quoting()], HashEmbedder())
    collection = Collection.open(tmp_path)
    monkeypatch.setattr(Home, "writable", False)

    with pytest.raises(IndexLocked, match="read only"):
        collection.put_note("weight", 1)
