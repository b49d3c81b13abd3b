"""The FAISS store on disk: mapped as it was saved, and damage told as damage."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from index.errors import IndexDamaged
from index.stores.vectors import FaissFlat

NONE = np.empty(0, np.int64)


@pytest.fixture
def store() -> FaissFlat:
    store = FaissFlat(8)
    generator = np.random.default_rng(0)
    store.update(NONE, generator.permutation(5000)[:500].astype(np.int64), generator.normal(size=(500, 8)).astype(np.float32))
    return store


def test_a_saved_store_answers_as_before(store: FaissFlat, tmp_path: Path) -> None:
    queries = np.random.default_rng(1).normal(size=(3, 8)).astype(np.float32)
    store.save(tmp_path / "x.faiss")

    loaded = FaissFlat.load(tmp_path / "x.faiss")

    for (ids, scores), (loaded_ids, loaded_scores) in zip(store.search(queries, 9), loaded.search(queries, 9), strict=True):
        assert (ids.tolist(), scores.tolist()) == (loaded_ids.tolist(), loaded_scores.tolist())


def test_a_store_without_rows_can_be_saved(tmp_path: Path) -> None:
    FaissFlat(8).save(tmp_path / "x.faiss")

    assert FaissFlat.load(tmp_path / "x.faiss").ids.tolist() == []


def test_a_loaded_store_can_be_changed_without_changing_its_file(store: FaissFlat, tmp_path: Path) -> None:
    store.save(tmp_path / "x.faiss")
    before = (tmp_path / "x.faiss").read_bytes()
    loaded = FaissFlat.load(tmp_path / "x.faiss")

    loaded.update(store.ids[:1], np.array([9999]), np.ones((1, 8), np.float32))

    assert loaded.ids.tolist() == [*store.ids[1:].tolist(), 9999]
    assert (tmp_path / "x.faiss").read_bytes() == before


def test_a_mapped_store_goes_on_when_its_file_is_replaced(store: FaissFlat, tmp_path: Path) -> None:
    store.save(tmp_path / "x.faiss")
    loaded = FaissFlat.load(tmp_path / "x.faiss")

    FaissFlat(8).save(tmp_path / "x.faiss")

    assert loaded.vectors(store.ids).tolist() == store.vectors(store.ids).tolist()


@pytest.mark.parametrize("kept", [0, 3, 100, 5000, -8])
def test_a_file_cut_short_is_damaged(store: FaissFlat, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "x.faiss"
    store.save(path)
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(IndexDamaged, match=r"x\.faiss cannot be used"):
        FaissFlat.load(path)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        FaissFlat.load(tmp_path / "x.faiss")


def test_an_index_of_another_kind_is_damage(tmp_path: Path) -> None:
    faiss.write_index(faiss.IndexFlatL2(8), str(tmp_path / "x.faiss"))

    with pytest.raises(IndexDamaged, match="cannot be used"):
        FaissFlat.load(tmp_path / "x.faiss")


def test_ids_out_of_order_are_damage(tmp_path: Path) -> None:
    index = faiss.IndexIDMap(faiss.IndexFlatIP(2))
    index.add_with_ids(np.ones((2, 2), np.float32), np.array([5, 4]))
    faiss.write_index(index, str(tmp_path / "x.faiss"))

    with pytest.raises(IndexDamaged, match="cannot be used"):
        FaissFlat.load(tmp_path / "x.faiss")
