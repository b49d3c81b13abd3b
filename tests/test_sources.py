"""Which files a run is about: names for people, origins for comparing, nothing hidden, nothing twice."""

import os
from pathlib import Path

import pytest

from index.errors import FileUnreadable
from index.files import find_files, given_files
from index.records import SourceFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my papers"
    for name in ("b.txt", "a.txt", "deep/c.txt", ".hidden", ".git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def names(*paths: Path, leave_out: Path | None = None) -> list[str]:
    return [source.name for source in find_files(paths, leave_out).sources]


def test_a_folder_gives_all_files_below_it_but_the_hidden_ones_by_name(folder: Path) -> None:
    assert names(folder) == ["my papers/a.txt", "my papers/b.txt", "my papers/deep/c.txt"]


def test_a_file_is_named_by_itself_even_when_hidden(folder: Path) -> None:
    assert names(folder / ".hidden") == [".hidden"]


def test_the_index_itself_is_left_out(folder: Path) -> None:
    assert names(folder, leave_out=folder / "deep") == ["my papers/a.txt", "my papers/b.txt"]


def test_a_file_found_twice_is_there_once(folder: Path) -> None:
    assert len(names(folder, folder / "a.txt", folder)) == 3


def test_the_same_place_has_the_same_origin_however_it_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "deep")

    [absolute], [relative] = (find_files([path]).sources for path in (folder / "a.txt", Path("../a.txt")))

    assert absolute.origin == relative.origin


def test_a_link_that_leads_back_up_ends(folder: Path) -> None:
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "linked.txt").symlink_to(folder / "a.txt")
    (folder / "broken").symlink_to(folder / "nowhere")

    assert names(folder) == ["my papers/a.txt", "my papers/b.txt", "my papers/deep/c.txt", "my papers/linked.txt"]


def test_a_file_name_that_is_no_unicode_can_be_read_and_shown(folder: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt"))
    path.write_text("x")

    [source] = find_files([path]).sources

    assert (source.name, source.load().data) == ("caf\ufffd.txt", b"x")


def test_a_scope_covers_its_roots_and_what_lies_below_but_no_namesakes(folder: Path) -> None:
    scope = find_files([folder / "deep"])

    assert scope.covers((folder / "deep").as_uri())
    assert scope.covers((folder / "deep" / "gone.txt").as_uri())
    assert not scope.covers((folder / "deeper.txt").as_uri())
    assert not scope.covers(given_files([SourceFile("deep", b"")]).sources[0].origin)


def test_files_in_memory_are_all_there_is_in_memory(folder: Path) -> None:
    scope = given_files([SourceFile("a/b c.txt", b"x")])

    assert scope.sources[0].load() == SourceFile("a/b c.txt", b"x")
    assert scope.covers(scope.sources[0].origin)
    assert not scope.covers(folder.as_uri())


def test_a_file_that_vanishes_meanwhile_is_told_by_name(folder: Path) -> None:
    [source] = find_files([folder / "a.txt"]).sources
    (folder / "a.txt").unlink()

    with pytest.raises(FileUnreadable, match=r"a\.txt cannot be read"):
        source.load()
