"""Vectors in a Lance table, in a folder and in an object store on loopback, judged by the exact store."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("lancedb", reason="the extra lance is not installed")

from index.build import build_index
from index.collection import Collection
from index.embedders import Vectors
from index.errors import ExtraMissing, IndexDamaged, StoreFailed
from index.records import SourceFile
from index.stores import Ids
from index.stores.lance import LanceStores, LanceVectors
from index.stores.vectors import FaissFlat
from rag.retrieve import Retriever
from tests.fakes import HashEmbedder

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

WIDTH = 16


def numbers(values: object) -> Ids:
    return np.array(values, np.int64).reshape(-1)


def unit(count: int, seed: int = 1) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    scaled: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables have indexes from few rows on, as large ones have."""
    monkeypatch.setattr("index.stores.lance.INDEXED_FROM", 300)


def saved(stores: LanceStores, path: Path, ids: Ids, rows: Vectors) -> LanceVectors:
    stores.of(WIDTH, [(ids, rows)]).save(path)
    return stores.load(path)


def after(stores: LanceStores, store: LanceVectors, path: Path, wanted: Ids, ids: Ids, rows: Vectors) -> LanceVectors:
    """The next generation: only the ids wanted, the new ones among them."""
    grown = store.grown(wanted, lambda _: [(ids, rows)])
    assert grown is not None
    grown.save(path)
    return stores.load(path)


def holds(store: LanceVectors, ids: Ids, rows: Vectors) -> None:
    """Everything it says is what the exact store says."""
    exact = FaissFlat.of(WIDTH, [(ids, rows)])
    places = np.random.default_rng(0).integers(0, max(1, len(ids)), 5) if len(ids) else numbers([])
    assert store.ids.tolist() == ids.tolist()
    np.testing.assert_array_equal(store.vectors(ids[places]), exact.vectors(ids[places]))
    np.testing.assert_array_equal(store.scores_of(unit(2, 9), places), exact.scores_of(unit(2, 9), places))


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    ids, rows = numbers(range(5, 105)), unit(100)

    store = saved(LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance", ids, rows)

    holds(store, ids, rows)
    np.testing.assert_array_equal(store.scores(unit(3, 2)), FaissFlat.of(WIDTH, [(ids, rows)]).scores(unit(3, 2)))


@pytest.mark.parametrize("count", [0, 1])
def test_a_store_of_nothing_or_one_row_finds_that(tmp_path: Path, count: int) -> None:
    store = saved(LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance", numbers(range(count)), unit(count))

    assert store.nearest(unit(1)[0], 10).tolist() == list(range(count))
    assert store.scores(unit(2)).shape == (2, count)


@pytest.mark.parametrize("share", [0.02, 0.9])
def test_candidates_are_nearly_all_of_the_nearest_also_within_a_limit(
    tmp_path: Path, indexed: None, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr("index.stores.lance._FEW", 100)
    ids, rows = numbers(np.arange(1000) * 3), unit(1000)
    store = saved(LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance", ids, rows)
    among = np.random.default_rng(3).random(1000) < share

    for query in unit(5, 7):
        cosines = rows @ query
        assert len(set(store.nearest(query, 100).tolist()) & set(np.argsort(-cosines)[:10].tolist())) >= 9
        within = store.nearest(query, 50, among)
        best = np.argsort(-np.where(among, cosines, -9))[: min(10, int(among.sum()))]
        assert among[within].all()
        assert len(set(within.tolist()) & set(best.tolist())) >= 0.9 * len(best)
        assert len(store.nearest(query, 2000)) <= 1000


def test_nothing_is_found_among_nothing(tmp_path: Path) -> None:
    store = saved(LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance", numbers(range(9)), unit(9))

    assert store.nearest(unit(1)[0], 5, np.zeros(9, np.bool_)).tolist() == []
    assert store.nearest(unit(1)[0], 0).tolist() == []


def test_a_reader_keeps_its_generation_while_the_next_is_written(tmp_path: Path, indexed: None) -> None:
    stores, rows = LanceStores(str(tmp_path / "lance")), unit(500)
    first = saved(stores, tmp_path / "a.lance", numbers(range(400)), rows[:400])
    wanted = numbers([*range(7, 400), *range(400, 500)])

    second = after(stores, first, tmp_path / "b.lance", wanted, numbers(range(400, 500)), rows[400:])

    holds(first, numbers(range(400)), rows[:400])
    holds(second, wanted, rows[7:])
    assert set(first.nearest(rows[3], 5).tolist()) >= {3}
    assert 3 not in second.ids[second.nearest(rows[3], 50)]
    holds(stores.load(tmp_path / "a.lance"), numbers(range(400)), rows[:400])


def test_a_writer_that_was_killed_leaves_a_version_that_nobody_reads(
    tmp_path: Path, indexed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, rows = LanceStores(str(tmp_path / "lance")), unit(500)
    first = saved(stores, tmp_path / "a.lance", numbers(range(400)), rows[:400])
    grown = first.grown(numbers(range(50, 500)), lambda _: [(numbers(range(400, 500)), -rows[400:])])
    assert grown is not None
    with monkeypatch.context() as dying:
        dying.setattr("index.stores.lance.write_whole", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            grown.save(tmp_path / "b.lance")

    again = stores.load(tmp_path / "a.lance")
    holds(again, numbers(range(400)), rows[:400])
    second = after(stores, again, tmp_path / "b.lance", numbers(range(500)), numbers(range(400, 500)), rows[400:])

    holds(second, numbers(range(500)), rows)


def test_ids_that_are_wanted_and_not_there_ask_for_a_whole_table(tmp_path: Path) -> None:
    store = saved(LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance", numbers([1, 2, 5]), unit(3))

    assert store.grown(numbers([1, 3, 5, 6]), lambda _: []) is None


def test_a_note_that_is_damaged_and_a_table_that_is_gone_are_made_again(tmp_path: Path) -> None:
    stores, path = LanceStores(str(tmp_path / "lance")), tmp_path / "a.lance"
    saved(stores, path, numbers(range(3)), unit(3))
    whole = path.read_bytes()

    for damaged in (b"", whole[:-1], whole[:5] + b"x" + whole[6:]):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            stores.load(path)
    path.write_bytes(whole)
    shutil.rmtree(tmp_path / "lance")
    with pytest.raises(IndexDamaged, match="run `ibid index` again"):
        stores.load(path)


def test_without_lancedb_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lancedb", None)

    with pytest.raises(ExtraMissing, match=r"pip install 'ibid-rag\[lance\]'"):
        LanceStores(str(tmp_path)).of(WIDTH, [(numbers([1]), unit(1))]).save(tmp_path / "a.lance")


# Collections whose vectors are in a table.


def text(count: int, word: str = "keeper") -> bytes:
    return "\n\n".join(
        f"The {word} number {each} lit lamp {each * 7} of tower {each % 5}. " * 8 for each in range(count)
    ).encode()


def answers(home: Path, question: str) -> list[tuple[str, float]]:
    with closing(Collection.open(home)) as collection:
        collection.open_searches()
        retriever = Retriever(collection)
        asked = retriever.parse(question)
        (vector,) = HashEmbedder().embed([asked.words], "query")
        found = retriever.find(asked, vector, 5)
        return [(hit.excerpt.id, hit.scores.dense) for hit in (*found.hits, *found.nearest)]


@pytest.fixture
def candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collections choose candidates from few windows on."""
    monkeypatch.setattr("index.derived.CODES_FROM", 50)
    monkeypatch.setattr("index.stores.lance.INDEXED_FROM", 50)


def check_collection(folder: Path, store: str) -> None:
    """A collection answers as with our own store, through two generations."""
    ours, theirs = folder / "ours", folder / "theirs"
    questions = ["Which lamp did keeper number 17 light?", "tower 3 lamp 91", "warden number 4"]
    for files in ([("a.txt", text(70))], [("a.txt", text(70)), ("b.txt", text(60, "warden"))], [("b.txt", text(60, "warden"))]):
        sources = [SourceFile(name, data) for name, data in files]
        build_index(ours, sources, HashEmbedder(), reader="plain")
        build_index(theirs, sources, HashEmbedder(), reader="plain", vector_store=store)

        for question in questions:
            assert answers(theirs, question) == answers(ours, question)
    with closing(Collection.open(theirs)) as collection:
        assert isinstance(collection.vectors, LanceVectors)
        assert collection.codes is collection.vectors


def test_a_collection_answers_as_with_our_own_store(tmp_path: Path, candidates: None) -> None:
    check_collection(tmp_path, "lance")


def test_a_collection_moves_to_a_table_and_back(tmp_path: Path, candidates: None) -> None:
    build = [SourceFile("a.txt", text(30))]
    build_index(tmp_path / "home", build, HashEmbedder(), reader="plain")
    before = answers(tmp_path / "home", "lamp 21")

    for store, kind in (("lance", LanceVectors), ("faiss", FaissFlat)):
        embedder = HashEmbedder()
        build_index(tmp_path / "home", build, embedder, reader="plain", vector_store=store)
        with closing(Collection.open(tmp_path / "home")) as collection:
            assert isinstance(collection.vectors, kind)
        assert answers(tmp_path / "home", "lamp 21") == before
        assert embedder.calls == 0


# An object store on loopback.


SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none"
"""As moto wants it; it checks no signature."""


@pytest.fixture(scope="module")
def s3_server() -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """One for all tests: Lance remembers where a bucket is. The last of them kills it."""
    program = os.environ.get("IBID_MOTO") or shutil.which("moto_server")
    if not program:
        pytest.skip("no moto_server; set IBID_MOTO to one (pip install 'moto[server]', in an environment of its own)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], **quiet) as process:
        bucket = urllib.request.Request(f"http://127.0.0.1:{port}/shelf", method="PUT", headers={"Authorization": SIGNED})
        while True:
            assert process.poll() is None, "moto_server does not start"
            try:
                urllib.request.urlopen(bucket, timeout=60).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process
        process.kill()


@pytest.fixture
def s3(s3_server: "tuple[str, subprocess.Popen[bytes]]", monkeypatch: pytest.MonkeyPatch) -> "subprocess.Popen[bytes]":
    address, process = s3_server
    told = {"AWS_ENDPOINT": address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    for name, value in (told | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    return process


def test_a_collection_in_an_object_store_answers_as_with_our_own(
    tmp_path: Path, candidates: None, s3: "subprocess.Popen[bytes]"
) -> None:
    check_collection(tmp_path, "lance:s3://shelf/home")


def test_a_network_that_fails_is_told_and_nothing_is_made_again(
    tmp_path: Path, indexed: None, s3: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.stores.lance._PATIENCE", {"client_max_retries": "1", "client_retry_timeout": "2"})
    stores, rows = LanceStores("s3://shelf/other"), unit(400)
    store = saved(stores, tmp_path / "a.lance", numbers(range(400)), rows)
    holds(store, numbers(range(400)), rows)
    s3.kill()
    s3.wait()

    for ask in (lambda: stores.load(tmp_path / "a.lance"), lambda: store.vectors(numbers([3]))):
        with pytest.raises(StoreFailed, match="the vectors at s3://shelf/other cannot be reached"):
            ask()
    assert (tmp_path / "a.lance").exists()
