"""How an index comes to hold the sample, and how the sample makes room."""

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from index.collection import Collection
from index.embedders import Embedder
from service.cli import command
from tests.fakes import HashEmbedder
from tests.shelf import TEXT


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(*_: object) -> Embedder:
        return HashEmbedder()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("service.building.indexing_embedder", fake)
    (tmp_path / "mine.txt").write_text(TEXT, encoding="utf-8")


def index(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["index", *arguments], prog_name="ibid")


def indexed() -> list[str]:
    with closing(Collection.open(Path(".ibid"))) as collection:
        return sorted(document.name for document in collection.documents())


def test_what_was_indexed_from_elsewhere_stays() -> None:
    index("--sample")

    index("mine.txt")

    assert indexed() == ["mine.txt", "sample/ibid-handbook.txt"]


def test_only_makes_the_paths_named_the_whole_collection() -> None:
    index("--sample")

    index("--only", "--yes", "mine.txt")

    assert indexed() == ["mine.txt"]


def test_only_a_path_where_nothing_is_changes_nothing() -> None:
    index("--sample")

    result = index("--only", "nowhere.txt")

    assert result.exit_code == 1
    assert "nowhere.txt" in result.stderr
    assert indexed() == ["sample/ibid-handbook.txt"]


def test_only_wants_to_be_told_what() -> None:
    index("--sample")

    assert index("--only").exit_code == 2


def test_if_new_leaves_an_index_as_it_is() -> None:
    index("mine.txt")

    result = index("--sample", "--if-new")

    assert result.exit_code == 0
    assert indexed() == ["mine.txt"]


def test_if_new_fills_an_index_that_is_not_there() -> None:
    index("--sample", "--if-new")

    assert indexed() == ["sample/ibid-handbook.txt"]
