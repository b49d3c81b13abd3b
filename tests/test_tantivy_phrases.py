"""The tantivy store on disk: kept between processes, unharmed by writers, and damage told as damage."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexDamaged
from index.stores import LexicalEntry
from index.stores.phrases import TantivyPhrases

NONE = np.empty(0, np.int64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TantivyPhrases(tmp_path / "phrases").update(NONE, [LexicalEntry(1, "alpha"), LexicalEntry(2, "bravo")])
    return tmp_path / "phrases"


def test_what_was_stored_is_found_by_another_store_on_the_same_folder(folder: Path) -> None:
    assert TantivyPhrases(folder).holding(["alpha"]).tolist() == [1]


def test_an_open_store_goes_on_answering_from_what_it_opened(folder: Path) -> None:
    reader = TantivyPhrases(folder)

    TantivyPhrases(folder).update(np.array([1]), [LexicalEntry(3, "alpha")])

    assert reader.holding(["alpha"]).tolist() == [1]
    assert TantivyPhrases(folder).holding(["alpha"]).tolist() == [3]


def test_an_open_store_goes_on_when_its_folder_is_deleted(folder: Path) -> None:
    reader = TantivyPhrases(folder)

    for file in folder.iterdir():
        file.unlink()

    assert reader.holding(["bravo"]).tolist() == [2]


def test_a_writer_that_was_killed_leaves_the_last_commit_and_no_lock(folder: Path) -> None:
    killed = f"""
import os, signal, tantivy
from index.stores.phrases import TantivyPhrases
store = TantivyPhrases(__import__("pathlib").Path({str(folder)!r}))
writer = store._index.writer(15_000_000, num_threads=1)
writer.delete_documents_by_term("id", 1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", killed], check=False, cwd=Path(__file__).parents[1])

    store = TantivyPhrases(folder)
    store.update(NONE, [LexicalEntry(3, "delta")])

    assert store.ids.tolist() == [1, 2, 3]


@pytest.mark.parametrize("damage", [b"", b"not JSON", b'{"index_settings":{}'])
def test_a_damaged_description_is_damage(folder: Path, damage: bytes) -> None:
    (folder / "meta.json").write_bytes(damage)

    with pytest.raises(IndexDamaged, match="cannot be used"):
        TantivyPhrases(folder)


@pytest.mark.parametrize("kept", [0, 10])
def test_a_segment_cut_short_is_damage(folder: Path, kept: int) -> None:
    for file in folder.glob("*.term"):
        file.write_bytes(file.read_bytes()[:kept])

    with pytest.raises(IndexDamaged, match="cannot be used"):
        TantivyPhrases(folder)


def test_an_index_of_another_schema_is_damage(tmp_path: Path) -> None:
    import tantivy

    tantivy.Index(tantivy.SchemaBuilder().add_text_field("body").build(), path=str(tmp_path))

    with pytest.raises(IndexDamaged, match="as this version of Ibid makes it"):
        TantivyPhrases(tmp_path)
