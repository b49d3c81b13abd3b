"""The library: one generation at a time, swapped whole, without losing a question."""

import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from index.errors import IndexMissing
from rag.batching import QueryBatcher
from rag.learning import learn
from service.errors import NotReady
from service.library import UNCALIBRATED, Library
from tests.fakes import HashEmbedder
from tests.shelf import TEXT, index_text, library_of, served


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    assert library_of(tmp_path).at_hand is None


def test_without_an_index_it_says_so_every_time(tmp_path: Path) -> None:
    library = library_of(tmp_path)

    for _ in range(2):
        with pytest.raises(IndexMissing):
            library.current()


def test_the_same_generation_is_handed_out_until_there_is_a_newer_one(tmp_path: Path) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    first = library.current()

    assert library.current() is first
    index_text(tmp_path, TEXT.replace("four", "five"))
    newer = library.current()

    assert newer.collection.generation == first.collection.generation + 1
    assert newer.batcher is first.batcher


def test_who_has_a_generation_keeps_it(tmp_path: Path) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    first = library.current()
    (kept, *_) = first.collection.excerpt_ids()

    index_text(tmp_path, "The Other Reader\n\nAnother passage altogether.\n\nMarsh, Edith. Another. London: Press, 1936, p. 1\n")
    library.current()

    assert first.collection.excerpts([kept])[0].text.startswith("The lamp")


def test_an_index_of_another_model_is_opened_with_that_model(tmp_path: Path) -> None:
    index_text(tmp_path)
    cards: list[EmbedderCard] = []

    def opened(card: EmbedderCard) -> Embedder:
        cards.append(card)
        return HashEmbedder(dimension=card.dimension)

    library = Library(tmp_path, opened, QueryBatcher, refresh_seconds=0.0)
    library.current()
    index_text(tmp_path, embedder=HashEmbedder(dimension=24))
    library.current()

    assert [card.dimension for card in cards] == [16, 24]


def test_what_is_learned_about_a_generation_later_is_taken_up(tmp_path: Path) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    before = library.current()

    learn(before.collection, HashEmbedder())
    after = library.current()

    assert (before.calibrated, after.calibrated) == (False, True)
    assert after.collection.generation == before.collection.generation
    assert library.current() is after


def test_a_newer_generation_is_looked_for_only_so_often(tmp_path: Path) -> None:
    index_text(tmp_path)
    library = Library(tmp_path, lambda _: HashEmbedder(), QueryBatcher, refresh_seconds=60.0)
    first = library.current()

    index_text(tmp_path, TEXT.replace("four", "five"))

    assert library.at_hand is first
    assert library.current() is first


def test_who_does_not_want_to_wait_is_told_that_it_is_being_opened(tmp_path: Path) -> None:
    index_text(tmp_path)
    opening, go_on = threading.Event(), threading.Event()

    library = Library(tmp_path, _slowly(opening, go_on), QueryBatcher, refresh_seconds=0.0)
    thread = threading.Thread(target=library.current)
    thread.start()
    opening.wait(10)

    with pytest.raises(NotReady):
        library.current(wait=False)
    go_on.set()
    thread.join(10)
    assert library.current(wait=False).collection.generation == 1


def test_questions_go_on_with_the_old_generation_while_the_newer_one_is_opened(tmp_path: Path) -> None:
    index_text(tmp_path)
    opening, go_on = threading.Event(), threading.Event()
    go_on.set()
    library = Library(tmp_path, _slowly(opening, go_on), QueryBatcher, refresh_seconds=0.0)
    first = library.current()
    go_on.clear()
    opening.clear()
    index_text(tmp_path, embedder=HashEmbedder(dimension=24))

    thread = threading.Thread(target=library.current)
    thread.start()
    opening.wait(10)

    assert library.current() is first
    go_on.set()
    thread.join(10)
    assert library.current().collection.embedder.dimension == 24


def test_no_more_than_two_generations_are_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.library.HELD_SECONDS", 600.0)
    index_text(tmp_path)
    library = library_of(tmp_path)
    held = library.current()
    index_text(tmp_path, TEXT.replace("four", "five"))
    second = library.current()
    index_text(tmp_path, TEXT.replace("four", "six"))
    opening = threading.Thread(target=library.current)
    opening.start()

    assert library.current() is second
    del held
    opening.join(60)
    assert library.current().collection.generation == 3


def test_generations_that_nobody_reads_are_closed_and_forgotten(tmp_path: Path) -> None:
    library = library_of(tmp_path)
    seen: list[weakref.ref[Collection]] = []
    for number in range(8):
        index_text(tmp_path, TEXT.replace("four", f"{number} and"))
        seen.append(weakref.ref(library.current().collection))

        assert sum(collection() is not None for collection in seen) <= 2

    library.current()
    assert [collection() is not None for collection in seen] == [False] * 7 + [True]


def test_a_newer_generation_has_answered_before_it_is_handed_out(tmp_path: Path) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    first = library.current()
    first.quotations.index()
    index_text(tmp_path, TEXT.replace("four", "five"))

    newer = library.current()

    assert newer is not first
    assert newer.quotations.wanted
    assert newer.collection._vectors is not None


def test_a_newer_generation_that_cannot_be_opened_does_not_take_down_the_one_that_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    reasons: list[str] = []
    library.count_failure = reasons.append
    first = library.current()
    index_text(tmp_path, TEXT.replace("four", "five"))

    with monkeypatch.context() as broken:
        broken.setattr(Collection, "open_searches", _failing)
        assert library.current() is first
        assert "generation 1 goes on" in library.notices[0]
        assert "no room" in library.notices[0]
    assert library.current() is first  # it is looked at again a second later
    library._checked -= 2
    newer = library.current()

    assert (newer.collection.generation, library.notices) == (2, (UNCALIBRATED,))
    assert reasons == ["OSError"]


def test_a_failure_is_looked_at_again_later_and_later_but_at_most_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_text(tmp_path)
    library = library_of(tmp_path)
    library.current()
    index_text(tmp_path, TEXT.replace("four", "five"))
    monkeypatch.setattr(Collection, "open_searches", _failing)
    pauses = []

    for _ in range(8):
        library._checked -= 100
        library.current()
        pauses.append(library._pause)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_catalog_that_becomes_unreadable_is_told_while_questions_are_answered(tmp_path: Path) -> None:
    index_text(tmp_path)
    question = {"question": "Who trimmed the wick of the lamp?"}
    with served(tmp_path) as client:
        before = client.post("/v1/ask", json=question).json()
        sound = client.get("/readyz").json()
        (tmp_path / "other").write_bytes(b"no catalog at all" * 100)
        (tmp_path / "other").replace(tmp_path / "catalog.sqlite3")

        ready = client.get("/readyz")
        after = client.post("/v1/ask", json=question).json()
        counted = client.get("/metrics").text

    assert ready.status_code == 200
    assert "cannot be read" in ready.json()["notices"][0]
    assert sound["notices"] == [UNCALIBRATED]
    assert before["hits"]
    assert after["hits"] == before["hits"]
    assert 'ibid_reload_failures_total{reason="IndexDamaged"} 1.0' in counted


def _failing(_: Collection) -> None:
    raise OSError(28, "no room")


def _slowly(opening: threading.Event, go_on: threading.Event) -> Callable[[EmbedderCard], Embedder]:
    def opened(card: EmbedderCard) -> Embedder:
        opening.set()
        go_on.wait(10)
        return HashEmbedder(dimension=card.dimension)

    return opened
