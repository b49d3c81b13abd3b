"""A damaged index is made again from the files that are stored in it; what is lost is named."""

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.build import build_index
from index.collection import Collection
from index.errors import IndexDamaged
from index.home import Home
from index.records import SourceFile
from index.repair import remake_derived, repair
from index.verify import verify
from service.cli import command
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

JSONL = SourceFile("lines.jsonl", b'{"text": "A line that nobody is cited for."}\n')


@pytest.fixture
def home(tmp_path: Path) -> Path:
    build_index(tmp_path, [indexing(), quoting(), JSONL], HashEmbedder(), learn=lambda _: {"weight": 0.5})
    return tmp_path


def tamper(home: Path, statement: str) -> None:
    connection = sqlite3.connect(Home(home).catalog)
    with connection:
        connection.execute(statement)
    connection.close()


def content(home: Path) -> object:
    collection = Collection.open(home)
    return collection.excerpts(collection.excerpt_ids()), collection.works(), collection.documents()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE excerpts SET text = replace(text, 'index', 'indes')",
        "UPDATE excerpts SET citation = replace(citation, 'Marlow', 'Barlow')",
        "UPDATE documents SET title = 'Another'",
        "UPDATE windows SET start = start + 1 WHERE id = 2",
        "UPDATE works SET csl = substr(csl, 1, 9)",
        "UPDATE state SET stamp = 'other'",
        "DELETE FROM excerpts WHERE key = 2",
    ],
)
def test_what_was_changed_is_made_again_without_embedding(home: Path, statement: str) -> None:
    before = content(home)
    tamper(home, statement)
    embedder = HashEmbedder()

    told = repair(home, embedder, lambda _: {"weight": 0.5})

    assert (sorted(told.saved), told.lost, told.embedded, told.kept) == (
        ["indexing.txt", "lines.jsonl", "quoting.txt"],
        (),
        0,
        "",
    )
    assert embedder.calls == 0
    assert content(home) == before
    assert Collection.open(home).note("weight") == 0.5
    assert verify(home).findings == ()
    assert not list(home.glob("*unfinished*"))


def test_a_damaged_vector_is_embedded_again(home: Path) -> None:
    tamper(home, "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE key = 2")

    assert repair(home, HashEmbedder()).embedded == 1
    assert verify(home).findings == ()


def test_a_stored_file_that_is_damaged_is_lost_and_the_catalog_kept(home: Path) -> None:
    tamper(home, "UPDATE files SET data = x'0061626364' WHERE name = 'quoting.txt'")

    told = repair(home, HashEmbedder())

    assert (sorted(told.saved), told.lost) == (["indexing.txt", "lines.jsonl"], ("quoting.txt",))
    assert Path(told.kept).is_file()
    assert verify(home).findings == ()


def test_pages_overwritten_leave_what_can_be_read(home: Path) -> None:
    content = bytearray(Home(home).catalog.read_bytes())
    for start in range(8192, len(content) - 4096, 4096 * 5):
        content[start : start + 4096] = b"\xa5" * 4096
    Home(home).catalog.write_bytes(content)

    told = None
    with suppress(IndexDamaged):
        told = repair(home, HashEmbedder())

    assert told is None or (told.saved and verify(home).findings == ())


def test_a_catalog_of_which_nothing_is_left_is_left_alone(home: Path) -> None:
    Home(home).catalog.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    before = Home(home).catalog.read_bytes()

    with pytest.raises(IndexDamaged):
        repair(home, HashEmbedder())

    assert Home(home).catalog.read_bytes() == before
    assert not list(home.glob("*unfinished*"))


def test_who_reads_goes_on_while_the_index_is_repaired(home: Path) -> None:
    reading = Collection.open(home)
    before = reading.excerpts(reading.excerpt_ids())
    tamper(home, "UPDATE works SET csl = substr(csl, 1, 9)")

    repair(home, HashEmbedder())

    assert reading.excerpts(reading.excerpt_ids()) == before
    assert not reading.is_current()


def test_files_stay_what_they_were_for_the_next_run(home: Path) -> None:
    repair(home, HashEmbedder())

    summary = build_index(home, [indexing(), quoting(), JSONL], HashEmbedder())

    assert (len(summary.unchanged), summary.added, summary.dropped) == (3, (), ())


def test_derived_files_are_made_again_from_the_catalog(home: Path) -> None:
    for file in Home(home).vectors.iterdir():
        file.write_bytes(b"nothing")

    remake_derived(home)

    assert verify(home).findings == ()


def test_the_command_repairs_and_says_what_it_did(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.building.indexing_embedder", lambda *_: HashEmbedder())
    run = CliRunner()
    tamper(home, "UPDATE files SET data = x'0061626364' WHERE name = 'quoting.txt'")
    found = run.invoke(command, ["verify", "--home", str(home)])

    repaired = run.invoke(command, ["verify", "--repair", "--home", str(home)])
    again = run.invoke(command, ["verify", "--repair", "--home", str(home)])

    assert (found.exit_code, repaired.exit_code, again.exit_code) == (1, 1, 0)
    assert "ibid verify --repair" in found.output
    assert "quoting.txt is damaged in the catalog; index it again" in repaired.stderr
    assert "all of it holds" in repaired.output
