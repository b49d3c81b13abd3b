"""Which excerpts are the same passage, and how ranking folds them."""

import numpy as np
import pytest

from index.embedders import Vectors
from index.records import Excerpt
from rag.duplicates import Passage
from rag.ranking import Candidate, rank

PASSAGE = (
    "A concordance lists every word of a book with its places, and the first ones took a whole house of "
    "scribes many years; nobody signed them, and hardly anybody has counted the errors that they left."
)
HERE: Vectors = np.array([1, 0], np.float32)
ELSEWHERE: Vectors = np.array([0, 1], np.float32)


def candidate(text: str, work: str = "", vector: Vectors = HERE) -> Candidate:
    return Excerpt(f"id of {text[:9]}", "document", 0, len(text), text, work_id=work), vector


def other(number: int, work: str = "") -> Candidate:
    return candidate(f"Excerpt number {number} speaks of matter {number * 7} and of nothing that the rest tells.", work)


@pytest.mark.parametrize(
    "changed",
    [
        PASSAGE.replace(",", " —"),
        PASSAGE.upper(),
        "… " + PASSAGE + " [sic]",
        PASSAGE.replace("hardly anybody", "scarcely anybody"),
        PASSAGE.replace("many years", "several years"),
    ],
)
def test_typography_and_a_word_or_two_do_not_make_another_passage(changed: str) -> None:
    assert Passage(PASSAGE, HERE).alike(Passage(changed, HERE))


@pytest.mark.parametrize("changed", [PASSAGE[:60], PASSAGE + PASSAGE.replace("a", "o"), "", "Nothing of the kind."])
def test_a_part_a_continuation_or_another_text_is_another_passage(changed: str) -> None:
    assert not Passage(PASSAGE, HERE).alike(Passage(changed, HERE))


def test_passages_whose_vectors_are_far_apart_are_not_compared() -> None:
    assert not Passage(PASSAGE, HERE).alike(Passage(PASSAGE, ELSEWHERE))


def test_a_duplicate_is_folded_into_the_better_one_and_takes_no_place() -> None:
    again = candidate(PASSAGE.replace(",", ";"))

    ranked = rank([[candidate(PASSAGE), other(1), again, other(2)]], limit=3, per_work=None)

    assert [each.place for each in ranked] == [0, 1, 3]
    assert ranked[0].duplicates == (again[0],)


def test_more_is_read_only_until_there_is_enough() -> None:
    def batches() -> object:
        yield [other(1), other(2)]
        yield [other(3)]
        raise AssertionError("nobody asked for more")

    assert len(rank(batches(), limit=3, per_work=None)) == 3  # type: ignore[arg-type]  # a generator that must not run out


def test_a_work_is_held_back_after_its_share_and_excerpts_without_a_work_never() -> None:
    order = [other(1, "a"), other(2, "a"), other(3), other(4), other(5, "b")]

    ranked = rank([order], limit=4, per_work=1)

    assert [each.place for each in ranked] == [0, 2, 3, 4]


def test_nothing_ranked_gives_nothing() -> None:
    assert rank([], limit=5, per_work=None) == []
