"""Which windows belong to which excerpts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.owners import Owners

owned = st.dictionaries(st.integers(1, 60), st.integers(1, 12), max_size=40)
keys = st.sets(st.integers(1, 15))


@given(owned, keys)
def test_the_windows_of_excerpts_are_all_theirs_in_ascending_order(owner_of: dict[int, int], wanted: set[int]) -> None:
    windows = np.array(sorted(owner_of), np.int64)
    owners = Owners(windows, np.array([owner_of[window] for window in windows.tolist()], np.int64))

    found, excerpts = owners.windows_of(np.array(sorted(wanted), np.int64))

    assert found.tolist() == [window for window in sorted(owner_of) if owner_of[window] in wanted]
    assert excerpts.tolist() == [owner_of[window] for window in found.tolist()]


@given(owned)
def test_each_window_knows_its_excerpt_in_any_order(owner_of: dict[int, int]) -> None:
    windows = np.array(sorted(owner_of), np.int64)
    owners = Owners(windows, np.array([owner_of[window] for window in windows.tolist()], np.int64))

    backwards = windows[::-1]

    assert owners.excerpts_of(backwards).tolist() == [owner_of[window] for window in backwards.tolist()]
