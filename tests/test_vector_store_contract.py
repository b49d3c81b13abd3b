"""What every VectorStore does, judged by a brute force over small integers, whose inner products are exact."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedders import Vectors
from index.errors import EmbedderMismatch, IndexDamaged
from index.stores import Ids, Scores, VectorStore, parts
from index.stores.vectors import FaissFlat

WIDTH = 3

ids = st.integers(1, 40)
rows = st.lists(st.integers(-2, 2), min_size=WIDTH, max_size=WIDTH)
updates = st.lists(st.tuples(st.lists(ids, max_size=6), st.dictionaries(ids, rows, max_size=30)), max_size=4)


class InParts(FaissFlat):
    """The same store with a part for each row or two, some of which have gone."""

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        self._check_width(vectors)
        left = np.setdiff1d(self.ids, np.concatenate([removed, added]))
        ids = np.concatenate([left, added])
        rows = np.concatenate([self.vectors(left), vectors])
        store = FaissFlat(self.dimension)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(parts, "_TOGETHER", 0)
            patched.setattr(parts, "_TIMES", 0)
            patched.setattr(parts, "_GONE_SHARE", 1)
            for at in np.array_split(np.argsort(ids, kind="stable"), max(1, min(9, len(ids) // 2))):
                gone = 100_000 + len(store.ids)
                both = [(ids[at], rows[at]), (numbers([gone]), np.ones((1, self.dimension), np.float32))]
                store = store.changed(numbers([]), both).changed(numbers([gone]), ())
        self._hold(store._parts)


def numbers(values: object) -> Ids:
    return np.array(values, np.int64).reshape(-1)


def vectors(values: object) -> Vectors:
    return np.array(values, np.float32).reshape(-1, WIDTH)


def nearest(stored: dict[int, list[int]], query: Vectors, limit: int, among: Ids | None) -> tuple[list[int], list[float]]:
    allowed = [number for number in stored if among is None or number in among]
    scored = sorted((-float(vectors(stored[number])[0] @ query), number) for number in allowed)[:limit]
    return [number for _, number in scored], [-score for score, _ in scored]


def listed(found: tuple[Ids, Scores]) -> tuple[list[int], list[float]]:
    return found[0].tolist(), found[1].tolist()


STORES = [pytest.param(FaissFlat, id="faiss-flat"), pytest.param(InParts, id="faiss-flat in parts")]


@pytest.fixture(params=STORES)
def new_store(request: pytest.FixtureRequest) -> Callable[[int], VectorStore]:
    made: Callable[[int], VectorStore] = request.param
    return made


@pytest.mark.parametrize("make", STORES)
@given(updates, st.lists(rows, min_size=1, max_size=3), st.integers(0, 50), st.none() | st.lists(ids, max_size=20))
@settings(deadline=None, max_examples=150)
def test_it_finds_what_a_brute_force_finds_in_the_same_order_after_any_updates(
    make: Callable[[int], VectorStore],
    steps: list[tuple[list[int], dict[int, list[int]]]],
    queries: list[list[int]],
    limit: int,
    among: list[int] | None,
) -> None:
    store = make(WIDTH)
    stored: dict[int, list[int]] = {}
    for removed, added in steps:
        store.update(numbers(removed), numbers(list(added)), vectors(list(added.values())))
        stored = {number: row for number, row in stored.items() if number not in removed} | added
    limited = None if among is None else numbers(among)

    found = store.search(vectors(queries), limit, limited)

    assert [listed(one) for one in found] == [nearest(stored, query, limit, limited) for query in vectors(queries)]


@pytest.mark.parametrize("make", STORES)
@given(st.dictionaries(ids, rows, max_size=30), st.lists(rows, max_size=3))
@settings(deadline=None, max_examples=60)
def test_every_row_has_its_inner_products_in_the_order_of_ids(
    make: Callable[[int], VectorStore], stored: dict[int, list[int]], queries: list[list[int]]
) -> None:
    store = make(WIDTH)
    store.update(numbers([]), numbers(list(stored)), vectors(list(stored.values())))

    scores = store.scores(vectors(queries))

    in_order = vectors([stored[number] for number in sorted(stored)])
    assert scores.tolist() == (vectors(queries) @ in_order.T).tolist()
    assert scores.dtype == np.float32


def test_equal_rows_score_equal_wherever_they_stand(new_store: Callable[[int], VectorStore]) -> None:
    random = np.random.default_rng(1)
    row, query = random.standard_normal((2, 384)).astype(np.float32)
    store = new_store(384)
    store.update(numbers([]), numbers(range(1037)), np.tile(row, (1037, 1)))

    scores = [*store.scores(np.stack([query, row, query])), *store.scores(query[np.newaxis])]

    assert [len(set(each.tolist())) for each in scores] == [1, 1, 1, 1]
    assert scores[0][0] == scores[2][0] == scores[3][0]


def test_an_empty_store_finds_nothing(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)

    found = store.search(vectors([[1, 0, 0]]), 5)

    assert [listed(one) for one in found] == [([], [])]


def test_no_queries_give_no_results(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)
    store.update(numbers([]), numbers([1]), vectors([[1, 0, 0]]))

    assert store.search(vectors([]), 5) == []


def test_of_many_equal_rows_the_lowest_ids_come_first_whatever_the_order_of_adding(
    new_store: Callable[[int], VectorStore],
) -> None:
    store = new_store(WIDTH)
    shuffled = np.random.default_rng(1).permutation(np.arange(1, 1001))
    store.update(numbers([]), numbers(shuffled), vectors([[1, 2, 0]] * 1000))

    [found] = store.search(vectors([[1, 0, 0]]), 150)

    assert found[0].tolist() == list(range(1, 151))
    assert found[1].dtype == np.float32


def test_stored_rows_come_back_in_the_order_asked_and_as_often(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)
    store.update(numbers([]), numbers([7, 3]), vectors([[1, 0, 0], [0, 2, 0]]))

    assert store.vectors(numbers([3, 7, 3])).tolist() == [[0, 2, 0], [1, 0, 0], [0, 2, 0]]
    assert store.vectors(numbers([])).shape == (0, WIDTH)


def test_a_row_that_is_not_stored_is_damage(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)
    store.update(numbers([]), numbers([7]), vectors([[1, 0, 0]]))

    with pytest.raises(IndexDamaged, match="window 8 has no vector"):
        store.vectors(numbers([7, 8]))


def test_an_id_added_again_has_its_new_row(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)
    store.update(numbers([]), numbers([7]), vectors([[1, 0, 0]]))

    store.update(numbers([]), numbers([7]), vectors([[0, 1, 0]]))

    assert store.vectors(numbers([7])).tolist() == [[0, 1, 0]]


def test_vectors_of_another_width_are_refused_with_both_widths(new_store: Callable[[int], VectorStore]) -> None:
    store = new_store(WIDTH)

    with pytest.raises(EmbedderMismatch, match=r"3 wide.*\(1, 2\)"):
        store.search(np.ones((1, 2), np.float32), 5)
    with pytest.raises(EmbedderMismatch, match="3 wide"):
        store.update(numbers([]), numbers([1]), np.ones((1, 2), np.float32))
