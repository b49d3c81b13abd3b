"""Several collections asked at once: as if they were one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.errors import EmbedderMismatch, Unknown
from index.filters import Filters
from index.records import SourceFile
from index.union import Shifts, UnionCollection
from rag.records import FIRST_PAGE, Findings, ResultPage, Sort
from rag.retrieve import Retriever
from tests.fakes import HashEmbedder
from tests.shelf import TEXT

HANDBOOK = (Path(__file__).parents[1] / "index" / "sample" / "ibid-handbook.txt").read_bytes()
MORE = b"""The Harbour Almanac

TIDES

High water at the northern tower came an hour before that of the town, and the keeper wrote both down.

Pell, Agnes. Tide Tables of the Coast. Leith: Harbour Press, 1940, p. 3

The lamp of the northern tower burned whale oil until the gas works opened. The keeper trimmed its wick every four hours.

Marsh, Edith. The Northern Lights. London: Harbour Press, 1936, p. 12

A keeper who rang the bell in fog was paid a shilling a night.

Pell, Agnes. Tide Tables of the Coast. Leith: Harbour Press, 1940, p. 9
"""
FILES = [
    SourceFile("almanac.txt", MORE),
    SourceFile("handbook.txt", HANDBOOK),
    SourceFile("lighthouses.txt", TEXT.encode()),
]
QUESTIONS = [
    "Who rang the fog bell by hand?", "Who wrote BibTeX, and when?", "whale oil lamp", "How far were sirens heard?",
    "What is a locator?", "keeper paid a shilling", "high water of the northern tower", "citations of newspapers", "the lamp",
    '"northern tower"', "author:Marsh keeper", "year:1940 fog", "zebra", "kepeer of the lmap", "Harbour Press", "of the and",
]  # fmt: skip


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Collection]]:
    folder = tmp_path_factory.mktemp("union")
    for name, files in {"all": FILES, "a": FILES[:1], "b": FILES[1:2], "c": FILES[2:]}.items():
        build_index(folder / name, files, HashEmbedder())
    opened = {name: Collection.open(folder / name) for name in ("all", "a", "b", "c")}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture(scope="module")
def union(collections: dict[str, Collection]) -> UnionCollection:
    return UnionCollection([collections[name] for name in "abc"])


def asked(collection: Collection, text: str, limit: int = 10, page: ResultPage = FIRST_PAGE) -> Findings:
    embedder = HashEmbedder()
    retriever = Retriever(collection, None, embedder.count_tokens)
    question = retriever.parse(text)
    return retriever.find(question, embedder.embed([question.words], "query")[0], limit, page=page)


@pytest.mark.parametrize("question", QUESTIONS)
def test_several_collections_rank_as_one_of_all_their_documents(
    collections: dict[str, Collection], union: UnionCollection, question: str
) -> None:
    together, one = asked(union, question), asked(collections["all"], question)
    found, wanted = [*together.hits, *together.nearest], [*one.hits, *one.nearest]

    # A passage that two documents hold has a second id where both are in one collection.
    assert [hit.excerpt.id.removesuffix("-2") for hit in found] == [hit.excerpt.id.removesuffix("-2") for hit in wanted]
    assert [hit.excerpt.text for hit in found] == [hit.excerpt.text for hit in wanted]
    assert [hit.highlights for hit in found] == [hit.highlights for hit in wanted]
    assert [hit.scores.fused for hit in found] == pytest.approx([hit.scores.fused for hit in wanted], abs=2e-6)
    assert together.question.corrections == one.question.corrections


@pytest.mark.parametrize("sort", ["relevance", "oldest", "place"])
def test_pages_of_several_collections_are_sorted_and_counted_together(
    collections: dict[str, Collection], union: UnionCollection, sort: Sort
) -> None:
    page = ResultPage(sort=sort, facets=True)
    together, one = (asked(each, "the lamp of the keeper", page=page) for each in (union, collections["all"]))

    assert [hit.excerpt.text for hit in together.hits] == [hit.excerpt.text for hit in one.hits]
    assert [hit.missing for hit in together.hits] == [hit.missing for hit in one.hits]
    assert together.facets is not None
    assert one.facets is not None
    assert together.facets.authors == one.facets.authors
    assert together.facets.years == one.facets.years


def test_the_parts_alone_would_rank_otherwise(collections: dict[str, Collection]) -> None:
    """What a word tells depends on the collection: without common statistics scores of two could not be compared."""
    alone = {hit.excerpt.id: hit.scores.fused for name in "ac" for hit in asked(collections[name], "lamp of the keeper").hits}
    together = {hit.excerpt.id: hit.scores.fused for hit in asked(collections["all"], "lamp of the keeper").hits}

    assert any(abs(alone[each] - score) > 0.01 for each, score in together.items() if each in alone)


def test_the_same_passage_in_two_collections_is_one_hit(union: UnionCollection) -> None:
    findings = asked(union, "whale oil until the gas works opened")

    assert findings.hits[0].excerpt.text.startswith("The lamp of the northern tower")
    assert len(findings.hits[0].duplicates) == 1


def test_what_has_an_id_is_found_in_the_part_that_has_it(collections: dict[str, Collection], union: UnionCollection) -> None:
    for name in "abc":
        part = collections[name]
        for excerpt_id in part.excerpt_ids()[:5]:
            assert union.excerpts([excerpt_id])[0].text == part.excerpts([excerpt_id])[0].text
            assert len(union.window_ids_of([excerpt_id])[0]) == len(part.window_ids_of([excerpt_id])[0])
        (card,) = part.documents()
        assert union.document(card.id) == card
        assert union.document_text(card.id, 0, 20) == part.document_text(card.id, 0, 20)
        assert [each.id for each in union.excerpts_of(card.id)] == [each.id for each in part.excerpts_of(card.id)]
        assert union.file_bytes(card.id) == part.file_bytes(card.id)
    assert len(union.documents()) == 3
    assert union.counts.excerpts == sum(collections[name].counts.excerpts for name in "abc")


@pytest.mark.parametrize(
    "look", [lambda c: c.excerpts(["none"]), lambda c: c.document("none"), lambda c: c.work("none"),
             lambda c: c.neighbours("none"), lambda c: c.document_text("none", 0, 1), lambda c: c.file_bytes("none")]
)  # fmt: skip
def test_an_id_that_no_part_has_is_unknown(union: UnionCollection, look: object) -> None:
    with pytest.raises(Unknown):
        look(union)  # type: ignore[operator]


def test_works_are_counted_over_all_parts(collections: dict[str, Collection], union: UnionCollection) -> None:
    ours = {work.id: work.excerpts for work in union.works()}

    assert ours == {work.id: work.excerpts for work in collections["all"].works()}
    assert (
        len(union.excerpt_ids(Filters(author=("Quill",)))) == len(collections["all"].excerpt_ids(Filters(author=("Quill",)))) == 2
    )


def test_a_union_of_one_is_that_one(collections: dict[str, Collection]) -> None:
    assert [hit.excerpt.id for hit in asked(UnionCollection([collections["b"]]), "BibTeX").hits] == [
        hit.excerpt.id for hit in asked(collections["b"], "BibTeX").hits
    ]


def test_collections_embedded_otherwise_are_not_asked_together(collections: dict[str, Collection], tmp_path: Path) -> None:
    build_index(tmp_path, FILES[:1], HashEmbedder(dimension=32))
    other = Collection.open(tmp_path)
    with pytest.raises(EmbedderMismatch, match="one by one"):
        UnionCollection([collections["a"], other])
    other.close()


def test_numbers_go_to_their_parts_and_come_back_in_order() -> None:
    shifts = Shifts([4, 0, 9])
    numbers = np.array([14, 0, 5, 4, 6])

    assert shifts.parts(numbers).tolist() == [2, 0, 1, 0, 2]
    assert [each.tolist() for each in shifts.split(numbers)] == [[0, 4], [0], [8, 0]]
    doubled = [lambda ns, at=at: [(at, n) for n in ns] for at in range(3)]
    assert shifts.looked_up(numbers.tolist(), doubled) == [(2, 8), (0, 0), (1, 0), (0, 4), (2, 0)]
