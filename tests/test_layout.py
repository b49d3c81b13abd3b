"""Which windows belong to which excerpts, judged by looking at them one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import WindowMap
from index.stores import Scores

owned = st.dictionaries(st.integers(1, 60), st.tuples(st.integers(1, 12), st.integers(-3, 3)), max_size=40)


def laid_out(owner_of: dict[int, tuple[int, int]]) -> tuple[WindowMap, Scores]:
    """A layout of windows with their excerpts, and a score for each."""
    windows = sorted(owner_of)
    columns = (windows, [owner_of[window][0] for window in windows], windows, [2 * window for window in windows])
    return WindowMap(*(np.array(column, np.int64) for column in columns)), np.array(
        [owner_of[each][1] for each in windows], np.float32
    )


@given(owned)
def test_each_window_knows_its_excerpt_in_any_order(owner_of: dict[int, tuple[int, int]]) -> None:
    layout, _ = laid_out(owner_of)

    backwards = np.array(sorted(owner_of, reverse=True), np.int64)

    assert layout.excerpts_of(backwards).tolist() == [owner_of[window][0] for window in backwards.tolist()]


@given(owned)
def test_an_excerpt_is_as_good_as_its_best_window(owner_of: dict[int, tuple[int, int]]) -> None:
    layout, scores = laid_out(owner_of)

    best = layout.all().best(scores)

    keys = sorted({key for key, _ in owner_of.values()})
    assert layout.keys.tolist() == keys
    assert best.tolist() == [max(score for owner, score in owner_of.values() if owner == key) for key in keys]
    assert scores[layout.all().best_places(scores)].tolist() == best.tolist()


@given(owned, st.data())
def test_the_best_window_is_the_first_of_those_that_score_most(owner_of: dict[int, tuple[int, int]], data: st.DataObject) -> None:
    layout, scores = laid_out(owner_of)
    rows = data.draw(st.lists(st.integers(0, max(0, len(layout.keys) - 1)), max_size=5 if len(layout.keys) else 0))

    question = data.draw(st.integers(0, 2))

    several = np.concatenate([np.zeros(question * len(scores), np.float32), scores])
    best = layout.of(np.array(rows, np.int64), np.full(len(rows), question))
    places = best.best_places(several) - question * len(scores)

    wanted = []
    for row in rows:
        owns = {window: score for window, (key, score) in owner_of.items() if key == layout.keys[row]}
        wanted.append(min(window for window, score in owns.items() if score == max(owns.values())))
    assert layout.ids(places).tolist() == wanted
    assert best.best(several).tolist() == scores[places].tolist()
    assert [layout.span(place) for place in places.tolist()] == [(window, 2 * window) for window in wanted]
