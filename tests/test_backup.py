"""A backup holds a whole generation and is put back whole, while the index is in use; nobody else may read either."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.backup import back_up, restore
from index.build import build_index
from index.collection import Collection
from index.errors import BackupInvalid, IndexDamaged, IndexMissing
from index.home import Home
from index.verify import verify
from service.cli import command
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting
from tests.shelf import library_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    build_index(tmp_path / "home", [indexing(), quoting()], HashEmbedder(), learn=lambda _: {"weight": 0.5})
    return tmp_path / "home"


def content(home: Path) -> object:
    collection = Collection.open(home)
    return collection.excerpts(collection.excerpt_ids()), collection.works(), collection.documents(), collection.notes()


def test_a_backup_brings_back_what_was_there(home: Path, tmp_path: Path) -> None:
    before = content(home)
    told = back_up(home, tmp_path / "copy")
    build_index(home, [], HashEmbedder())

    restored = restore(home, tmp_path / "copy")

    assert restored == told
    assert content(home) == before
    assert verify(home).findings == ()
    assert build_index(home, [indexing(), quoting()], HashEmbedder()).embedded == 0


def test_a_backup_is_taken_while_a_generation_is_written_and_holds_the_one_before(home: Path, tmp_path: Path) -> None:
    build_index(home, [indexing()], HashEmbedder(), learn=lambda _: {"kept": back_up(home, tmp_path / "copy").generation})

    assert Collection.open(home).note("kept") == 1
    assert restore(tmp_path / "other", tmp_path / "copy").documents == 2


def test_a_service_takes_up_what_is_restored(home: Path, tmp_path: Path) -> None:
    back_up(home, tmp_path / "copy")
    build_index(home, [quoting()], HashEmbedder())
    library = library_of(home)
    first = library.current()

    restore(home, tmp_path / "copy")

    assert first.collection.excerpts(first.collection.excerpt_ids())
    assert (first.collection.counts.documents, library.current().collection.counts.documents) == (1, 2)


def test_a_backup_is_restored_into_an_empty_folder(home: Path, tmp_path: Path) -> None:
    back_up(home, tmp_path / "copy")

    restore(tmp_path / "new", tmp_path / "copy")

    assert content(tmp_path / "new") == content(home)


@pytest.mark.parametrize("damage", ["nothing", "cut", "flipped", "text"])
def test_a_backup_that_is_damaged_is_refused_and_the_index_stays(home: Path, tmp_path: Path, damage: str) -> None:
    before = content(home)
    back_up(home, tmp_path / "copy")
    copy = bytearray((tmp_path / "copy").read_bytes())
    place = copy.find(b"An index")
    damaged = {"nothing": b"", "cut": copy[: len(copy) // 2], "text": b"no database at all", "flipped": copy}
    copy[place] ^= 1
    (tmp_path / "copy").write_bytes(bytes(damaged[damage]))

    with pytest.raises(BackupInvalid, match="not a sound backup"):
        restore(home, tmp_path / "copy")

    assert place > 0
    assert content(home) == before
    assert not list(home.glob("*unfinished*"))


def test_a_damaged_index_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"the backup of yesterday")
    connection = sqlite3.connect(Home(home).catalog)
    with connection:
        connection.execute("UPDATE excerpts SET text = replace(text, 'index', 'indes')")
    connection.close()

    with pytest.raises((BackupInvalid, IndexDamaged)):
        back_up(home, tmp_path / "copy")

    assert (tmp_path / "copy").read_bytes() == b"the backup of yesterday"
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_without_an_index_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        back_up(tmp_path, tmp_path / "copy")


def test_the_commands_back_up_and_restore(home: Path, tmp_path: Path) -> None:
    run = CliRunner()

    made = run.invoke(command, ["backup", str(tmp_path / "copy"), "--home", str(home)])
    restored = run.invoke(command, ["restore", str(tmp_path / "copy"), "--home", str(tmp_path / "other")])
    refused = run.invoke(command, ["restore", __file__, "--home", str(tmp_path / "other")])

    assert (made.exit_code, restored.exit_code, refused.exit_code) == (0, 0, 1)
    assert "2 documents, 5 excerpts" in made.output
    assert "2 documents, 5 excerpts" in restored.output
    assert "not a sound backup" in refused.stderr


def test_only_the_owner_may_read_an_index_and_its_backup(home: Path, tmp_path: Path) -> None:
    back_up(home, tmp_path / "copy")
    Collection.open(home).put_note("open", 1)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.rglob("*"), tmp_path / "copy")}

    assert {path for path, mode in modes.items() if mode & 0o077} == set()


def test_what_killed_runs_have_left_is_swept(home: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    living, dead = (home / "models" / f".export-{number}-x" for number in (os.getpid(), ended.stdout.strip()))
    litter = [
        dead,
        home / "repair.1.unfinished",
        home / "vectors" / "0123.faiss.1.unfinished",
        home / "phrases" / "0123.1.unfinished",
    ]
    for folder in (living, *litter):
        folder.mkdir(parents=True)

    build_index(home, [indexing(), quoting()], HashEmbedder())

    assert living.is_dir()
    assert [path for path in litter if path.exists()] == []
