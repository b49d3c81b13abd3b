"""What a disk or another program changes is found when it is read, and never shown: it is told, or made again."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.catalog import FORMAT
from index.checksums import digest
from index.collection import Collection
from index.derived import phrases_path, vectors_path, words_path
from index.errors import IndexDamaged
from index.home import Home
from index.records import Filters
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting


@pytest.fixture
def home(tmp_path: Path) -> Path:
    build_index(tmp_path, [indexing(), quoting()], HashEmbedder(), learn=lambda _: {"weight": 0.5})
    return tmp_path


def tamper(home: Path, statement: str) -> None:
    connection = sqlite3.connect(Home(home).catalog)
    with connection:
        connection.execute(statement)
    connection.close()


def every_excerpt(collection: Collection) -> object:
    return collection.excerpts(collection.excerpt_ids())


READS: dict[str, Callable[[Collection], object]] = {
    "excerpts": every_excerpt,
    "hits": lambda collection: collection.excerpts_by_key([1, 2, 3, 4, 5]),
    "neighbours": lambda collection: collection.neighbours(collection.excerpt_ids()[1]),
    "documents": lambda collection: collection.documents(),
    "text": lambda collection: [collection.document_text(card.id, 0, 9) for card in collection.documents()],
    "works": lambda collection: collection.works(),
    "windows": lambda collection: collection.windows(
        collection.vectors.search(np.eye(1, 16, dtype=np.float32), 99)[0][0].tolist()
    ),
}


@pytest.mark.parametrize("read", READS)
def test_what_is_sound_is_read(home: Path, read: str) -> None:
    assert READS[read](Collection.open(home))


@pytest.mark.parametrize(
    ("read", "statement"),
    [
        ("excerpts", "UPDATE excerpts SET text = replace(text, 'index', 'indes')"),
        ("hits", "UPDATE excerpts SET text = replace(text, 'index', 'indes')"),
        ("neighbours", "UPDATE excerpts SET text = replace(text, 'e', 'a')"),
        ("excerpts", "UPDATE excerpts SET citation = replace(citation, 'Marlow', 'Barlow')"),
        ("excerpts", "UPDATE excerpts SET citation = substr(citation, 1, 20)"),
        ("excerpts", "UPDATE excerpts SET headings = '[\"OTHER\"]'"),
        ("excerpts", "UPDATE excerpts SET document = 3 - document"),
        ("excerpts", "UPDATE excerpts SET start = start + 1, end = end + 1"),
        ("excerpts", "UPDATE excerpts SET id = '0123456789abcdef' WHERE key = 1"),
        ("excerpts", "UPDATE excerpts SET text = CAST(x'ff' || text AS TEXT)"),
        ("documents", "UPDATE documents SET title = 'Other' WHERE key = 2"),
        ("documents", "UPDATE documents SET name = name || 'x'"),
        ("text", "UPDATE documents SET text = x'0061626364'"),
        ("works", "UPDATE works SET csl = replace(csl, '19', '18')"),
        ("works", "UPDATE works SET csl = substr(csl, 1, 9)"),
        ("windows", "UPDATE windows SET start = start + 1 WHERE id = 2"),
        ("windows", "UPDATE windows SET excerpt = 1"),
        ("windows", "DELETE FROM windows WHERE id = 3"),
    ],
)
def test_what_was_changed_in_the_catalog_is_never_handed_out(home: Path, read: str, statement: str) -> None:
    tamper(home, statement)

    with pytest.raises(IndexDamaged, match=r"is not what was written|cannot be read"):
        READS[read](Collection.open(home))


def test_a_damaged_vector_is_not_built_upon(home: Path) -> None:
    tamper(home, "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE key = 2")
    vectors_path(Home(home), Collection.open(home)._snapshot.state.stamp).unlink()

    with pytest.raises(IndexDamaged, match="the vector of window"):
        _ = Collection.open(home).vectors


def test_a_run_of_indexing_does_not_take_damage_for_content(home: Path) -> None:
    tamper(home, "UPDATE excerpts SET citation = replace(citation, 'Marlow', 'Barlow')")

    with pytest.raises(IndexDamaged, match="excerpt number"):
        build_index(home, [indexing()], HashEmbedder())


def test_nor_damaged_windows(home: Path) -> None:
    tamper(home, "UPDATE windows SET start = start + 1 WHERE id = 2")
    with pytest.raises(IndexDamaged, match="the windows"):
        build_index(home, [], HashEmbedder())


def test_a_damaged_note_is_no_note(home: Path) -> None:
    assert Collection.open(home).note("weight") == 0.5
    tamper(home, "UPDATE notes SET value = '0.9'")

    assert Collection.open(home).note("weight") is None


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, -1])
def test_a_bit_flipped_in_a_derived_file_is_found_and_the_file_made_again(home: Path, at: float) -> None:
    place, stamp = Home(home), Collection.open(home)._snapshot.state.stamp
    phrases = sorted(phrases_path(place, stamp).glob("*.pos"))
    for path in (vectors_path(place, stamp), words_path(place, "windows", stamp), words_path(place, "excerpts", stamp), *phrases):
        content = bytearray(path.read_bytes())
        content[-1 if at < 0 else int(at * len(content))] ^= 4
        path.write_bytes(content)

    collection = Collection.open(home)
    collection.open_searches()

    assert phrases
    assert collection.notices == ()
    assert verify(home).findings == ()
    assert len(collection.phrases.holding(["index"])) > 0
    assert np.isclose(collection.vectors.scores(HashEmbedder().embed(["An index"], "query")).max(), 1, atol=0.6)


def test_words_that_changed_places_within_a_page_change_the_digest(tmp_path: Path) -> None:
    words = [bytes([number]) * 8 for number in range(100)]
    digests = set()
    for swapped in ((0, 1), (0, 8), (3, 64), (98, 99)):
        changed = [*words]
        changed[swapped[0]], changed[swapped[1]] = changed[swapped[1]], changed[swapped[0]]
        (tmp_path / "file").write_bytes(b"".join(changed))
        digests.add(digest(tmp_path / "file"))
    (tmp_path / "file").write_bytes(b"".join(words))

    assert len(digests | {digest(tmp_path / "file"), digest(tmp_path / "file", 799)}) == 6


@pytest.mark.parametrize("left", [b"", b"{}", b'{"a\xff": "0"}', b'{"a\\u0000": "0"}', b'{"meta.json": "0"}', b"[1]"])
def test_damaged_sums_of_a_phrase_index_make_it_again(home: Path, left: bytes) -> None:
    place = Home(home)
    phrases = phrases_path(place, Collection.open(home).stamp)
    (phrases / "meta.json").write_bytes(b"")
    (phrases / "checksums.json").write_bytes(left)

    assert len(Collection.open(home).phrases.holding(["index"])) > 0
    assert verify(home).findings == ()


def test_a_catalog_of_the_first_layout_is_brought_to_this_one_when_it_is_opened(home: Path) -> None:
    before = every_excerpt(Collection.open(home))
    as_before_sums(home)

    after = every_excerpt(Collection.open(home))

    assert after == before
    assert verify(home).findings == ()
    assert Collection.open(home)._snapshot.rows("PRAGMA user_version") == [(FORMAT,)]


def test_a_catalog_of_the_first_layout_that_nobody_may_write_to_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_before_sums(home)
    monkeypatch.setattr(Home, "writable", False)

    with pytest.raises(IndexDamaged, match=r"layout 1.*open it once where it may be written to"):
        Collection.open(home)


def test_an_excerpt_changed_before_there_were_sums_is_not_taken_for_sound(home: Path) -> None:
    as_before_sums(home)
    tamper(home, "UPDATE excerpts SET text = replace(text, 'index', 'indes')")

    collection = Collection.open(home)

    with pytest.raises(IndexDamaged, match="is not what was written"):
        every_excerpt(collection)
    assert len(collection.excerpts(collection.excerpt_ids(Filters(document=("quoting.txt",))))) == 2


def as_before_sums(home: Path) -> None:
    """Takes a catalog back to layout 1, which had no sums."""
    connection = sqlite3.connect(Home(home).catalog)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("DROP TABLE sums")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
