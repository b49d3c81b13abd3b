"""docs/contributing.md names files and steps that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")


def test_every_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:index|rag|service|prompts|scripts|tests|docs)/[\w/.-]+)`", PAGE))

    assert len(named) > 30
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_name_of_the_code_that_is_told_with_its_file_is_in_it() -> None:
    pairs = re.findall(r"`(\w+)`(?: of| in) `((?:index|rag|service)/[\w/.]+\.py)`", PAGE)

    assert len(pairs) >= 6
    assert [(name, file) for name, file in pairs if name not in (ROOT / file).read_text(encoding="utf-8")] == []


def test_every_module_that_a_page_names_exists() -> None:
    folders = ("rag", "index", "service", "prompts", "scripts", "benchmarks", "tests", "examples")
    known = {path.name for folder in folders for path in (ROOT / folder).rglob("*.py")} | {"ibid.py"}
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    named = {(page.name, name) for page in pages for name in re.findall(r"[\w/.-]*\w+\.py\b", page.read_text(encoding="utf-8"))}

    assert len(named) > 100
    assert sorted((page, name) for page, name in named if name.rpartition("/")[2] not in known) == []
    assert (
        sorted(
            (page, name)
            for page, name in named
            if name.startswith(tuple(f"{each}/" for each in folders)) and not (ROOT / name).exists()
        )
        == []
    )
