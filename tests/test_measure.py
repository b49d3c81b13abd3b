"""The clocks and scales of the benchmarks."""

import subprocess
import sys

import pytest

from benchmarks.measure import in_turn, percentile, run_program


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (75, 3), (95, 4), (100, 4)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], percent) == expected


def test_sides_take_turns_and_warm_rounds_do_not_count() -> None:
    ran: list[str] = []

    costs = in_turn({"ours": lambda: ran.append("ours"), "bare": lambda: ran.append("bare")}, rounds=2, warm=1)

    assert ran == ["ours", "bare"] * 3
    assert {name: len(each) for name, each in costs.items()} == {"ours": 2, "bare": 2}


def test_a_side_may_be_run_several_times_when_it_is_its_turn() -> None:
    ran: list[str] = []

    costs = in_turn({"ours": lambda: ran.append("o"), "bare": lambda: ran.append("b")}, rounds=2, warm=1, at_once=3)

    assert "".join(ran) == "ooobbb" * 3
    assert {name: len(each) for name, each in costs.items()} == {"ours": 6, "bare": 6}


def test_a_program_is_charged_for_its_memory_and_time() -> None:
    program = run_program([sys.executable, "-c", "held = b'x' * 200_000_000; print(len(held))"])

    assert program.output == "200000000\n"
    assert program.peak > 200_000_000
    assert program.cost.cpu > 0


def test_a_program_that_fails_gives_no_figure() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_program([sys.executable, "-c", "raise SystemExit(3)"])
