"""Which files a run is about: names for people, origins for comparing, nothing hidden, nothing twice."""

import errno
import os
from pathlib import Path

import pytest

from index.errors import FileUnreadable, PathUnreadable
from index.files import find_files, given_files
from index.records import SourceFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my papers"
    for name in ("b.txt", "a.txt", "deep/c.txt", ".hidden", ".git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path, code: int = errno.EACCES) -> None:
    """Lets the system refuse to list a folder, as it does for who is not root."""
    scandir = os.scandir

    def scan(path: str | int) -> object:
        if path == str(folder):
            raise OSError(code, os.strerror(code), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)


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


def test_a_link_that_leaves_what_is_indexed_is_refused_and_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("not named")
    (folder / "stolen.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (folder / "deep" / "elsewhere").symlink_to(tmp_path / "outside")

    scope, following = find_files([folder]), find_files([folder], follow_links=True)

    told = {left_out.name: str(left_out.error) for left_out in scope.left_out}
    assert [source.name for source in scope.sources] == ["my papers/a.txt", "my papers/b.txt", "my papers/deep/c.txt"]
    assert set(told) == {"my papers/stolen.txt", "my papers/deep/elsewhere"}
    assert all("outside" in error and "--follow-links" in error for error in told.values())
    assert {"my papers/stolen.txt", "my papers/deep/elsewhere/secret.txt"} <= {source.name for source in following.sources}
    assert not following.left_out


def test_a_link_into_another_path_that_is_indexed_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "d.txt").write_text("d")
    (folder / "link.txt").symlink_to(tmp_path / "other" / "d.txt")

    assert "my papers/link.txt" in names(folder, tmp_path / "other")


def test_a_path_that_is_itself_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(folder)

    assert names(tmp_path / "shortcut") == ["shortcut/a.txt", "shortcut/b.txt", "shortcut/deep/c.txt"]


def test_a_folder_that_cannot_be_read_is_told_and_not_spoken_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, folder / "deep")

    scope = find_files([folder])

    [left_out] = scope.left_out
    assert (left_out.name, type(left_out.error)) == ("my papers/deep", PathUnreadable)
    assert [source.name for source in scope.sources] == ["my papers/a.txt", "my papers/b.txt"]
    assert scope.covers((folder / "gone.txt").as_uri())
    assert not scope.covers((folder / "deep" / "c.txt").as_uri())
    assert not scope.alone().covers((folder / "deep" / "c.txt").as_uri())


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
