"""A line is a back reference only where it names a place in what was cited before, and says nothing else."""

import pytest

from index.readers.attributions import is_back_reference


@pytest.mark.parametrize(
    "line",
    [
        "Ibid.", "Ibid., 58", "ibid. at 12", "Ibid., pp. 230–31, 244", "Ibid., ch. 3, n. 4", "Idem, p. xii", "Id., 12a",
        "Ebd., S. 12f.",        "The same, p. 3", "the same work, vol. II, p. 4", "Tarn, op. cit., p. 12", "Fell, loc. cit.",
    ],
)  # fmt: skip
def test_a_reference_with_its_place_is_one(line: str) -> None:
    assert is_back_reference(line)


@pytest.mark.parametrize(
    "line",
    [
        "IBID. AND ITS COUSINS", "The same night they left.", "Idem and passim are Latin", "The same is true of kites.",
        "Ibid. is short for a Latin word", "Same again, said the sailor",
    ],
)  # fmt: skip
def test_a_heading_or_a_sentence_that_begins_alike_is_none(line: str) -> None:
    assert not is_back_reference(line)
