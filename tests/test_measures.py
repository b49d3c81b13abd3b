"""Measures, intervals and tests have the values worked out by hand."""

import math
import sys

import numpy as np
import pytest

from index.errors import ExtraMissing
from rag.errors import QuestionsInvalid
from rag.evaluation.formats import Answer, AskedQuestion, PlaceInPassage
from rag.evaluation.gold import Gold
from rag.evaluation.statistics import MEASURES, Decile, auroc, auroc_interval, compare, intervals, measure, paired_p, reliability
from rag.evaluation.trec import Ranking, falling


def gold(name: str, **grades: int) -> Gold:
    answers = tuple(Answer(PlaceInPassage(excerpt), grade) for excerpt, grade in grades.items())
    return Gold(AskedQuestion(name, name, "lookup", answers), grades, {}, right_from=2)


def ranking(*excerpts: str) -> Ranking:
    return falling(excerpts, [1.0] * len(excerpts))


GOLDS = [gold("first", a=3, b=2), gold("second", c=2, d=1), gold("third", e=3), gold("lost", f=2)]
RUN = {
    "first": ranking("a", "x", "b"),
    "second": ranking("d", "x", "c"),
    "third": ranking("1", "2", "3", "4", "5", "6", "e"),
}


def columns(values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> dict[str, list[float]]:
    return dict(zip(MEASURES, values.T.tolist(), strict=True))


def test_a_small_run_scores_what_it_scores_by_hand() -> None:
    scored = columns(measure(GOLDS, RUN))

    assert scored["hit@1"] == [1, 0, 0, 0]
    assert scored["recall@5"] == [1, 1, 0, 0]
    assert scored["recall@10"] == [1, 1, 1, 0]
    assert scored["mrr@10"] == pytest.approx([1, 1 / 3, 1 / 7, 0])
    assert scored["R@5"] == [1, 1, 0, 0]
    assert scored["ndcg@10"] == pytest.approx(
        [
            (3 + 2 / math.log2(4)) / (3 + 2 / math.log2(3)),
            (1 + 2 / math.log2(4)) / (2 + 1 / math.log2(3)),
            1 / math.log2(8),
            0,
        ]
    )


def test_a_question_is_found_by_any_right_excerpt_while_ir_measures_counts_all_of_them() -> None:
    scored = columns(measure([gold("first", a=2, b=2)], {"first": ranking("a", "x")}))

    assert (scored["recall@5"], scored["R@5"]) == ([1], [0.5])


def test_ties_stand_as_the_run_has_them() -> None:
    scored = columns(measure([gold("first", zz=2)], {"first": ranking("a", "zz")}))

    assert scored["hit@1"] == [0]


def test_a_missing_library_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)

    with pytest.raises(ExtraMissing, match=r"pip install 'ibid-rag\[evaluate\]'"):
        measure(GOLDS, RUN)


def test_an_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few, many = (np.tile([[0.0], [1.0]], (pairs, 1)) for pairs in (10, 1000))

    (low, high), (lower, higher) = intervals(few)[0], intervals(many)[0]

    assert low < 0.5 < high
    # The normal approximation: 1.96 standard errors of a fair coin.
    assert (low, high) == pytest.approx((0.5 - 1.96 * 0.5 / 20**0.5, 0.5 + 1.96 * 0.5 / 20**0.5), abs=0.04)
    assert higher - lower == pytest.approx(2 * 1.96 * 0.5 / 2000**0.5, rel=0.1)


def test_intervals_are_the_same_each_time() -> None:
    values = np.random.default_rng(1).random((30, 2))

    assert intervals(values) == intervals(values)


def test_without_differences_nothing_speaks_against_chance() -> None:
    values = np.array([[1.0], [0.0], [0.5]])

    assert paired_p(values, values) == [1.0]


def test_a_paired_test_counts_the_flips_that_reach_as_far() -> None:
    worse, better = np.zeros((5, 1)), np.ones((5, 1))

    # All five coins must fall alike: 2 of 32 ways.
    assert paired_p(worse, better)[0] == pytest.approx(2 / 32, abs=0.01)


def test_auroc_is_the_share_of_pairs_in_order_with_ties_counted_half() -> None:
    assert auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == (1 + 1 + 0.5 + 1) / 4
    assert math.isnan(auroc(np.array([0.9]), np.array([])))


def test_the_interval_of_a_perfect_auroc_has_no_width() -> None:
    assert auroc_interval(np.array([0.8, 0.9]), np.array([0.1, 0.2])) == (1, 1)


def test_two_runs_are_compared_question_by_question() -> None:
    compared = compare(GOLDS, RUN, {**RUN, "second": ranking("c"), "first": ranking("x", "a")})

    assert (compared["hit@1"].first, compared["hit@1"].second) == (0.25, 0.25)
    assert (compared["hit@1"].better, compared["hit@1"].worse) == (1, 1)
    assert compared["hit@1"].p == pytest.approx(1)


def test_a_run_of_other_questions_is_refused() -> None:
    with pytest.raises(QuestionsInvalid, match="none of the set's questions"):
        compare(GOLDS, RUN, {"another": ranking("a")})


def test_reliability_sets_confidence_against_what_is_right_by_tenths() -> None:
    deciles, error = reliability(np.array([0.05, 0.95, 0.91, 1.0, 0.45]), np.array([0.0, 1.0, 0.0, 1.0, 1.0]))

    assert deciles[:2] == (Decile(1, 0.05, 0.0), Decile(1, 0.45, 1.0))
    assert deciles[2].questions == 3
    assert deciles[2].right == pytest.approx(2 / 3)
    assert error == pytest.approx((0.05 + 0.55 + 3 * abs(2.86 / 3 - 2 / 3)) / 5)
