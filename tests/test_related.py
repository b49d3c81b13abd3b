"""What is offered beside an excerpt."""

from pathlib import Path

import pytest

from index.build import build_index
from index.collection import Collection
from index.errors import Unknown
from index.records import Excerpt
from rag.retrieve import related
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home: Path = tmp_path_factory.mktemp("home")
    # In so few dimensions everything is near to everything.
    build_index(home, [indexing(), quoting()], HashEmbedder(dimension=2))
    return Collection.open(home)


def starting(collection: Collection, words: str) -> Excerpt:
    return next(each for each in collection.excerpts(collection.excerpt_ids()) if each.text.startswith(words))


def test_the_rest_under_the_same_heading_comes_in_the_order_of_the_text(collection: Collection) -> None:
    excerpt = starting(collection, "A concordance")

    beside = related(collection, excerpt.id, limit=5).same_heading

    assert beside[0].text.startswith("An index tells")
    assert excerpt.id not in {each.id for each in beside}
    assert {each.headings[-1] for each in beside} == {excerpt.headings[-1]}


def test_other_works_give_one_excerpt_each_and_never_the_own_work(collection: Collection) -> None:
    excerpt = starting(collection, "A concordance")

    works = [each.work_id for each in related(collection, excerpt.id, limit=5).other_works]

    assert works
    assert len(works) == len(set(works))
    assert excerpt.work_id not in works


def test_no_more_of_each_kind_than_asked_for(collection: Collection) -> None:
    beside = related(collection, starting(collection, "A concordance").id, limit=1)

    assert len(beside.same_heading) == len(beside.other_works) == 1


def test_an_unknown_excerpt_is_an_error_that_names_it(collection: Collection) -> None:
    with pytest.raises(Unknown, match="'nowhere'"):
        related(collection, "nowhere", limit=3)
