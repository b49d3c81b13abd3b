"""What the README says of the program is so."""

import re
from pathlib import Path

import pytest

from service.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_commands_are_those_of_the_program() -> None:
    section = README.partition("## Commands")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `ibid ([\w-]+)", section, flags=re.MULTILINE) == list(COMMANDS)


def test_every_make_target_exists() -> None:
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= rules


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:)([^)#]+)", prose)

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_of_the_docs_can_be_reached_from_the_readme(page: Path) -> None:
    assert f"(docs/{page.name})" in README
