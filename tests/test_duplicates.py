"""Which excerpts are the same passage, and how ranking folds them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from index.embedders import Vectors
from index.records import Excerpt
from rag.ranking import Batch, alike, rank

PASSAGE = (
    "A concordance lists every word of a book with its places, and the first ones took a whole house of "
    "scribes many years; nobody signed them, and hardly anybody has counted the errors that they left."
)
HERE: Vectors = np.array([1, 0], np.float32)
ELSEWHERE: Vectors = np.array([0, 1], np.float32)

Candidate = tuple[Excerpt, Vectors]


def batch(*candidates: Candidate, read: list[int] | None = None) -> Batch:
    """Candidates in their order; ``read`` notes whose texts are looked at."""

    def look(wanted: Sequence[int]) -> list[Excerpt]:
        if read is not None:
            read.extend(wanted)
        return [candidates[at][0] for at in wanted]

    return Batch(np.stack([vector for _, vector in candidates]), look)


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
    assert alike(PASSAGE, changed)


@pytest.mark.parametrize("changed", [PASSAGE[:60], PASSAGE + PASSAGE.replace("a", "o"), "", "Nothing of the kind."])
def test_a_part_a_continuation_or_another_text_is_another_passage(changed: str) -> None:
    assert not alike(PASSAGE, changed)


def test_passages_that_overlap_are_two_where_one_says_more_at_an_end() -> None:
    words = [f"word{number}" for number in range(90)]
    first, second = " ".join(words[:78]), " ".join(words[12:])

    # They share seven in ten of all their trigrams, and each has a sentence of its own.
    assert not alike(first, second)
    assert len(rank([batch(candidate(first), candidate(second))], 5, None)) == 2


def test_passages_whose_vectors_are_far_apart_are_not_compared() -> None:
    ranked = rank([batch(candidate(PASSAGE), candidate(PASSAGE, vector=ELSEWHERE))], limit=2, per_work=None)

    assert [each.at for each in ranked] == [0, 1]


def test_a_duplicate_is_folded_into_the_better_one_and_takes_no_place() -> None:
    again = candidate(PASSAGE.replace(",", ";"))

    ranked = rank([batch(candidate(PASSAGE), other(1), again, other(2))], limit=3, per_work=None)

    assert [each.at for each in ranked] == [0, 1, 3]
    assert ranked[0].duplicates == (again[0],)


def test_a_duplicate_is_folded_into_one_of_an_earlier_batch() -> None:
    again = candidate(PASSAGE.replace(",", ";"))

    ranked = rank([batch(other(1), candidate(PASSAGE)), batch(again, other(2))], limit=3, per_work=None)

    assert [(each.batch, each.at) for each in ranked] == [(0, 0), (0, 1), (1, 1)]
    assert ranked[1].duplicates == (again[0],)


def test_more_is_taken_only_until_there_is_enough() -> None:
    def batches() -> Iterator[Batch]:
        yield batch(other(1), other(2))
        yield batch(other(3))
        raise AssertionError("nobody asked for more")

    assert len(rank(batches(), limit=3, per_work=None)) == 3


def test_only_texts_that_are_shown_or_may_be_duplicates_are_read() -> None:
    read: list[int] = []
    vectors: Vectors = np.eye(6, dtype=np.float32)
    apart = [candidate(f"Matter {number}, told in other words", vector=vectors[number]) for number in range(6)]
    apart[4] = candidate("Matter 0, told in other words", vector=vectors[0])

    ranked = rank([batch(*apart, read=read)], limit=2, per_work=None)

    assert [each.at for each in ranked] == [0, 1]
    assert [len(each.duplicates) for each in ranked] == [1, 0]
    assert read == [0, 1, 2, 3, 4]


def test_a_work_is_held_back_after_its_share_and_excerpts_without_a_work_never() -> None:
    order = [other(1, "a"), other(2, "a"), other(3), other(4), other(5, "b")]

    ranked = rank([batch(*order)], limit=4, per_work=1)

    assert [each.at for each in ranked] == [0, 2, 3, 4]


def test_nothing_ranked_gives_nothing() -> None:
    assert rank([], limit=5, per_work=None) == []
