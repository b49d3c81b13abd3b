"""Some rounds of benchmarks.torture; `make torture` runs a thousand of each kind."""

import shutil
from pathlib import Path

import pytest

from benchmarks.torture import torture


def test_a_damaged_index_a_killed_writer_and_a_failing_disk_never_give_a_wrong_answer_in_silence(tmp_path: Path) -> None:
    disk_errors = 2 if shutil.which("gcc") else 0

    rounds = torture(tmp_path, corruptions=12, kills=3, disk_errors=disk_errors)

    told = {result.partition(":")[0] for results in rounds.values() for _, result in results}
    wrong = [each for results in rounds.values() for each in results if each[1].partition(":")[0] not in ("right", "told")]
    assert wrong == []
    assert "right" in told
    if not disk_errors:
        pytest.skip("no gcc: the rounds with a failing disk were left out")
