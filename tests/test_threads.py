"""One number of threads for every native library."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from index.threads import do_small_work_alone, limit_pools, physical_cores, share_heaps


def machine(folder: Path, siblings: list[str]) -> Path:
    for processor, listed in enumerate(siblings):
        topology = folder / f"cpu{processor}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(listed + "\n")
    return folder


def quota(folder: Path, text: str) -> Path:
    (folder / "cpu.max").write_text(text)
    return folder / "cpu.max"


def test_hyperthreads_of_one_core_count_once(tmp_path: Path) -> None:
    processors = machine(tmp_path, ["0,2", "1,3", "0,2", "1,3"])

    assert physical_cores(processors, tmp_path / "none", allowed=range(4)) == 2


def test_only_the_processors_a_process_may_use_count(tmp_path: Path) -> None:
    processors = machine(tmp_path, ["0", "1", "2", "3"])

    assert physical_cores(processors, tmp_path / "none", allowed=[3]) == 1


@pytest.mark.parametrize(("text", "cores"), [("150000 100000", 2), ("50000 100000", 1)])
def test_a_container_counts_no_more_than_its_quota(tmp_path: Path, text: str, cores: int) -> None:
    processors = machine(tmp_path, ["0", "1", "2", "3"])

    assert physical_cores(processors, quota(tmp_path, text), allowed=range(4)) == cores


def test_a_quota_of_max_limits_nothing(tmp_path: Path) -> None:
    processors = machine(tmp_path, ["0"])

    assert physical_cores(processors, quota(tmp_path, "max 100000\n"), allowed=[0]) == 1


def test_a_machine_that_tells_nothing_of_its_cores_counts_processors(tmp_path: Path) -> None:
    assert physical_cores(tmp_path, tmp_path / "none", allowed=[0]) == 1


def test_this_machine_has_a_core() -> None:
    assert physical_cores() >= 1


def test_every_pool_gets_the_same_number() -> None:
    environment = {"PATH": "/bin", "OMP_NUM_THREADS": "64"}

    limit_pools(3, environment)

    assert environment == {
        "PATH": "/bin",
        "OMP_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "3",
        "RAYON_NUM_THREADS": "3",
    }


def test_small_work_is_done_by_one_thread_unless_somebody_wants_more() -> None:
    environment = {"PATH": "/bin", "OPENBLAS_NUM_THREADS": "4"}

    do_small_work_alone(environment)

    assert environment == {"PATH": "/bin", "OPENBLAS_NUM_THREADS": "4", "TOKENIZERS_PARALLELISM": "false"}


def test_heaps_are_shared_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr("ctypes.CDLL", lambda _: SimpleNamespace(mallopt=lambda *option: told.append(option)))
    share_heaps()
    monkeypatch.setattr("ctypes.CDLL", lambda _: SimpleNamespace())
    share_heaps()

    assert told == [(-8, 2)]


def test_the_command_says_so_before_numpy_is_loaded() -> None:
    script = "import os, sys; sys.argv = ['ibid', '--version']; from service.cli import main; main()"
    told = (
        "import atexit, os, sys; atexit.register(lambda: print(os.environ.get('OPENBLAS_NUM_THREADS'), 'numpy' in sys.modules));"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}

    done = subprocess.run([sys.executable, "-c", told + script], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "1 False"
