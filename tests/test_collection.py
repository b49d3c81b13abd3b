"""A collection as it is read: what was asked for, in the order asked, or an error that names what is not there."""

import gc
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from index.build import build_index
from index.catalog import open_for_writing
from index.collection import Collection
from index.errors import IndexDamaged, IndexMissing, Unknown
from index.home import Home
from index.records import Excerpt, Filters
from tests.fakes import HashEmbedder
from tests.passages import INDEXING, indexing, quoting


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    build_index(home, [indexing(), quoting()], HashEmbedder())
    return home


@pytest.fixture
def collection(home: Path) -> Collection:
    return Collection.open(home)


def all_of(collection: Collection) -> list[Excerpt]:
    return collection.excerpts(collection.excerpt_ids())


def test_every_excerpt_is_what_stands_in_its_document(collection: Collection) -> None:
    for excerpt in all_of(collection):
        assert collection.document_text(excerpt.document_id, excerpt.start, excerpt.end) == excerpt.text
        assert excerpt.citation is not None
        start, end = excerpt.citation.start, excerpt.citation.end
        assert collection.document_text(excerpt.document_id, start or 0, end or 0) == excerpt.citation.raw


def test_excerpts_come_in_the_order_asked(collection: Collection) -> None:
    ids = collection.excerpt_ids()[::-1]

    assert [excerpt.id for excerpt in collection.excerpts([*ids, ids[0]])] == [*ids, ids[0]]


def test_windows_come_in_the_order_asked_and_are_found_by_their_excerpt(collection: Collection) -> None:
    excerpts = all_of(collection)

    for excerpt, ids in zip(excerpts, collection.window_ids_of([excerpt.id for excerpt in excerpts]), strict=True):
        windows = collection.windows(ids[::-1])
        assert [window.start for window in windows] == sorted((window.start for window in windows), reverse=True)
        assert all(excerpt.text[window.start : window.end] == window.text for window in windows)


def test_more_ids_than_sql_takes_parameters_can_be_asked_for(collection: Collection) -> None:
    one = collection.excerpt_ids()[0]

    assert len(collection.excerpts([one] * 40_000)) == 40_000


def test_neighbours_stand_before_and_after_in_the_document(collection: Collection) -> None:
    ids = collection.excerpt_ids(Filters(document=("indexing.txt",)))

    before, after = collection.neighbours(ids[1])
    none_before, both_after = collection.neighbours(ids[0], before=5, after=5)

    assert ([excerpt.id for excerpt in before], [excerpt.id for excerpt in after]) == (ids[:1], ids[2:])
    assert ([excerpt.id for excerpt in none_before], [excerpt.id for excerpt in both_after]) == ([], ids[1:])


def test_excerpts_are_found_under_their_heading_in_every_document(collection: Collection) -> None:
    found = collection.excerpts(collection.under_heading(("FINDING WORDS",)))

    assert [excerpt.text[:8] for excerpt in found] == ["An index", "A concor", "To quote", "Nothing "]


def test_works_are_merged_across_documents_and_counted(collection: Collection) -> None:
    works = {work.csl["title"]: work for work in collection.works()}

    assert {title: work.excerpts for title, work in works.items()} == {
        "The Patient Indexer": 2,
        "Weights and Words": 2,
        "The Honest Quotation": 1,
    }
    assert collection.work(works["Weights and Words"].id) == works["Weights and Words"]
    assert {excerpt.work_id for excerpt in all_of(collection)} == {work.id for work in works.values()}


@pytest.mark.parametrize(
    ("filters", "beginnings"),
    [
        (Filters(author=("marlow",)), ["An index", "A concor"]),
        (Filters(author=("Ann MARLOW",)), ["An index", "A concor"]),
        (Filters(author=("dvorak", "Oduya")), ["Rare wor", "To quote", "Nothing "]),
        (Filters(author=("Marlowe",)), []),
        (Filters(author=("low",)), []),
        (Filters(title=("words weights",)), ["Rare wor", "Nothing "]),
        (Filters(heading=("counting",)), ["Rare wor"]),
        (Filters(year=((1951, 1951),)), ["An index", "A concor"]),
        (Filters(year=((1900, 1960), (1980, 1999))), ["An index", "A concor", "To quote"]),
        (Filters(year=((1900, 1901),)), []),
        (Filters(document=("quoting.txt",)), ["To quote", "Nothing "]),
        (Filters(document=("quoting.txt",), author=("Oduya",)), ["Nothing "]),
        (Filters(author=("…",)), []),
        (Filters(document=("' OR 1 --",)), []),
        (Filters(work=("no work",)), []),
    ],
)
def test_filters_leave_what_holds_in_all_of_them(collection: Collection, filters: Filters, beginnings: list[str]) -> None:
    ids = collection.excerpt_ids(filters)
    keys = collection.excerpt_keys(filters)

    assert [excerpt.text[:8] for excerpt in collection.excerpts(ids)] == beginnings
    assert keys is not None
    assert sorted(excerpt.id for excerpt in collection.excerpts_by_key(keys.tolist())) == sorted(ids)
    assert sum(work.excerpts for work in collection.works(filters)) == len(beginnings)


def test_a_document_is_filtered_by_its_id_and_a_work_by_its(collection: Collection) -> None:
    document, work = collection.documents()[0], collection.works()[0]

    assert len(collection.excerpt_ids(Filters(document=(document.id,)))) == document.excerpts
    assert len(collection.excerpt_ids(Filters(work=(work.id,)))) == work.excerpts


def test_no_filters_limit_nothing(collection: Collection) -> None:
    assert collection.excerpt_keys(Filters()) is None


def test_windows_and_excerpts_know_each_other_by_number(collection: Collection) -> None:
    windows = collection._snapshot.entry_ids("windows")

    keys = collection.window_map.excerpts_of(windows)

    excerpts = collection.excerpts_by_key(keys.tolist())
    assert [excerpt.id for excerpt in excerpts] == [window.excerpt_id for window in collection.windows(windows.tolist())]


def test_windows_stand_in_their_excerpts_where_the_layout_says(collection: Collection) -> None:
    windows = collection._snapshot.entry_ids("windows")

    spans = [collection.window_map.span(place) for place in range(len(windows))]

    assert spans == [(window.start, window.end) for window in collection.windows(windows.tolist())]


def test_a_documents_text_is_the_files_own(collection: Collection) -> None:
    [card] = [card for card in collection.documents() if card.name == "indexing.txt"]

    assert collection.document(card.id) == card
    assert collection.document_text(card.id, 0, card.characters) == INDEXING
    assert (card.title, card.sha256, card.excerpts, card.complete) == ("NOTES ON INDEXES", indexing().sha256, 3, True)
    assert card.blocks["text"] == sum(len(excerpt.text) for excerpt in collection.excerpts(collection.excerpt_ids()[:3]))


def test_what_is_not_there_is_named(collection: Collection) -> None:
    for ask in (
        lambda: collection.excerpts(["0123"]),
        lambda: collection.windows([99999]),
        lambda: collection.window_ids_of(["0123"]),
        lambda: collection.neighbours("0123"),
        lambda: collection.work("0123"),
        lambda: collection.document("0123"),
        lambda: collection.document_text("0123", 0, 1),
        lambda: collection.excerpts_by_key([99999]),
    ):
        with pytest.raises(Unknown, match=r"0123|99999"):
            ask()


def test_many_threads_read_at_once(collection: Collection) -> None:
    expected = all_of(collection)
    seen: list[list[Excerpt]] = []
    threads = [threading.Thread(target=lambda: seen.extend(all_of(collection) for _ in range(20))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [expected] * 160


def test_a_note_is_kept_with_its_generation(tmp_path: Path) -> None:
    build_index(tmp_path, [quoting()], HashEmbedder())
    old = Collection.open(tmp_path)
    old.put_note("weight", {"dense": 0.6})
    build_index(tmp_path, [indexing()], HashEmbedder())
    new = Collection.open(tmp_path)

    new.put_note("weight", 0.5)

    assert (old.note("weight"), new.note("weight"), new.note("other")) == ({"dense": 0.6}, 0.5, None)
    assert new.notes() == {"weight": 0.5}


def test_the_newest_generation_is_known(tmp_path: Path) -> None:
    build_index(tmp_path, [quoting()], HashEmbedder())
    collection = Collection.open(tmp_path)
    current = collection.is_current()

    build_index(tmp_path, [indexing()], HashEmbedder())

    assert (current, collection.is_current(), collection.generation) == (True, False, 1)


def test_opening_loads_neither_index(home: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from index.catalog import open_for_writing
from index.collection import Collection
collection = Collection.open(Path({str(home)!r}))
collection.excerpts(collection.excerpt_ids())
print([name for name in ("faiss", "tantivy", "torch", "sentence_transformers", "onnxruntime") if name in sys.modules])
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
    )

    assert told.stdout == "[]\n"


def test_no_index_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="ibid index"):
        Collection.open(tmp_path)


def test_a_first_build_that_never_finished_is_no_index(tmp_path: Path) -> None:
    with open_for_writing(Home(tmp_path)):
        pass

    with pytest.raises(IndexMissing):
        Collection.open(tmp_path)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at", b"SQLite format 3\0" + b"\xff" * 200])
def test_a_file_that_is_no_catalog_is_damage(tmp_path: Path, content: bytes) -> None:
    Home(tmp_path).catalog.write_bytes(content)

    with pytest.raises(IndexDamaged, match="cannot be read"):
        Collection.open(tmp_path)


def test_a_catalog_of_another_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    connection = sqlite3.connect(Home(tmp_path).catalog)
    connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(IndexDamaged, match=r"layout 999.*ibid index"):
        Collection.open(tmp_path)


def test_a_collection_nobody_has_any_more_lets_go_of_its_generation(tmp_path: Path) -> None:
    build_index(tmp_path, [quoting()], HashEmbedder())
    snapshot = Collection.open(tmp_path)._snapshot
    connection = snapshot._connection

    del snapshot
    gc.collect()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_collection_that_nobody_may_write_to_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Home, "writable", False)

    assert len(all_of(Collection.open(home))) == 5


def test_a_collection_closed_while_it_is_asked_crashes_nothing(tmp_path: Path) -> None:
    build_index(tmp_path, [quoting()], HashEmbedder())
    closed_meanwhile = """
import sqlite3, sys, threading, time
from pathlib import Path
from index.collection import Collection
collection = Collection.open(Path(sys.argv[1]))
counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n"
counted = []
thread = threading.Thread(target=lambda: counted.extend(collection._snapshot.rows(counting)))
thread.start()
time.sleep(0.02)
collection.close()
thread.join()
try:
    collection.works()
except sqlite3.ProgrammingError:
    print(len(counted))
"""

    command = [sys.executable, "-c", closed_meanwhile, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])

    assert (done.returncode, done.stdout.strip()) == (0, "300000")
