"""What another distribution adds: ``tests/plugin`` is built, installed into a folder of its own, and used by the command."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from index import plugins as lookup
from index.build import build_index
from index.collection import Collection
from index.embedders.registry import load_embedder
from index.errors import PluginUnusable
from index.home import Home
from index.readers import known_readers
from index.records import SourceFile
from tests.fakes import HashEmbedder

ROOT = Path(__file__).parents[1]
SCROLL = "Songs of the Weir | The miller counted herons at dusk.\nThe Long Ditch | Nobody dug after the frost.\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the plug-in; `make test` installs it")
    folder = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--no-compile", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(folder), str(ROOT / "tests" / "plugin")], check=True
    )
    return folder


@pytest.fixture(scope="module")
def answer(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``ibid ask`` says, with the plug-in's reader, embedder, vector store and style."""
    folder = tmp_path_factory.mktemp("scrolls")
    (folder / "river.scroll").write_text(SCROLL, encoding="utf-8")
    home = ("--home", str(folder / "home"))
    _ibid(installed, "index", str(folder / "river.scroll"), *home)
    assert [file.suffix for file in (folder / "home" / "vectors").iterdir()] == [".rows"]
    assert "all of it holds" in _ibid(installed, "verify", *home)
    return dict(json.loads(_ibid(installed, "ask", "Who counted herons?", "--style", "bare", "--json", *home)))


def _ibid(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{installed}", "IBID_MODEL": "words:64"}
    environment |= {"IBID_VECTOR_STORE": "rows"} if arguments[0] == "index" else {}
    command = [sys.executable, "-c", "from service.cli import main; main()", *arguments]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_its_reader_reads_its_embedder_and_its_store_find_and_its_style_cites(answer: dict[str, Any]) -> None:
    best = (answer["hits"] or answer["nearest"])[0]

    assert best["text"] == "The miller counted herons at dusk."
    assert best["citation"]["raw"] == "Songs of the Weir"
    assert best["citation"]["formatted"].startswith("from: Songs of the Weir")


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """The entry points that are found, to be filled by the test."""
    found: list[EntryPoint] = []
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [each for each in found if each.group == group])
    lookup.plugins.cache_clear()
    yield found
    lookup.plugins.cache_clear()


def test_one_that_cannot_be_imported_is_named_with_what_to_do(points: list[EntryPoint]) -> None:
    points.append(EntryPoint("scroll", "no_such_module:READER", "ibid.readers"))

    with pytest.raises(PluginUnusable, match=r"'scroll' of no_such_module cannot be loaded .* uninstall it"):
        known_readers()


def test_two_of_one_name_are_refused(points: list[EntryPoint]) -> None:
    points += [EntryPoint("words", "json:loads", "ibid.embedders"), EntryPoint("words", "json:dumps", "ibid.embedders")]

    with pytest.raises(PluginUnusable, match="is not the only 'words'"):
        load_embedder("words:8")


@pytest.mark.parametrize("name", ["plain", "scroll"])
def test_a_reader_must_have_the_name_of_its_entry_point_and_none_of_ours(points: list[EntryPoint], name: str) -> None:
    points.append(EntryPoint(name, "index.readers.plain:PlainReader", "ibid.readers"))

    with pytest.raises(PluginUnusable, match="a reader has the name of its entry point"):
        known_readers()


def test_an_embedder_must_be_called_as_it_was_asked_for(points: list[EntryPoint]) -> None:
    points.append(EntryPoint("hash", "tests.test_plugins:make_hash", "ibid.embedders"))

    with pytest.raises(PluginUnusable, match="for 'hash:16' made an embedder that is called 'hash'"):
        load_embedder("hash:16")


def make_hash(_argument: str, _threads: int | None) -> object:
    """An embedder that calls itself otherwise."""
    return HashEmbedder()


def test_another_store_takes_over_and_hands_back(
    tmp_path: Path, points: list[EntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "plugin"))
    points.append(EntryPoint("rows", "ibid_scrolls:RowStore", "ibid.stores"))
    files = [SourceFile("a.md", b"A heron stood in the weir.")]

    def suffixes(store: str) -> list[str]:
        build_index(tmp_path, files, HashEmbedder(), vector_store=store)
        return [file.suffix for file in Home(tmp_path).vectors.iterdir()]

    assert [suffixes(store) for store in ("", "rows", "", "faiss")] == [[".faiss"], [".rows"], [".rows"], [".faiss"]]


def test_a_store_that_is_not_installed_is_refused_before_anything_changes(tmp_path: Path, points: list[EntryPoint]) -> None:
    build_index(tmp_path, [SourceFile("a.md", b"A heron stood in the weir.")], HashEmbedder())

    with pytest.raises(PluginUnusable, match=r"the vector store is 'rows'; .* a plug-in that is installed"):
        build_index(tmp_path, [], HashEmbedder(), vector_store="rows")

    assert points == []
    assert Collection.open(tmp_path).counts.documents == 1
