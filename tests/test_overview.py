"""The collection at a glance: bars of years, and counts that add up."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.collection import Collection
from index.records import Filters
from service.overview import HEIGHT, MOST_BARS, draw, labels, overview
from tests.shelf import index_text

YEARS = st.dictionaries(st.integers(-500, 2026), st.integers(1, 1000), min_size=2, max_size=60)


@given(YEARS)
def test_a_chart_shows_every_passage_once_and_fits_its_room(dated: dict[int, int]) -> None:
    bars, width = draw(Counter(dated))

    assert sum(bar.count.excerpts for bar in bars) == sum(dated.values())
    assert width <= MOST_BARS + 1
    assert [bar.left for bar in bars] == sorted({bar.left for bar in bars})
    assert all(0 <= bar.left < width and bar.top >= 0 and bar.top + bar.height == pytest.approx(HEIGHT) for bar in bars)


def test_a_few_years_are_drawn_one_by_one_and_many_by_decades() -> None:
    single, _ = draw(Counter({1936: 3, 1940: 1}))
    decades, width = draw(Counter({1936: 3, 1939: 1, 2026: 2, 1700: 1}))

    assert [bar.count.value for bar in single] == ["1936", "1940"]
    assert [(bar.count.value, bar.count.excerpts) for bar in decades] == [("1700-1709", 1), ("1930-1939", 4), ("2020-2029", 2)]
    assert width == 33


def test_one_year_needs_no_chart() -> None:
    assert draw(Counter({1936: 3})) == ((), 0)


def test_authors_and_headings_are_counted_by_their_passages(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    collection = Collection.open(home)

    whole, part = overview(collection, Filters()), overview(collection, Filters(author=("quill",)))

    assert [(each.label, each.excerpts) for each in whole.authors] == [("Edith Marsh", 2), ("Tobias Quill", 2)]
    assert [(each.label, each.excerpts) for each in part.headings] == [("FOG SIGNALS", 2)]
    assert whole.undated == 0


def test_filters_by_id_are_shown_under_their_names_and_unknown_ids_as_they_are(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    collection = Collection.open(home)
    works = [work.id for work in collection.works()]

    assert set(labels(collection, Filters(work=(*works, "nothing"))).values()) == {"Marsh 1936", "Quill 1951"}
