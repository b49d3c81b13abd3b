"""What collection.toml says of works and of single citations holds, and goes on to hold when the collection is indexed again."""

from pathlib import Path

import pytest

from index.build import build_index
from index.citations.parse import parse_citation
from index.citations.works import merge_works
from index.collection import Collection
from index.errors import FileUnreadable
from index.files import find_files
from index.records import Filters, WorkRules
from tests.fakes import HashEmbedder

BOOK = "Fell, Ida. The Lamp Book. Nowhere: Example Press, 1931, p. 4"
RENAMED = "Fell, Ida. Lanterns and Their Owners. Elsewhere: Test House, 1935, p. 9"
POEMS = "Tarn, Otto. Collected Poems. Nowhere: Example Press, 1950, p. 3"
LATER_POEMS = "Tarn, Otto. Collected Poems. Nowhere: Example Press, 1990, p. 8"


def titles(*rules: WorkRules) -> list[tuple[str, int]]:
    works, _ = merge_works([parse_citation(raw) for raw in (BOOK, RENAMED, POEMS, LATER_POEMS)], rules)
    return sorted((str(work.csl["title"]), work.excerpts) for work in works)


def test_works_called_the_same_are_one() -> None:
    rule = WorkRules(same=(("Fell, Ida. The Lamp Book", "Ida Fell, Lanterns and Their Owners"),))

    assert titles() == [("Collected Poems", 2), ("Lanterns and Their Owners", 1), ("The Lamp Book", 1)]
    assert sorted(count for _, count in titles(rule)) == [2, 2]


def test_works_called_different_are_two_whatever_their_spellings_tell() -> None:
    rule = WorkRules(different=((POEMS, LATER_POEMS),))

    assert titles(rule)[:2] == [("Collected Poems", 1), ("Collected Poems", 1)]
    works, places = merge_works([parse_citation(raw) for raw in (POEMS, LATER_POEMS)], [rule])
    assert len({work.id for work in works}) == 2
    assert places[0] != places[1]


def test_a_work_may_be_named_by_its_id() -> None:
    works, places = merge_works([parse_citation(raw) for raw in (BOOK, RENAMED)])
    rule = WorkRules(same=((works[places[0]].id, works[places[1]].id),))

    assert sorted(count for _, count in titles(rule)) == [2, 2]


def test_a_rule_about_works_that_are_not_there_changes_nothing() -> None:
    assert titles(WorkRules(same=(("Moor, Una. Wool", "Moor, Una. Water"),), different=((BOOK, "Moor, Una. Wool"),))) == titles()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    texts = ["Whoever lights a lamp owns the dark.", "A lantern is lent, and never given.", "Salt remembers the sea."]
    blocks = [f"{text}\n\n{raw}" for text, raw in zip(texts, (BOOK, RENAMED, POEMS), strict=True)]
    (tmp_path / "notes" / "reader.txt").write_text("\n\n".join(blocks) + "\n", "utf-8")
    return tmp_path / "notes"


def index(folder: Path) -> Collection:
    build_index(folder.parent / "home", find_files([folder]), HashEmbedder())
    return Collection.open(folder.parent / "home")


def works(folder: Path) -> list[tuple[str, int]]:
    collection = index(folder)
    found = [(str(work.csl["title"]), work.excerpts) for work in collection.works(Filters())]
    collection.close()
    return sorted(found)


def test_rules_hold_when_the_collection_is_indexed_again_and_go_with_the_file(folder: Path) -> None:
    before = works(folder)
    (folder / "collection.toml").write_text(f'[works]\nsame = [["{BOOK}", "{RENAMED}"]]\n', "utf-8")
    told = works(folder)
    (folder / "more.txt").write_text("Nobody counts the wool.\n", "utf-8")
    again = works(folder)
    (folder / "collection.toml").unlink()

    assert before == [("Collected Poems", 1), ("Lanterns and Their Owners", 1), ("The Lamp Book", 1)]
    assert len(told) == 2
    assert [work for work in again if work[1] == 2] == [work for work in told if work[1] == 2] != []
    assert [work for work in works(folder) if work[0] != "more"] == before


def test_a_rule_that_names_nothing_is_told_and_one_that_names_something_is_not(folder: Path) -> None:
    gone = "Moor, Una. Wool. Nowhere: Sample Press, 1950"
    rules = f'same = [["{BOOK}", "{RENAMED}"], ["{BOOK}", "{gone}"]]\ndifferent = [["{gone}", "0123456789abcdef"]]'
    (folder / "collection.toml").write_text(f"[works]\n{rules}\n", "utf-8")

    told = build_index(folder.parent / "home", find_files([folder]), HashEmbedder())
    (folder / "collection.toml").write_text(f'[works]\nsame = [["{BOOK}", "{RENAMED}"]]\n', "utf-8")
    mended = build_index(folder.parent / "home", find_files([folder]), HashEmbedder())

    assert told.warnings == tuple(
        f"[works] in collection.toml names {name!r}, but no work of this collection is cited so, or has this id"
        for name in (gone, "0123456789abcdef")
    )
    assert mended.warnings == ()


def test_a_correction_holds_by_the_id_that_the_page_shows_before_and_after_it(folder: Path) -> None:
    collection = index(folder)
    (first, *_) = [excerpt for excerpt in collection.excerpts(collection.excerpt_ids()) if "lights" in excerpt.text]
    collection.close()
    right = "Moor, Una. Wool and Water. Nowhere: Sample Press, 1950, p. 103"

    def corrected(key: str, citation: str) -> tuple[str, str]:
        (folder / "collection.toml").write_text(f'[corrections]\n"{key}" = "{citation}"\n', "utf-8")
        collection = index(folder)
        (found,) = [excerpt for excerpt in collection.excerpts(collection.excerpt_ids()) if "lights" in excerpt.text]
        collection.close()
        return found.id, found.citation.raw if found.citation else ""

    told = corrected(first.id, right)
    assert told[1] == right
    assert corrected(told[0], right) == told
    assert corrected("reader.txt:1", right) == told
    assert corrected("reader.txt:1", "")[1] == ""


def test_a_correction_of_a_line_where_nothing_begins_is_told(folder: Path) -> None:
    (folder / "collection.toml").write_text(f'[corrections]\n"reader.txt:2" = "{BOOK}"\n', "utf-8")

    summary = build_index(folder.parent / "home", find_files([folder]), HashEmbedder())

    assert summary.warnings == (
        "collection.toml corrects line 2 of 'notes/reader.txt', where neither an excerpt nor its citation begins",
    )


@pytest.mark.parametrize(
    "toml",
    ["[works]\nequal = []", "[works]\nsame = 3", '[works]\nsame = ["a", "b"]', '[works]\ndifferent = [["a"]]', "works = 1"],
)
def test_what_is_no_rule_is_an_error(folder: Path, toml: str) -> None:
    (folder / "collection.toml").write_text(toml, "utf-8")

    with pytest.raises(FileUnreadable, match=r"collection\.toml.*\[works\] with same and different"):
        [source.load() for source in find_files([folder]).sources]
