"""The model of abstention is the logistic one that its cases ask for."""

import numpy as np
import pytest

from benchmarks.abstention import Cases, fit


def column(*values: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    return np.array(values, np.float64).reshape(-1, 1)


def test_the_fit_gives_the_odds_of_each_case() -> None:
    # At 0 one of two cases by weight is answerable in three of four, at 1 in one of four.
    cases = Cases(answerable=column(0, 0, 0, 1), removed=column(0, 1, 1, 1), foreign=column(0, 1, 1, 1))

    slope, intercept = fit([cases])

    assert intercept == pytest.approx(np.log(3), abs=1e-3)
    assert slope == pytest.approx(-2 * np.log(3), abs=1e-3)


def test_each_set_weighs_the_same_however_many_cases_it_has() -> None:
    few = Cases(answerable=column(0, 1), removed=column(0, 1), foreign=column(0, 1))
    many = Cases(answerable=column(*[0, 0, 1] * 50), removed=column(*[1, 1, 0] * 50), foreign=column(*[1, 1, 0] * 50))
    fewer = Cases(answerable=column(0, 0, 1), removed=column(1, 1, 0), foreign=column(1, 1, 0))

    assert fit([few, many]) == pytest.approx(fit([few, fewer]))
