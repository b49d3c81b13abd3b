"""Values are looked up once as long as there is maxsize for them."""

from collections.abc import Sequence

import pytest

from index.collection import BatchCache


class Shelf:
    """Gives each number's square, and notes what was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def look_up(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        if -1 in numbers:
            raise LookupError("-1")
        return [number * number for number in numbers]


def test_only_what_is_not_known_is_looked_up_and_all_comes_in_order() -> None:
    shelf = Shelf()
    remembered = BatchCache(shelf.look_up, maxsize=10)
    remembered([1, 2])

    assert remembered([3, 1, 4, 2, 1]) == [9, 1, 16, 4, 1]
    assert shelf.asked == [[1, 2], [3, 4]]


def test_what_came_first_goes_first_when_there_is_no_maxsize() -> None:
    shelf = Shelf()
    remembered = BatchCache(shelf.look_up, maxsize=2)
    remembered([1, 2, 3])

    assert remembered([1, 2, 3]) == [1, 4, 9]
    assert shelf.asked == [[1, 2, 3], [1]]


def test_of_a_failure_nothing_is_kept() -> None:
    shelf = Shelf()
    remembered = BatchCache(shelf.look_up, maxsize=10)

    with pytest.raises(LookupError):
        remembered([1, -1])

    assert remembered([1]) == [1]
    assert shelf.asked == [[1, -1], [1]]
