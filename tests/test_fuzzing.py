"""The service does what its OpenAPI document says, whatever it is asked: schemathesis with all its checks, briefly."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.fuzzing import fuzz

PROGRAM = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
EXAMPLES = 5
"""An operation and phase; `make fuzz` tries many more."""


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("schemathesis", path=str(Path(sys.executable).parent)), reason="schemathesis is not installed"
)
def test_the_service_does_what_its_openapi_document_says() -> None:
    done = fuzz(EXAMPLES, 1, "--phases", "coverage,fuzzing")

    assert done.returncode == 0, done.stdout[-8000:]
