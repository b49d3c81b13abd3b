"""Quotations of a large collection: the words on disk lead to the very findings that all texts folded in memory give."""

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.derived import quoted_path
from index.home import Home
from index.records import SourceFile
from rag.quotes.judge import look_up
from rag.quotes.match import QuoteIndex
from rag.quotes.stored import StoredQuoteIndex, prepare, readings
from service.library import Quotations
from tests.fakes import HashEmbedder
from tests.quotable import CANAL, HARBOUR, MISQUOTES, RAILWAY, VARIANTS

COMMON = "the of and a in to was it on that not is for as with his had at by which from they an were".split()
RARE = (
    "lantern keeper harbour's rail-way ferryman toll-house sluice côte Straße naïve θάλασσα mill; weir, (lock) 1,200 12½ O'Neill "
    "“stone” *quarry* towpath² reeds[12] barge—man's winter… am-\nber [p. 31] ſtill ﬁsh didn’t 汽船は港に tide|44| "
    "n.º re\u00adjoined under_score"
).split(" ")
SEEDS = 6
QUOTES = 250


def texts() -> list[str]:
    """Short excerpts of few words, so that many share theirs, beside three longer ones and one twice."""
    chance = random.Random(3)
    made = [CANAL, HARBOUR, RAILWAY, CANAL]
    for _ in range(160):
        sentences = []
        for _ in range(chance.randrange(1, 5)):
            drawn = [chance.choice(COMMON if chance.random() < 0.7 else RARE) for _ in range(chance.randrange(4, 16))]
            sentences.append(" ".join(drawn).capitalize() + chance.choice([".", ".", "?", "!", "…"]))
        made.append(" ".join(sentences))
    return made


def _prepared_whatever_its_size(opened: Collection) -> dict[str, None]:
    opened.prepare_quoted(readings)
    return {}


def lines(some: list[str]) -> bytes:
    return b"\n".join(msgspec.json.encode({"text": text}) for text in some)


def quotes(sources: list[str], seed: int) -> Iterator[str]:
    """Exact, varied in typography, altered, elided and stitched quotations, single words, and some of no source."""
    chance = random.Random(seed)
    for _ in range(QUOTES):
        given = chance.choice(sources).split(" ")
        start = chance.randrange(len(given))
        quoted = given[start : start + chance.randrange(1, 14)]
        other = chance.choice(sources).split(" ")[: chance.randrange(1, 8)]
        cut = chance.randrange(len(quoted) + 1)
        yield chance.choice(
            [
                " ".join(quoted),
                chance.choice(VARIANTS)(" ".join(quoted), chance),
                " ".join(chance.choice(MISQUOTES)(quoted, chance)) if len(quoted) > 4 else " ".join(reversed(quoted)),
                f"{' '.join(quoted[: cut // 2])} … {' '.join(quoted[cut:])}",
                f"{' '.join(quoted)} […] {' '.join(other)}",
                " ".join(quoted + other),
                " ".join(chance.choice(COMMON + RARE) for _ in range(chance.randrange(1, 9))),
                " ".join(quoted)[chance.randrange(4) :],
            ]
        )


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """Built in two runs, files out of the order of their names, one replaced, so that numbers follow no reading order."""
    home, made = tmp_path_factory.mktemp("home"), texts()
    build_index(home, [SourceFile("b.jsonl", lines(made[:80])), SourceFile("c.jsonl", lines(made[90:110]))], HashEmbedder())
    files = [SourceFile("b.jsonl", lines(made[:90])), SourceFile("a.jsonl", lines(made[90:]))]
    build_index(home, files, HashEmbedder(), learn=_prepared_whatever_its_size)
    opened = Collection.open(home)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def whole(collection: Collection) -> QuoteIndex:
    return QuoteIndex((excerpt.id, excerpt.text) for excerpt in collection.excerpts(collection.excerpt_ids()))


@pytest.fixture(scope="module")
def stored(collection: Collection) -> StoredQuoteIndex:
    return StoredQuoteIndex(collection)


def test_excerpts_have_the_same_rows_and_words_the_same_excerpts(whole: QuoteIndex, stored: StoredQuoteIndex) -> None:
    assert list(stored.ids) == whole.ids
    assert [stored.ids[row] for row in range(len(stored))] == whole.ids
    for word in (*whole._rows_of, "unheard"):
        assert stored.frequency(word) == whole.frequency(word)
        assert list(stored.rows_with(word)) == list(whole.rows_with(word)), word


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_quotation_has_the_finding_that_all_texts_in_memory_give(
    whole: QuoteIndex, stored: StoredQuoteIndex, seed: int
) -> None:
    asked = [*quotes(texts(), seed)]

    for quote in asked:
        assert look_up(quote, stored) == look_up(quote, whole), quote

    assert len({look_up(quote, whole).verdict for quote in asked}) >= 5


def test_words_longer_than_the_disk_tells_apart_are_compared_whole(tmp_path: Path) -> None:
    long = "a" * 300
    build_index(
        tmp_path, [SourceFile("a.jsonl", lines([f"He wrote {long}b on the wall.", f"He wrote {long} again."]))], HashEmbedder()
    )

    stored = StoredQuoteIndex(Collection.open(tmp_path))

    assert [place.excerpt_id for place in look_up(f"wrote {long}", stored).places] == [stored.ids[1]]
    assert look_up(f"wrote {long}c on", stored).verdict != "exact"


def test_a_change_folds_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.quotes.stored.QUOTED_FROM", 1)
    one, two = SourceFile("a.jsonl", lines([CANAL, HARBOUR])), SourceFile("b.jsonl", lines([RAILWAY]))
    build_index(tmp_path, [one], HashEmbedder(), learn=_prepared)
    folded: list[str] = []

    def noted(text: str) -> list[str]:
        folded.append(text)
        return readings(text)

    monkeypatch.setattr("rag.quotes.stored.readings", noted)

    build_index(tmp_path, [one, two], HashEmbedder(), learn=_prepared)

    assert folded == [RAILWAY]
    with_two = Collection.open(tmp_path)
    assert quoted_path(Home(tmp_path), with_two.stamp).is_dir()
    assert look_up(RAILWAY, StoredQuoteIndex(with_two)).verdict == "exact"


def _prepared(collection: Collection) -> dict[str, None]:
    prepare(collection)
    return {}


def test_what_was_never_written_or_was_damaged_is_written_at_the_first_check(tmp_path: Path) -> None:
    build_index(tmp_path, [SourceFile("a.jsonl", lines([CANAL, HARBOUR]))], HashEmbedder())
    collection = Collection.open(tmp_path)
    folder = quoted_path(Home(tmp_path), collection.stamp)
    assert not folder.exists()

    assert look_up(CANAL, StoredQuoteIndex(collection)).accepted
    next(folder.glob("*.term")).write_bytes(b"nothing of ours")

    assert look_up(HARBOUR, StoredQuoteIndex(collection)).accepted


def test_small_collections_are_folded_in_memory_and_large_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_index(tmp_path, [SourceFile("a.jsonl", lines([CANAL, HARBOUR]))], HashEmbedder())
    collection = Collection.open(tmp_path)

    assert type(Quotations(collection).index()) is QuoteIndex
    monkeypatch.setattr("rag.quotes.stored.QUOTED_FROM", 2)
    large = Quotations(collection)

    assert type(large.index()) is StoredQuoteIndex
    assert large.verify(CANAL).finding.verdict == "exact"


def test_reading_order_is_that_of_documents_and_their_text(collection: Collection) -> None:
    excerpts = collection.excerpts_by_key(collection.reading_order().tolist())

    assert [excerpt.id for excerpt in excerpts] == collection.excerpt_ids()
    assert not np.array_equal(collection.reading_order(), np.sort(collection.reading_order()))
