"""The wheel holds everything that runs, and nothing else."""

import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "prompts", "rag", "service")


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
