"""What tests of several files share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real collections and question sets, which does not travel with the project."""
    told = os.environ.get("IBID_TEST_DATA")
    folder = Path(told) if told else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set IBID_TEST_DATA to its folder")
    return folder
