"""What tests of several files share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(autouse=True)
def _no_reader_without_a_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passage reader is a model, too: it judges nothing where the embedder is a fake."""
    if request.node.get_closest_marker("model") is None:
        monkeypatch.setenv("IBID_READ", "never")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real collections and question sets, which does not travel with the project."""
    told = os.environ.get("IBID_TEST_DATA")
    folder = Path(told) if told else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set IBID_TEST_DATA to its folder")
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that can be exported."""
    from tests.encoders import save_encoder

    return save_encoder(tmp_path_factory.mktemp("bert"), "bert")


@pytest.fixture(scope="module")
def max_pooled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that cannot be exported, because it pools by max."""
    from tests.encoders import save_encoder

    return save_encoder(tmp_path_factory.mktemp("max"), "bert", pooling="max")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the small collection, embedded by a fake."""
    from tests.shelf import index_text

    home = tmp_path_factory.mktemp("home")
    index_text(home)
    return home


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium for the tests of the page."""
    from tests.reading_room import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index for the tests of the page."""
    from index.build import build_index
    from index.records import SourceFile
    from tests.fakes import HashEmbedder
    from tests.reading_room import ROOM

    home = tmp_path_factory.mktemp("room")
    build_index(home, [SourceFile("lighthouses.txt", ROOM.encode())], HashEmbedder(), reader="excerpts")
    return home


@pytest.fixture(scope="module")
def address(room: Path) -> Iterator[str]:
    """The address of a service over that index."""
    from tests.running import running

    with running(room) as address:
        yield address


@pytest.fixture
def page(browser: "Browser", address: str) -> "Iterator[Page]":
    """The page as a reader first sees it."""
    from tests.reading_room import reader

    with reader(browser, address) as page:
        page.goto("/")
        yield page
