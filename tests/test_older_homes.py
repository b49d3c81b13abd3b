"""An index that an older Ibid has made is brought to today's layout when it is opened, and nothing is embedded again."""

import tarfile
from pathlib import Path

import pytest

from index.build import build_index
from index.catalog import FORMAT, MIGRATIONS
from index.collection import Collection
from index.verify import verify
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

HOMES = sorted((Path(__file__).parent / "homes").glob("layout-*.tar.gz"))
"""Homes as Ibid left them, one for each layout that was ever released; a new layout adds its own before it is."""


@pytest.fixture(params=HOMES, ids=lambda path: path.name.partition(".")[0])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path / "home", filter="data")
    return tmp_path / "home"


def test_there_is_a_home_of_the_first_layout_and_of_todays() -> None:
    assert {path.name for path in HOMES} >= {"layout-1.tar.gz", f"layout-{FORMAT}.tar.gz"}
    assert min(MIGRATIONS) == 1


def test_it_is_opened_searched_and_sound(home: Path) -> None:
    collection = Collection.open(home)

    [(ids, _)] = collection.vectors.search(HashEmbedder().embed(["To quote"], "query"), 1)
    found = collection.windows(ids.tolist())

    assert found[0].text.startswith("To quote")
    assert len(collection.excerpts(collection.excerpt_ids())) == 5
    assert collection._snapshot.rows("PRAGMA user_version") == [(FORMAT,)]
    collection.open_searches()
    assert verify(home).findings == ()


def test_what_it_holds_is_not_embedded_again(home: Path) -> None:
    embedder = HashEmbedder()

    build_index(home, [indexing(), quoting()], embedder)

    assert embedder.calls == 0
    assert verify(home).findings == ()
