"""The derived indexes follow the catalog: behind, missing or damaged, they are made from it again."""

import shutil
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index import phrase_folders
from index.build import build_index
from index.catalog.reader import Snapshot
from index.collection import Collection
from index.derived import open_phrases, open_vectors, open_words, phrases_path, vectors_path, words_path
from index.home import WORD_UNITS, Home, WordUnit, locked
from index.records import SourceFile
from index.stores import Ids, LexicalEntry
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

DERIVED = ("vectors", "words", "phrases")


def delete(home: Home) -> None:
    for folder in DERIVED:
        shutil.rmtree(home.folder / folder)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    build_index(tmp_path, [quoting()], HashEmbedder())
    return Home(tmp_path)


def opened(home: Home) -> None:
    collection = Collection.open(home.folder)
    assert np.array_equal(open_vectors(home, collection._snapshot)[0].ids, collection._snapshot.entry_ids("windows"))
    for unit in WORD_UNITS:
        assert np.array_equal(open_words(home, collection._snapshot, unit)[0].ids, collection._snapshot.entry_ids(unit))
    assert np.array_equal(open_phrases(home, collection._snapshot)[0].ids, collection._snapshot.entry_ids("excerpts"))


def stamps(home: Home) -> set[str]:
    return {path.stem for folder in (home.vectors, *map(home.words, WORD_UNITS), home.phrases) for path in folder.iterdir()}


def test_after_a_build_nothing_is_left_to_do(home: Home) -> None:
    assert stamps(home) == {Snapshot(home).state.stamp}


def test_deleted_they_are_made_again(home: Home) -> None:
    delete(home)

    opened(home)

    assert stamps(home) == {Snapshot(home).state.stamp}
    assert verify(home.folder).findings == ()


@pytest.mark.parametrize("left", [b"", b"nothing of ours", b"IxMp" + b"\0" * 60])
def test_a_damaged_vector_file_is_made_again(home: Home, left: bytes) -> None:
    vectors_path(home, Snapshot(home).state.stamp).write_bytes(left)

    opened(home)

    assert verify(home.folder).findings == ()


def test_what_else_lies_in_their_folders_is_removed_with_those_of_other_generations(home: Home) -> None:
    for folder in (home.vectors, home.words("windows")):
        (folder / "stray" / "folder").mkdir(parents=True)

    build_index(home.folder, [indexing(), quoting()], HashEmbedder())

    assert stamps(home) == {Snapshot(home).state.stamp}


@pytest.mark.parametrize("unit", WORD_UNITS)
@pytest.mark.parametrize("left", [b"", b"nothing of ours", b"\x05\0\0\0\0\0\0\0{}   "])
def test_a_damaged_word_index_is_made_again(home: Home, unit: WordUnit, left: bytes) -> None:
    words_path(home, unit, Snapshot(home).state.stamp).write_bytes(left)

    opened(home)

    assert verify(home.folder).findings == ()


@pytest.mark.parametrize("pattern", ["meta.json", "*.term", "*.idx", "*.fast"])
def test_a_damaged_phrase_index_is_made_again(home: Home, pattern: str) -> None:
    damaged = list(phrases_path(home, Snapshot(home).state.stamp).glob(pattern))
    for file in damaged:
        file.write_bytes(b"")

    opened(home)

    assert damaged
    assert verify(home.folder).findings == ()


def test_those_of_another_index_are_not_taken_for_ours(home: Home, tmp_path: Path) -> None:
    build_index(tmp_path / "other", [indexing()], HashEmbedder())
    other = Home(tmp_path / "other")
    for folder in DERIVED:
        shutil.rmtree(home.folder / folder)
        shutil.copytree(other.folder / folder, home.folder / folder)

    opened(home)

    assert verify(home.folder).findings == ()


def test_what_changed_is_added_without_making_all_of_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(tmp_path, [indexing()], HashEmbedder())
    monkeypatch.setattr(phrase_folders, "make_phrases", None)  # calling it would fail
    read: list[int] = []
    entries = Snapshot.lexical_entries

    def counted(snapshot: Snapshot, unit: WordUnit, ids: Ids) -> Iterator[LexicalEntry]:
        read.extend(ids.tolist())
        return entries(snapshot, unit, ids)

    monkeypatch.setattr(Snapshot, "lexical_entries", counted)

    build_index(tmp_path, [indexing(), quoting()], HashEmbedder())

    counts = Collection.open(tmp_path).counts
    assert 0 < len(read) < counts.windows + 2 * counts.excerpts
    assert verify(tmp_path).findings == ()


def test_a_generation_is_whole_before_anybody_can_open_it(home: Home) -> None:
    before = Snapshot(home).state.stamp
    seen: list[set[str]] = []

    def look(collection: Collection) -> dict[str, str]:
        seen.append(stamps(home))
        assert np.array_equal(collection.vectors.scores(np.eye(1, 16, dtype=np.float32)).shape, (1, collection.counts.windows))
        assert Collection.open(home.folder).generation == 1
        return {"looked": collection._snapshot.state.stamp}

    build_index(home.folder, [indexing(), quoting()], HashEmbedder(), learn=look)

    after = Snapshot(home).state.stamp
    assert seen == [{before, after}]
    assert stamps(home) == {after}
    assert Collection.open(home.folder).note("looked") == after


def test_a_generation_that_cannot_be_made_whole_never_becomes_current(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Collection) -> dict[str, str]:
        raise KeyError

    with pytest.raises(KeyError):
        build_index(home.folder, [indexing(), quoting()], HashEmbedder(), learn=fail)

    assert Collection.open(home.folder).generation == 1
    opened(home)
    assert verify(home.folder).findings == ()
    assert build_index(home.folder, [indexing(), quoting()], HashEmbedder()).embedded == 0
    assert stamps(home) == {Snapshot(home).state.stamp}


def peak_of_indexing(home: Path, sentences: int) -> int:
    """Bytes that Python and NumPy hold at most while one section of so many sentences is indexed."""
    text = " ".join(
        f"Sentence {number} tells what the reader of page {number % 97} was looking for." for number in range(sentences)
    )
    tracemalloc.start()
    try:
        build_index(home, [SourceFile("one.md", f"# One section\n\n{text}\n".encode())], HashEmbedder())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_with_the_length_of_an_excerpt_and_not_with_its_square(tmp_path: Path) -> None:
    build_index(tmp_path / "warm", [quoting()], HashEmbedder())
    short, long = (peak_of_indexing(tmp_path / str(count), count) for count in (1000, 4000))

    assert long < 6 * short


def test_when_much_has_gone_the_phrase_index_is_made_afresh(tmp_path: Path) -> None:
    build_index(tmp_path, [indexing(), quoting()], HashEmbedder())

    build_index(tmp_path, [quoting()], HashEmbedder())

    # Without what was forgotten, which tantivy would count until it merges.
    assert "concordance" not in Collection.open(tmp_path).phrases.words


def test_a_collection_opened_before_a_build_still_answers_from_its_generation(home: Home) -> None:
    old = Collection.open(home.folder)
    before = old.excerpts(old.excerpt_ids())
    build_index(home.folder, [indexing()], HashEmbedder(seed="other"))

    ids, _ = old.vectors.search(HashEmbedder().embed([before[0].text], "query"), 1)[0]

    assert not old.is_current()
    assert old.excerpts(old.excerpt_ids()) == before
    assert old.windows(ids.tolist())[0].excerpt_id in {excerpt.id for excerpt in before}
    assert np.array_equal(open_words(home, old._snapshot, "windows")[0].ids, old._snapshot.entry_ids("windows"))
    assert stamps(home) == {Collection.open(home.folder)._snapshot.state.stamp}


def test_an_index_nobody_may_write_to_is_read_and_made_up_in_memory(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    delete(home)
    monkeypatch.setattr(Home, "writable", False)

    opened(home)

    assert not home.vectors.exists()


def test_where_the_disk_has_no_room_they_are_held_in_memory_and_it_is_told(home: Home) -> None:
    delete(home)
    limited = f"""
import resource
from pathlib import Path
from index.collection import Collection
from tests.fakes import HashEmbedder
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
collection = Collection.open(Path({str(home.folder)!r}))
collection.open_searches()
[(ids, _)] = collection.vectors.search(HashEmbedder().embed(["To quote"], "query"), 1)
print(len(collection.notices), collection.windows(ids.tolist())[0].text[:8], len(collection.phrases.holding(["to quote"])))
print(collection.notices[0])
"""

    told = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
    )

    assert told.stdout.splitlines()[:1] == ["4 To quote 1"], told.stderr
    assert "vector index is held in memory" in told.stdout
    assert "too large" in told.stdout.lower()
    assert not [path for path in home.folder.rglob("*") if "unfinished" in path.name]


def test_readers_that_come_together_make_the_files_once(home: Home) -> None:
    delete(home)
    threads = [threading.Thread(target=opened, args=(home,)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(home.vectors.iterdir())) == 1
    assert verify(home.folder).findings == ()


def test_whoever_opens_while_others_build_finds_one_whole_generation(tmp_path: Path) -> None:
    versions = ([indexing()], [quoting()], [indexing(), quoting()])
    build_index(tmp_path, versions[-1], HashEmbedder())
    done = threading.Event()
    seen: list[bool] = []

    def open_again_and_again() -> None:
        while not done.is_set():
            collection = Collection.open(tmp_path)
            snapshot, home = collection._snapshot, Home(tmp_path)
            seen.append(np.array_equal(open_vectors(home, snapshot)[0].ids, snapshot.entry_ids("windows")))
            seen.append(np.array_equal(open_words(home, snapshot, "windows")[0].ids, snapshot.entry_ids("windows")))
            seen.append(np.array_equal(open_phrases(home, snapshot)[0].ids, snapshot.entry_ids("excerpts")))
            collection.close()

    readers = [threading.Thread(target=open_again_and_again) for _ in range(2)]
    for reader in readers:
        reader.start()
    for version in range(9):
        build_index(tmp_path, versions[version % 3], HashEmbedder())
    done.set()
    for reader in readers:
        reader.join()

    assert len(seen) > 4
    assert all(seen)


def test_a_lock_file_left_by_a_dead_process_blocks_nobody(home: Home) -> None:
    home.writer_lock.write_text("4711")

    with locked(home.writer_lock, 0):
        build_reached = True

    assert build_reached
