"""Building an index: only what is new is embedded, what has gone is dropped, what cannot be read stops nothing."""

import errno
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import catalog
from index.build import BuildSummary, build_index, find_files
from index.catalog import writer as embedding
from index.collection import Collection
from index.embedders import TextKind, Vectors
from index.errors import DropRefused, FileUnreadable, IndexDamaged, IndexLocked, IndexMissing
from index.home import Home, locked
from index.records import SourceFile
from index.verify import verify
from index.windows import WindowSize
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting
from tests.test_sources import refuse

SHARED = SourceFile("shared.md", b"Nothing is quoted well from memory.\n")


class Interrupted(BaseException):
    """Stands for Ctrl-C."""


class TiringEmbedder(HashEmbedder):
    """Stops after so many texts, as an interrupted run does."""

    def __init__(self, strength: int) -> None:
        super().__init__()
        self._strength = strength

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        if self.calls + len(texts) > self._strength:
            raise Interrupted
        return super().embed(texts, kind)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for file in (indexing(), quoting()):
        (folder / file.name).write_bytes(file.data)
    return folder


def texts(home: Path) -> list[str]:
    collection = Collection.open(home)
    return [excerpt.text for excerpt in collection.excerpts(collection.excerpt_ids())]


def content(home: Path) -> list[tuple[object, ...]]:
    """All that a collection tells of itself, but for the numbers it gives internally."""
    collection = Collection.open(home)
    excerpts = collection.excerpts(collection.excerpt_ids())
    windows = [
        [(window.start, window.end, window.context) for window in collection.windows(ids)]
        for ids in collection.window_ids_of([excerpt.id for excerpt in excerpts])
    ]
    return [*zip(excerpts, windows, strict=True), tuple(collection.works()), tuple(collection.documents())]


def test_the_first_run_indexes_every_file(home: Path, embedder: HashEmbedder) -> None:
    summary = build_index(home, [indexing(), quoting()], embedder)

    counts = Collection.open(home).counts
    assert {name: each.layout for name, each in summary.layouts.items()} == {"indexing.txt": "below", "quoting.txt": "below"}
    told = msgspec.structs.replace(summary, layouts={})
    assert told == BuildSummary(1, ("indexing.txt", "quoting.txt"), (), (), (), (), (), counts.windows)
    assert (counts.documents, counts.excerpts, counts.works) == (2, 5, 3)
    assert verify(home).findings == ()


def test_running_again_without_a_change_changes_nothing_on_disk(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing(), quoting()], embedder)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    summary = build_index(home, [indexing(), quoting()], embedder)

    assert summary == BuildSummary(1, (), (), (), ("indexing.txt", "quoting.txt"), (), (), 0)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_only_new_text_is_embedded(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing()], embedder)
    before = embedder.calls

    summary = build_index(home, [indexing(), quoting()], embedder)

    assert summary.added == ("quoting.txt",)
    assert embedder.calls - before == summary.embedded == 2


def test_a_changed_file_is_read_again_and_only_its_new_text_embedded(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing()], embedder)
    changed = indexing().data.replace(b"It was work for many hands.", b"It was done by hand.")

    summary = build_index(home, [SourceFile("indexing.txt", changed)], embedder)

    assert (summary.replaced, summary.added, summary.embedded) == (("indexing.txt",), (), 1)
    assert any("It was done by hand." in text for text in texts(home))
    assert not any("many hands" in text for text in texts(home))


def test_a_file_renamed_is_not_embedded_again(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing("old.txt")], embedder)

    summary = build_index(home, [indexing("new.txt")], embedder)

    assert (summary.added, summary.dropped, summary.embedded) == (("new.txt",), ("old.txt",), 0)
    assert [document.name for document in Collection.open(home).documents()] == ["new.txt"]


def test_what_has_gone_is_dropped_with_its_vectors(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing(), quoting()], embedder)

    summary = build_index(home, [quoting()], embedder)

    snapshot = Collection.open(home)._snapshot
    assert (summary.generation, summary.dropped) == (2, ("indexing.txt",))
    assert snapshot.rows("SELECT count(*) FROM vectors") == [(2,)]
    assert verify(home).findings == ()


def test_everything_can_go(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing()], embedder)

    summary = build_index(home, [], embedder)

    assert summary.dropped == ("indexing.txt",)
    assert Collection.open(home).counts.excerpts == 0
    assert verify(home).findings == ()


def test_nothing_to_index_makes_no_index(home: Path, embedder: HashEmbedder) -> None:
    summary = build_index(home, [SourceFile("empty.txt", b"")], embedder)

    assert summary.generation == 0
    with pytest.raises(IndexMissing):
        Collection.open(home)


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_indexed(home: Path, embedder: HashEmbedder) -> None:
    summary = build_index(home, [SourceFile("picture.png", b"\x89PNG\r\n\x1a\n\0\0"), quoting()], embedder)

    [failure] = summary.failures
    assert failure.name == "picture.png"
    assert isinstance(failure.error, FileUnreadable)
    assert len(texts(home)) == 2


def test_a_file_that_can_no_longer_be_read_stays_as_it_was(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [quoting()], embedder)

    summary = build_index(home, [SourceFile("quoting.txt", b"")], embedder)

    assert [failure.name for failure in summary.failures] == ["quoting.txt"]
    assert (summary.generation, len(texts(home))) == (1, 2)


def test_text_with_half_a_surrogate_pair_is_refused_by_name(home: Path, embedder: HashEmbedder) -> None:
    summary = build_index(home, [SourceFile("odd.jsonl", b'{"text": "half \\ud800 a pair"}\n')], embedder)

    assert summary.failures[0].error.found.count("odd.jsonl") == 1


def test_files_with_the_same_bytes_are_indexed_once_and_told(home: Path, embedder: HashEmbedder) -> None:
    summary = build_index(home, [quoting("b.txt"), quoting("a.txt"), indexing()], embedder)

    assert summary.duplicates == ("a.txt",) or summary.duplicates == ("b.txt",)
    assert Collection.open(home).counts.documents == 2


def test_an_excerpt_that_occurs_again_has_an_id_of_its_own(home: Path, embedder: HashEmbedder) -> None:
    longer = SourceFile("quoting-2.txt", quoting().data.replace(b"NOTES ON QUOTING", b"MORE NOTES ON QUOTING"))

    build_index(home, [quoting(), longer], embedder)

    ids = Collection.open(home).excerpt_ids()
    assert len(set(ids)) == 4
    assert {one.removesuffix("-2") for one in ids if one.endswith("-2")} == {one for one in ids if not one.endswith("-2")}
    assert verify(home).findings == ()


def test_an_excerpt_without_a_citation_is_indexed(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [SourceFile("plain.jsonl", b'{"text": "A line nobody is cited for."}\n')], embedder)

    collection = Collection.open(home)
    [excerpt] = collection.excerpts(collection.excerpt_ids())
    assert (excerpt.text, excerpt.work_id) == ("A line nobody is cited for.", "")
    assert collection.works() == []


def test_another_embedder_embeds_the_whole_collection_anew(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing(), quoting()], embedder)
    other = HashEmbedder(dimension=8, seed="other")

    summary = build_index(home, [indexing(), quoting()], other)

    collection = Collection.open(home)
    assert summary.embedded == collection.counts.windows
    assert collection.embedder == other.card
    assert collection._snapshot.rows("SELECT DISTINCT embedder FROM vectors") == [(other.card.fingerprint,)]
    assert verify(home).findings == ()


def test_another_window_size_cuts_all_windows_anew(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing(), quoting()], embedder)
    before = Collection.open(home).counts.windows

    build_index(home, [indexing(), quoting()], embedder, size=WindowSize(64, target=8, overlap=0))

    assert Collection.open(home).counts.windows > before
    assert verify(home).findings == ()


def test_window_ids_are_never_used_again(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [indexing()], embedder)
    before = set(Collection.open(home)._snapshot.entry_ids("windows").tolist())
    build_index(home, [], embedder)

    build_index(home, [indexing()], embedder)

    assert not before & set(Collection.open(home)._snapshot.entry_ids("windows").tolist())


def test_reading_again_can_be_asked_for(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [quoting()], embedder)

    summary = build_index(home, [quoting()], embedder, reread=True)

    assert (summary.replaced, summary.generation, summary.embedded) == (("quoting.txt",), 2, 0)


def test_another_reader_reads_an_unchanged_file_again(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [quoting()], embedder)

    summary = build_index(home, [quoting()], embedder, reader="plain")

    assert summary.replaced == ("quoting.txt",)
    assert Collection.open(home).documents()[0].reader == "plain"


def test_an_interrupted_run_leaves_the_old_index_and_the_vectors_it_made(
    home: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "_BATCH_CHARACTERS", 1)
    build_index(home, [quoting()], embedder)
    with pytest.raises(Interrupted):
        build_index(home, [indexing(), quoting()], TiringEmbedder(strength=2))
    interrupted = texts(home)

    summary = build_index(home, [indexing(), quoting()], embedder)

    assert len(interrupted) == 2
    assert summary.embedded == Collection.open(home).counts.windows - 2 - 2


def test_progress_runs_from_what_is_known_to_the_end(home: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_BATCH_CHARACTERS", 1)
    told: list[tuple[int, int]] = []

    build_index(home, [quoting()], embedder, progress=lambda done, total: told.append((done, total)))

    assert told == [(0, 2), (1, 2), (2, 2)]


def test_a_second_writer_is_refused_while_readers_go_on(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [quoting()], embedder)

    with locked(Home(home).writer_lock, 0), pytest.raises(IndexLocked, match="another process"):
        build_index(home, [indexing()], embedder)

    assert len(texts(home)) == 2


def test_a_disk_that_is_full_is_told_and_leaves_the_old_index(
    home: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(home, [quoting()], embedder)
    connect = catalog._connect

    def connect_to_little_room(address: str) -> sqlite3.Connection:
        connection = connect(address)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the pages there are
        return connection

    monkeypatch.setattr(catalog, "_connect", connect_to_little_room)
    more = [SourceFile(f"{number}.md", f"Line {number} tells of {'pages ' * 2000}".encode()) for number in range(20)]

    with pytest.raises(IndexLocked, match="full"):
        build_index(home, [quoting(), *more], embedder)

    assert len(texts(home)) == 2
    assert verify(home).findings == ()


def test_a_damaged_catalog_is_told_before_anything_is_embedded(home: Path, embedder: HashEmbedder) -> None:
    build_index(home, [quoting()], embedder)
    content = bytearray(Home(home).catalog.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    Home(home).catalog.write_bytes(content)

    with pytest.raises(IndexDamaged, match="cannot be read"):
        build_index(home, [indexing()], HashEmbedder())


def test_a_folder_is_indexed_under_its_own_name(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    build_index(home, find_files([folder]), embedder)

    assert [document.name for document in Collection.open(home).documents()] == ["papers/indexing.txt", "papers/quoting.txt"]


def test_what_lies_outside_the_paths_of_a_run_stays_indexed(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    build_index(home, find_files([folder / "indexing.txt"]), embedder)

    summary = build_index(home, find_files([folder / "quoting.txt"]), embedder)

    assert (summary.added, summary.dropped) == (("quoting.txt",), ())
    assert len(texts(home)) == 5


def test_a_file_gone_from_a_folder_is_dropped(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    build_index(home, find_files([folder]), embedder)
    (folder / "quoting.txt").unlink()

    summary = build_index(home, find_files([folder]), embedder)

    assert summary.dropped == ("papers/quoting.txt",)


def test_a_path_that_has_gone_is_dropped_when_it_is_named(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    build_index(home, find_files([folder / "indexing.txt", folder / "quoting.txt"]), embedder)
    (folder / "quoting.txt").unlink()

    summary = build_index(home, find_files([folder / "quoting.txt"]), embedder)

    assert summary.dropped == ("quoting.txt",)
    assert len(texts(home)) == 3


def test_a_path_that_never_was_is_an_error_that_names_it(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    with pytest.raises(FileUnreadable, match="nowhere"):
        build_index(home, find_files([folder / "nowhere"]), embedder)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO])
def test_what_lies_below_a_folder_that_can_no_longer_be_read_stays_indexed(
    home: Path, folder: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    build_index(home, find_files([folder]), embedder)
    refuse(monkeypatch, folder, code)

    summary = build_index(home, find_files([folder]), embedder, may_drop=lambda _names, _indexed: False)

    assert ([failure.name for failure in summary.failures], summary.dropped) == (["papers"], ())
    assert len(texts(home)) == 5


def test_most_of_a_collection_is_dropped_only_when_that_is_confirmed(home: Path, folder: Path, embedder: HashEmbedder) -> None:
    build_index(home, find_files([folder]), embedder)
    for file in list(folder.iterdir()):
        file.unlink()
    asked: list[tuple[tuple[str, ...], int]] = []

    def refused(names: Sequence[str], indexed: int) -> bool:
        asked.append((tuple(names), indexed))
        return False

    with pytest.raises(DropRefused, match=r"2 of 2 files.*papers/indexing.txt, papers/quoting.txt.*--yes"):
        build_index(home, find_files([folder]), embedder, may_drop=refused)
    before = len(texts(home))
    summary = build_index(home, find_files([folder]), embedder, may_drop=lambda _names, _indexed: True)

    assert asked == [(("papers/indexing.txt", "papers/quoting.txt"), 2)]
    assert before == 5
    assert len(summary.dropped) == 2


def test_half_of_a_collection_goes_and_files_are_renamed_without_a_question(
    home: Path, folder: Path, embedder: HashEmbedder
) -> None:
    build_index(home, find_files([folder]), embedder)
    (folder / "indexing.txt").rename(folder / "indexes.txt")
    (folder / "quoting.txt").unlink()

    summary = build_index(home, find_files([folder]), embedder, may_drop=lambda _names, _indexed: False)

    assert summary.dropped == ("papers/indexing.txt", "papers/quoting.txt")


def test_the_real_collection_is_indexed_and_verified(home: Path, real_data: Path, embedder: HashEmbedder) -> None:
    [file] = real_data.glob("000_*.txt")

    build_index(home, find_files([file]), embedder)

    verification = verify(home)
    assert verification.excerpts > 300
    assert verification.findings == ()


FILES: dict[str, Callable[[], SourceFile]] = {
    "indexing": indexing,
    "quoting": quoting,
    "shared": lambda: SHARED,
    "again": lambda: SourceFile("again.md", b"Nothing is quoted well from memory.\n\nNothing is quoted well from memory.\n"),
    "copy": lambda: quoting("copy.txt"),
    "other": lambda: SourceFile("indexing.txt", quoting().data.replace(b"QUOTING", b"QUOTATION")),
}
choices = st.lists(st.sampled_from(sorted(FILES)), unique_by=lambda name: FILES[name]().name)


@given(st.lists(choices, min_size=2, max_size=4))
@settings(deadline=None, max_examples=15)
def test_an_index_changed_step_by_step_is_the_one_made_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[str]]
) -> None:
    homes = tmp_path_factory.mktemp("homes")
    for step in steps:
        build_index(homes / "steps", [FILES[name]() for name in step], HashEmbedder())

    build_index(homes / "once", [FILES[name]() for name in steps[-1]], HashEmbedder())

    if Home(homes / "once").catalog.is_file() and steps[-1]:
        assert content(homes / "steps") == content(homes / "once")
        assert verify(homes / "steps").findings == ()
