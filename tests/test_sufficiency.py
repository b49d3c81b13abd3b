"""When evidence suffices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.calibration import NOTHING_BELOW, WEAK_BELOW, Calibration, judge

USUAL = Calibration()
scores = st.floats(-1, 2, width=32)


def evidence(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_no_candidates_are_nothing_relevant_with_confidence_zero() -> None:
    judgement = judge(evidence(), USUAL)

    assert (judgement.status, judgement.confidence) == ("nothing_relevant", 0.0)


def test_what_a_foreign_question_finds_is_nothing_relevant() -> None:
    assert judge(evidence(USUAL.foreign, 0.26, 0.25, 0.25), USUAL).status == "nothing_relevant"


def test_a_close_excerpt_that_stands_out_answers() -> None:
    assert judge(evidence(1.1, 0.5, 0.4, 0.4), USUAL).status == "answered"


def test_the_same_score_is_weaker_where_many_excerpts_reach_it() -> None:
    alone, among_many = judge(evidence(0.7, 0.3, 0.3), USUAL), judge(evidence(0.7, 0.69, 0.69, 0.69), USUAL)

    assert among_many.confidence < alone.confidence


def test_a_collection_that_looks_near_to_everything_needs_more() -> None:
    found = evidence(0.8, 0.5, 0.5)

    assert judge(found, Calibration(foreign=0.5)).confidence < judge(found, Calibration(foreign=0.2)).confidence


@given(st.lists(scores, max_size=30), scores)
def test_confidence_is_a_probability_and_decides_the_status(others: list[float], best: float) -> None:
    judgement = judge(evidence(best, *others), USUAL)

    assert 0 <= judgement.confidence <= 1
    assert (judgement.status == "nothing_relevant") == (judgement.confidence < NOTHING_BELOW)
    assert (judgement.status == "answered") == (judgement.confidence >= WEAK_BELOW)


@pytest.mark.parametrize("order", [(0.9, 0.4, 0.2), (0.2, 0.9, 0.4)])
def test_the_order_of_candidates_does_not_matter(order: tuple[float, ...]) -> None:
    assert judge(evidence(*order), USUAL) == judge(evidence(0.4, 0.2, 0.9), USUAL)
