"""Run files say the same to every program that reads them."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionsInvalid
from rag.evaluation.trec import falling, read_run, write_run

RUN = {"q1": falling(["b", "a"], [2.5, 1.25]), "q2": falling(["c"], [-1.0])}


def test_a_run_is_written_as_trec_has_it(tmp_path: Path) -> None:
    write_run(tmp_path / "a.run", RUN, "ibid-fused")

    assert (tmp_path / "a.run").read_text() == (
        "q1 Q0 b 1 2.5 ibid-fused\nq1 Q0 a 2 1.25 ibid-fused\nq2 Q0 c 1 -1.0 ibid-fused\n"
    )


def test_a_run_that_is_written_is_read_back(tmp_path: Path) -> None:
    write_run(tmp_path / "a.run", RUN, "x")

    assert read_run(tmp_path / "a.run") == RUN


def test_a_run_is_ordered_by_score_whatever_the_order_of_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.run").write_text("q Q0 low 1 1 x\nq Q0 high 2 3 x\nq Q0 tied 3 1.0 x\n")

    assert [excerpt for excerpt, _ in read_run(tmp_path / "a.run")["q"]] == ["high", "low", "tied"]


@given(st.lists(st.floats(-1e6, 1e6, width=32), max_size=30))
def test_scores_fall_strictly_even_in_single_precision(scores: list[float]) -> None:
    ranking = falling([str(number) for number in range(len(scores))], sorted(scores, reverse=True))

    kept = [np.float32(score) for _, score in ranking]
    assert all(one > other for one, other in pairwise(kept))
    assert [excerpt for excerpt, _ in ranking] == [str(number) for number in range(len(scores))]


@pytest.mark.parametrize("line", ["q Q0 a 1 2.5", "q Q0 a one 2.5 x", "q Q0 a 1 high x", "\x00"])
def test_a_line_that_is_none_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.run").write_text(f"q Q0 a 1 2.5 x\n{line}\n")

    with pytest.raises(QuestionsInvalid, match="line 2"):
        read_run(tmp_path / "a.run")


def test_a_run_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid, match="cannot be read"):
        read_run(tmp_path / "nowhere.run")
