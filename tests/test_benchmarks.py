"""The benchmarks can be run as the README says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_BENCH = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nbench:")[2].partition("\n\n")[0]
RUN = re.findall(r"-m (benchmarks\.\w+)", _BENCH)


@pytest.mark.parametrize("name", RUN)
def test_every_benchmark_of_make_bench_tells_what_it_measures(name: str) -> None:
    told = subprocess.run([sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "--json" in told.stdout


def test_a_corpus_that_is_not_there_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import corpora

    monkeypatch.setattr(corpora, "DATA", tmp_path / "nowhere")

    with pytest.raises(SystemExit, match=r"nowhere.*IBID_TEST_DATA"):
        corpora.corpus("xquad", tmp_path)
