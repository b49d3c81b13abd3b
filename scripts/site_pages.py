"""Lays out the pages of the documentation site: README, CHANGELOG and docs/ as they are linked, in one folder for mkdocs.

    python scripts/site_pages.py build/site-pages

Links to files of the repository that are no pages are left as their names: a site that is read elsewhere has no such files.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<to>(?!https?:|#)[^)#\s]+)(?:#[^)]*)?\)")


def pages(root: Path = ROOT) -> list[Path]:
    """Every page, relative to the root."""
    top = [root / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return [page.relative_to(root) for page in (*top, *sorted((root / "docs").glob("*.md")))]


def laid_out(text: str, page: Path, known: set[Path], root: Path = ROOT) -> str:
    """A page whose links to files that are in the repository and not on the site are plain names."""

    def linked(found: re.Match[str]) -> str:
        target = (root / page.parent / found["to"]).resolve()
        on_site = not target.exists() or target in known or (root / "docs" / "images") in target.parents
        return found[0] if on_site else found["text"]

    return _LINK.sub(linked, text)


def main(folder: Path) -> None:
    """Writes all pages and images into ``folder``, in place of what was there."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(ROOT / "docs" / "images", folder / "docs" / "images")
    known = {ROOT / page for page in pages()}
    for page in pages():
        written = laid_out((ROOT / page).read_text(encoding="utf-8"), page, known)
        (folder / page).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
