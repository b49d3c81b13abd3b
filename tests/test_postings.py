"""Word indexes on disk: written whole, and damage told as damage."""

from pathlib import Path

import pytest

from index.errors import IndexDamaged
from index.stores import LexicalEntry
from index.stores.postings import Postings


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "words.safetensors"
    Postings.of([LexicalEntry(number, f"alpha bravo number{number}") for number in range(1, 50)]).save(path)
    return path


def test_nothing_unfinished_is_left_beside_the_file(saved: Path) -> None:
    assert list(saved.parent.iterdir()) == [saved]


def test_what_is_mapped_stays_when_the_file_is_replaced_and_deleted(saved: Path) -> None:
    postings = Postings.load(saved)

    Postings.of([]).save(saved)
    saved.unlink()

    assert postings.ids.tolist() == list(range(1, 50))
    assert postings.counts.min() > 0


@pytest.mark.parametrize("kept", [0, 5, 8, 100, -1])
def test_a_file_cut_short_is_damage(saved: Path, kept: int) -> None:
    saved.write_bytes(saved.read_bytes()[:kept])

    with pytest.raises(IndexDamaged, match="cannot be used"):
        Postings.load(saved)


@pytest.mark.parametrize(
    ("old", "new"), [(b"ibid-postings-4", b"ibid-postings-0"), (b'"lengths"', b'"widths_"'), (b'"I32"', b'"F16"')]
)
def test_a_file_of_another_kind_is_damage(saved: Path, old: bytes, new: bytes) -> None:
    assert old in saved.read_bytes()
    saved.write_bytes(saved.read_bytes().replace(old, new))

    with pytest.raises(IndexDamaged, match="made again from the catalog"):
        Postings.load(saved)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="No such file"):
        Postings.load(tmp_path / "words.safetensors")
