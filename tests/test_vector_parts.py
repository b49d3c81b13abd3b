"""Vectors made apart, part by part, and taken into an index that then embeds nothing twice."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from index import vector_parts
from index.build import build_index
from index.catalog import text_sha256
from index.collection import Collection
from index.embedders import Embedder, Vectors
from index.errors import EmbedderMismatch, FileUnreadable, IndexDamaged
from index.files import Scope, find_files
from index.vector_parts import Part, embed_texts, part_of, read_vectors, texts_of, write_vectors
from service.cli import command
from service.settings import Settings
from tests.fakes import HashEmbedder


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(4):
        text = "\n\n".join(f"Keeper {each} of tower {number} lit lamp {each * 3} at dusk. " * 6 for each in range(20))
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    (folder / "again.txt").write_text((folder / "0.txt").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def scope_of(files: Path) -> Scope:
    return find_files([files], files.parent / "home")


def quiet(_done: int, _total: int) -> None:
    pass


def embed(files: Path, folder: Path, part: str, embedder: Embedder) -> int:
    return embed_texts(folder, texts_of(scope_of(files), embedder, part_of(part)).texts, embedder, quiet)


def test_every_text_falls_to_one_part() -> None:
    keys = [text_sha256(f"text {number}") for number in range(1000)]

    counts = [sum(Part(number, 3).holds(key) for key in keys) for number in (1, 2, 3)]

    assert sum(counts) == 1000
    assert min(counts) > 250


@pytest.mark.parametrize("told", ["", "1", "0/2", "3/2", "a/b", "1/2/3", "-1/2", "1/0"])
def test_what_is_no_part_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match="is no part such as 2/8"):
        part_of(told)


def test_an_index_of_all_parts_embeds_nothing_and_is_the_one_without_them(tmp_path: Path, files: Path) -> None:
    counts = [embed(files, tmp_path / "vectors", f"{number}/3", HashEmbedder()) for number in (1, 2, 3)]
    silent, plain = HashEmbedder(), HashEmbedder()

    summary = build_index(tmp_path / "home", scope_of(files), silent, vectors=tmp_path / "vectors")
    build_index(tmp_path / "plain", scope_of(files), plain)

    assert summary.embedded == silent.calls == 0
    assert sum(counts) == plain.calls > 0
    with closing(Collection.open(tmp_path / "home")) as made, closing(Collection.open(tmp_path / "plain")) as expected:
        ids = np.arange(1, expected.counts.windows + 1)
        np.testing.assert_array_equal(made.vectors.vectors(ids), expected.vectors.vectors(ids))
        assert made.windows(ids.tolist()) == expected.windows(ids.tolist())


def test_what_no_part_has_is_embedded(tmp_path: Path, files: Path) -> None:
    done = embed(files, tmp_path / "vectors", "1/2", HashEmbedder())
    embedder = HashEmbedder()

    summary = build_index(tmp_path / "home", scope_of(files), embedder, vectors=tmp_path / "vectors")

    assert done > 0
    assert summary.embedded == embedder.calls == embed(files, tmp_path / "others", "2/2", HashEmbedder())


def test_a_part_begun_again_embeds_what_is_missing_only(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(HashEmbedder):
        def embed(self, texts: Any, kind: Any) -> Vectors:
            if self.calls:
                raise KeyboardInterrupt
            return super().embed(texts, kind)

    monkeypatch.setattr("index.catalog.writer._BATCH_CHARACTERS", 3000)
    failing, again = Failing(), HashEmbedder()
    with pytest.raises(KeyboardInterrupt):
        embed(files, tmp_path / "vectors", "1/1", failing)

    embed(files, tmp_path / "vectors", "1/1", again)
    complete = HashEmbedder()
    embed(files, tmp_path / "all", "1/1", complete)

    assert failing.calls
    assert failing.calls + again.calls == complete.calls
    assert embed(files, tmp_path / "vectors", "1/1", HashEmbedder()) == 0


def test_vectors_of_another_embedder_are_refused(tmp_path: Path, files: Path) -> None:
    embed(files, tmp_path / "vectors", "1/1", HashEmbedder(seed="other"))

    with pytest.raises(EmbedderMismatch, match=r"\.vectors were made with hash .* the index is embedded with"):
        build_index(tmp_path / "home", scope_of(files), HashEmbedder(), vectors=tmp_path / "vectors")
    with pytest.raises(EmbedderMismatch):
        embed(files, tmp_path / "vectors", "1/1", HashEmbedder())


def test_a_damaged_file_and_a_missing_folder_are_named(tmp_path: Path, files: Path) -> None:
    folder = tmp_path / "vectors"
    embed(files, folder, "1/1", HashEmbedder())
    (path,) = folder.iterdir()
    whole = path.read_bytes()

    for damaged in (whole[:-1], whole[:100], b"", whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], b"x" * 500):
        path.write_bytes(damaged)
        with pytest.raises(IndexDamaged, match=path.name):
            list(read_vectors(folder, HashEmbedder().card))
    with pytest.raises(FileUnreadable, match="is no folder"):
        build_index(tmp_path / "home", scope_of(files), HashEmbedder(), vectors=tmp_path / "nowhere")


def test_rows_that_are_no_unit_vectors_or_of_another_width_are_refused(tmp_path: Path) -> None:
    card, key = HashEmbedder().card, text_sha256("x")
    for number, rows in enumerate([np.zeros((1, 16)), np.full((1, 16), np.nan), np.eye(1, 8), np.ones((1, 16)), np.eye(2, 16)]):
        folder = tmp_path / str(number)
        write_vectors(folder, card, [key], rows.astype(np.float32))

        with pytest.raises(IndexDamaged, match="holds no vectors"):
            list(read_vectors(folder, card))


def test_drafts_of_killed_processes_are_no_vectors(tmp_path: Path, files: Path) -> None:
    folder = tmp_path / "vectors"
    folder.mkdir()
    (folder / "0123.vectors.77.unfinished").write_bytes(b"half a file")

    assert embed(files, folder, "1/1", HashEmbedder()) > 0


KILLED = """
import os, signal, sys
from pathlib import Path
from index import vector_parts
from tests.fakes import HashEmbedder
from tests.test_vector_parts import embed
vector_parts._ROWS = 8
import index.catalog.writer as writer
writer._BATCH_CHARACTERS = 1500
class Dying(HashEmbedder):
    def embed(self, texts, kind):
        if self.calls > 30:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(texts, kind)
embed(Path(sys.argv[1]), Path(sys.argv[2]), "1/1", Dying())
"""


def test_a_killed_process_leaves_whole_files_and_the_next_goes_on(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vectors"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}

    died = subprocess.run([sys.executable, "-c", KILLED, str(files), str(folder)], env=environment, check=False)
    kept = sum(len(keys) for keys, _ in read_vectors(folder, HashEmbedder().card))
    monkeypatch.setattr(vector_parts, "_ROWS", 8)
    rest = embed(files, folder, "1/1", HashEmbedder())

    assert died.returncode == -signal.SIGKILL
    assert kept > 0
    assert kept + rest == embed(files, tmp_path / "all", "1/1", HashEmbedder())


# The command line.


@pytest.fixture
def working(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("service.building.indexing_embedder", _fake)


def _fake(settings: Settings, built_with: object, *_home: object) -> Embedder:
    return HashEmbedder(seed=settings.model)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), prog_name="ibid")


def test_two_parts_by_command_make_an_index(working: None) -> None:
    parts = [run("embed", "files", "--part", f"{number}/2", "--vectors", "vectors") for number in (1, 2)]
    indexed = run("index", "files", "--vectors", "vectors")

    assert [part.exit_code for part in parts] == [0, 0]
    assert "Part 2 of 2 has " in parts[1].output
    assert indexed.exit_code == 0
    assert "0 windows embedded" in indexed.output


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("embed", "files", "--part", "3/2", "--vectors", "v"), 2, "'3/2' is no part such as 2/8"),
        (("embed", "files"), 2, "--vectors"),
        (("embed", "--vectors", "v"), 2, "Name the files"),
        (("embed", "nowhere", "--vectors", "v"), 1, "nowhere"),
        (("index", "files", "--vectors", "nowhere"), 1, "is no folder"),
        (("index", "files", "--vectors", "v", "--watch"), 2, "not for it"),
    ],
)
def test_bad_arguments_are_told(working: None, arguments: tuple[str, ...], code: int, told: str) -> None:
    result = run(*arguments)

    assert result.exit_code == code, result.output
    assert told in result.output


def test_what_the_ray_example_writes_is_taken_in(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from examples import ray_embed

    monkeypatch.setattr(ray_embed, "open_model", lambda *_, **__: HashEmbedder())
    rows = ray_embed.missing([files], "", tmp_path / "vectors")
    worker = ray_embed.Embed("", tmp_path / "vectors", gpu=False)

    told = worker({"text": [row["text"] for row in rows[:-3]], "sha256": [row["sha256"] for row in rows[:-3]]})
    silent = HashEmbedder()
    build_index(tmp_path / "home", scope_of(files), silent, vectors=tmp_path / "vectors")

    assert told["embedded"].tolist() == [len(rows) - 3]
    assert len(ray_embed.missing([files], "", tmp_path / "vectors")) == silent.calls == 3
