"""The wheel holds everything that runs, and nothing else."""

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ibid.py", "index", "prompts", "rag", "service")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built from this checkout."""
    builder = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds the wheel; `make test` installs it")
    folder = tmp_path_factory.mktemp("dist")
    (built,) = builder.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def kept() -> set[str]:
    """What git knows below the packages, as it now stands in the folder."""
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_every_file_of_the_packages_ships(wheel: set[str], kept: set[str]) -> None:
    assert kept - wheel == set()


def test_nothing_ships_but_the_packages_and_their_metadata(wheel: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_sample_collection_and_the_licence_ship(wheel: set[str]) -> None:
    assert "index/sample/ibid-handbook.txt" in wheel
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


@pytest.mark.parametrize("lock", ["run.lock", "test.lock"])
def test_the_locks_pin_every_dependency_with_hashes_and_leave_torch_out(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    if lock == "test.lock":
        declared += [entry for entry in project["dependency-groups"]["test"] if isinstance(entry, str)]
    pinned = re.findall(r"^[a-z0-9].*$", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)

    names = {line.partition("==")[0] for line in pinned}
    assert {_name(entry) for entry in declared} - {"torch"} <= names
    assert names & {"torch", "triton", "nvidia-nccl-cu13", "cuda-toolkit"} == set()
    assert all(line.endswith("\\") for line in pinned)


def _name(requirement: str) -> str:
    """The distribution that a requirement names, as PyPI writes it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[._-]+", "-", found[0]).lower()
