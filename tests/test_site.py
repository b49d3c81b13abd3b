"""The site shows every page, and its links lead somewhere."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.site_pages import ROOT, laid_out, main, pages

CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
KNOWN = {ROOT / page for page in pages()}


def shown(nav: Any) -> list[str]:
    """Every page in the navigation."""
    match nav:
        case str():
            return [nav]
        case dict():
            return [page for each in nav.values() for page in shown(each)]
        case _:
            return [page for each in nav for page in shown(each)]


def test_the_navigation_shows_every_page_once() -> None:
    assert sorted(shown(CONFIG["nav"])) == sorted(page.as_posix() for page in pages())


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("see [access](access.md#keys)", "see [access](access.md#keys)"),
        ("see [the README](../README.md)", "see [the README](../README.md)"),
        ("see [the code](../service/app.py)", "see the code"),
        ("see [the tests](../tests)", "see the tests"),
        ("see [CSL](https://citationstyles.org/)", "see [CSL](https://citationstyles.org/)"),
        ("see [above](#logs)", "see [above](#logs)"),
        ("![a page](images/page-answer.png)", "![a page](images/page-answer.png)"),
        ("see [nothing](no-such-page.md)", "see [nothing](no-such-page.md)"),  # left for mkdocs to tell
    ],
)
def test_links_to_what_is_not_on_the_site_are_left_as_their_names(written: str, left: str) -> None:
    assert laid_out(written, Path("docs/operating.md"), KNOWN) == left


def test_the_pages_are_laid_out_anew(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "old.md").touch()

    main(folder)

    assert not (folder / "old.md").exists()
    assert all((folder / page).is_file() for page in pages())
    assert (folder / "docs" / "images" / "page-answer.png").is_file()


def test_the_site_is_built_and_a_link_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    if not (importlib.util.find_spec("material") and importlib.util.find_spec("mkdocs")):
        pytest.skip("mkdocs-material is not installed; `make site` installs it in an environment of its own")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    main(tmp_path / "build" / "site-pages")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]

    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    page = tmp_path / "build" / "site-pages" / "SECURITY.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n[nothing](docs/no-such-page.md)\n", encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode != 0
