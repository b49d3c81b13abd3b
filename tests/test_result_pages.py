"""Pages of results: where they begin, their order, and how all that was found is spread."""

from pathlib import Path

import pytest

from ibid import Ibid, RequestInvalid
from index.build import build_index
from index.records import SourceFile
from rag.calibration import Calibration, judge, strength_of_doubt
from service.settings import Settings
from tests.fakes import HashEmbedder

EMBEDDER = HashEmbedder(dimension=256)
YEARS = (1961, 1934, 1988, 1902)
TEXT = "LAMPS AND KEEPERS\n\n" + "".join(
    f"The keeper of lamp number {number} trimmed the wick of the lighthouse lamp {word} before dawn.\n\n"
    f"{author}. Lamps of the Coast, Part {number}. London: Harbour Press, {year}, p. {number + 10}\n\n"
    for number, (word, author, year) in enumerate(
        zip(
            ("twice in every winter storm", "slowly with a brass knife", "although nobody paid him", "and wrote down the oil"),
            ("Marlow, Ada", "Quill, Ben", "Marlow, Ada", "Thorn, Eve"),
            YEARS,
            strict=True,
        ),
        start=1,
    )
)
QUESTION = "Who trimmed the wick of the lighthouse lamp before dawn?"


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Ibid:
    home: Path = tmp_path_factory.mktemp("home")
    build_index(home, [SourceFile("lamps.txt", TEXT.encode())], EMBEDDER)
    opened = Ibid.open(settings=Settings(home=home))
    opened.__dict__["_embedder"] = EMBEDDER
    return opened


def years(collection: Ibid, **page: object) -> list[int]:
    """The years of issue of the hits, in their order."""
    hits = collection.ask(QUESTION, **{"limit": 4, **page}).hits  # type: ignore[arg-type]  # any page
    return [hit.citation.csl["issued"]["date-parts"][0][0] for hit in hits if hit.citation.csl]


def test_pages_follow_one_another_without_gap_or_overlap(collection: Ibid) -> None:
    whole = collection.ask(QUESTION, limit=4).hits

    first, second = (collection.ask(QUESTION, limit=2, offset=offset) for offset in (0, 2))

    assert [hit.id for hit in (*first.hits, *second.hits)] == [hit.id for hit in whole]
    assert [hit.rank for hit in second.hits] == [3, 4]
    assert first.more
    assert collection.ask(QUESTION, limit=2, offset=4).hits == ()


def test_hits_are_sorted_by_year_and_by_place(collection: Ibid) -> None:
    assert years(collection, sort="oldest") == sorted(YEARS)
    assert years(collection, sort="newest") == sorted(YEARS, reverse=True)
    assert years(collection, sort="place") == list(YEARS)
    assert years(collection, sort="newest", limit=2, offset=2) == sorted(YEARS, reverse=True)[2:]


def test_facets_count_all_that_was_found_however_few_are_shown(collection: Ibid) -> None:
    facets = collection.ask(QUESTION, limit=1, facets=True).facets

    assert facets is not None
    assert facets.found == len(YEARS)
    assert [(each.value, each.count) for each in facets.author] == [("Ada Marlow", 2), ("Ben Quill", 1), ("Eve Thorn", 1)]
    assert [each.value for each in facets.year] == [str(year) for year in sorted(YEARS)]
    assert [(each.value, each.count) for each in facets.heading] == [("LAMPS AND KEEPERS", 4)]
    assert [(each.label, each.count) for each in facets.document] == [("lamps", 4)]
    assert len(facets.work) == len(YEARS)
    assert collection.ask(QUESTION).facets is None


def test_what_a_facet_counts_its_filter_finds(collection: Ibid) -> None:
    facets = collection.ask(QUESTION, facets=True).facets
    assert facets is not None

    for name in ("author", "work", "year", "heading", "document"):
        for each in getattr(facets, name):
            quoted = each.value if " " not in each.value else f'"{each.value}"'
            assert len(collection.ask(f"{name}:{quoted} {QUESTION}", limit=10).hits) == each.count, (name, each)


@pytest.mark.parametrize("page", [{"offset": -1}, {"offset": 1001}, {"sort": "loudest"}])
def test_a_page_that_there_is_none_of_is_refused(collection: Ibid, page: dict[str, object]) -> None:
    with pytest.raises(RequestInvalid, match=str(next(iter(page)))):
        collection.ask(QUESTION, **page)  # type: ignore[arg-type]  # invalid on purpose


def test_doubt_ends_where_a_lone_passage_is_shown() -> None:
    calibration = Calibration(foreign=0.4)
    enough = strength_of_doubt(calibration)

    # Alone, an excerpt stands out from nothing; judged with others just as good, it does not stand out.
    def status(strength: float) -> str:
        import numpy as np

        return judge(np.full(10, strength, np.float32), calibration).status

    assert status(enough - 0.01) == "nothing_relevant"
    assert status(enough + 0.01) == "weak"
