"""The CSL files we carry are the published ones, and say whose they are."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "index" / "citations" / "vendor"


def test_every_vendored_file_is_the_one_its_table_names() -> None:
    table = dict(re.findall(r"^\| `(\S+\.csl)` .*`([0-9a-f]{64})` \|$", (VENDOR / "README.md").read_text("utf-8"), re.MULTILINE))

    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.glob("*.csl")}

    assert len(found) == 4
    assert found == table


def test_every_vendored_file_states_its_licence() -> None:
    for file in VENDOR.glob("*.csl"):
        assert 'license="http://creativecommons.org/licenses/by-sa/3.0/"' in file.read_text("utf-8")
