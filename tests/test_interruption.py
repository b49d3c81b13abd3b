"""Killed at any moment, an index is the old one or the new one, whole."""

import json
import subprocess
import sys
from pathlib import Path

ROUNDS = 44


def test_killed_at_any_moment_the_next_start_finds_the_old_or_the_new_index_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.interrupted_building", str(tmp_path), str(ROUNDS)]

    run = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False, timeout=120)

    rounds = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 0, run.stderr
    assert len(rounds) == ROUNDS
    before: list[str] = []
    for one in rounds:
        assert one["findings"] == []
        assert one["names"] in (before, one["wanted"])
        assert one["killed"] or one["names"] == one["wanted"]
        before = one["names"]
    assert any(one["killed"] and one["names"] != one["wanted"] for one in rounds)
