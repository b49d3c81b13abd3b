"""A small collection written for tests, indexed with a fake embedder, and a client of the service over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from index.build import build_index
from index.embedders import Embedder
from index.records import SourceFile
from rag.batching import QueryBatcher
from service.app import create_app
from service.library import CHECK_SECONDS, Library, checks
from service.settings import Settings
from tests.fakes import HashEmbedder

TEXT = """The Lighthouse Reader

LAMPS AND KEEPERS

The lamp of the northern tower burned whale oil until the gas works opened. The keeper trimmed its wick every four hours.

Marsh, Edith. The Northern Lights. London: Harbour Press, 1936, p. 12

A keeper who let the lamp go out lost his post on the same day, whatever the weather had been.

Marsh, Edith. The Northern Lights. London: Harbour Press, 1936, p. 40-41

FOG SIGNALS

The fog bell was rung by hand; <script>alert("fog")</script> was written on its rim & nobody knew why.

Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 7

Sirens replaced bells after the war. They were heard four miles out at sea and hated by everyone ashore.

Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 98
"""


def index_text(home: Path, text: str = TEXT, embedder: Embedder | None = None) -> None:
    """Indexes one document, in place of what was indexed before."""
    build_index(home, [SourceFile("lighthouses.txt", text.encode())], embedder or HashEmbedder())


def library_of(
    home: Path, embedder: Embedder | None = None, answers_kept: int = 0, processor_seconds: float = CHECK_SECONDS
) -> Library:
    """A library that looks for a newer index at every request."""
    return Library(
        home,
        lambda _: embedder or HashEmbedder(),
        QueryBatcher,
        refresh_seconds=0.0,
        answers_kept=answers_kept,
        make_checks=lambda: checks(processor_seconds),
    )


def settings_of(home: Path, **settings: Any) -> Settings:
    """Settings for the index in ``home``, of a service that answers to the name which test clients use."""
    return Settings(home=home, **{"hosts": ("testserver.local",)} | settings)


@contextmanager
def served(home: Path, **settings: Any) -> Iterator[TestClient[Litestar]]:
    """A client of the service over the index in ``home``."""
    with TestClient(create_app(settings_of(home, **settings), library_of(home))) as client:
        yield client
