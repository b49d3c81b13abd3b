"""The page speaks the reader's language, and every language has every message."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from service.results_page import SORTS, VIEWS
from service.translation import FORMS, LANGUAGES, page_language, preferred, say, say_count, say_number, table
from tests.shelf import index_text, served

SERVICE = Path(__file__).parents[1] / "service"
OTHERS = [language for language in LANGUAGES if language != "en"]
FORM_COUNTS = {"de": 2, "fr": 2, "es": 2, "ru": 3}


def said() -> set[str]:
    """Every text that templates and modules say: literals within ``say(…)`` and ``say_count(…)``, and the values of tables."""
    found = {*SORTS.values(), *VIEWS.values(), "Year", "Author", "Title", "Work", "Heading", "Document", "Sort", "Show"}
    for template in (SERVICE / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        for called in re.findall(r"say(?:_count)?\(((?:[^()\"]|\"[^\"]*\"|\([^()]*\))*)\)", text):
            found |= {each for each in re.findall(r'"([^"]*)"', called.partition("=")[0]) if each[:1] not in ",("}
        found |= set(re.findall(r'cut\(view\.\w+, "([^"]*)"\)', text))
    for module in ("explanations.py", "results_page.py"):
        tree = ast.parse((SERVICE / module).read_text(encoding="utf-8"))
        found |= {
            each.value
            for each in ast.walk(tree)
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and re.match(r"[“A-Z{].* .*[.:;]", each.value)
        } - _docstrings(tree)
    return found - {"/", ""}


def _docstrings(tree: ast.Module) -> set[str]:
    bodies = [each.body for each in ast.walk(tree) if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef)]
    firsts = [each for body in bodies for each in body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)]
    return {str(each.value.value) for each in firsts if isinstance(each.value, ast.Constant)}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_has_every_message_that_is_said_and_no_other() -> None:
    for language in OTHERS:
        assert set(table(language)) == said(), language


@pytest.mark.parametrize("language", OTHERS)
def test_translations_fill_in_what_the_english_text_does(language: str) -> None:
    for message, told in table(language).items():
        forms = [told] if isinstance(told, str) else told
        assert all(fields(form) == fields(message) for form in forms), message
        assert isinstance(told, list) == ("{count}" in message), message
        if isinstance(told, list):
            assert len(told) == FORM_COUNTS[language], message


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("en", {0: 1, 1: 0, 2: 1}),
        ("fr", {0: 0, 1: 0, 2: 1}),
        ("ru", {0: 2, 1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 21: 0, 22: 1, 25: 2, 111: 2, 112: 2}),
    ],
)
def test_counts_take_the_form_of_their_language(language: str, counts: dict[int, int]) -> None:
    assert {count: FORMS[language](count) for count in counts} == counts


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("it, fr;q=0.3, ru;q=0.8", "ru"),
        ("es;q=0, fr", "fr"),
        ("ja", "en"),
        ("*", "en"),
        ("", "en"),
        (";;q=x,,de;q=9", "en"),
        ("x" * 100_000, "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_a_setting_goes_before_the_browser() -> None:
    assert preferred("de", "fr") == "fr"


def test_a_message_that_a_language_lacks_is_english() -> None:
    token = page_language.set("ru")
    try:
        assert say("No language says {this}.", this="that") == "No language says that."
        assert say_count("{count} lamp|{count} lamps", 5) == "5 lamps"
        assert say_count("{count} passage|{count} passages", 1022) == "1\u00a0022 отрывка"
        assert say_number(1022) == "1\u00a0022"
    finally:
        page_language.reset(token)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_that_the_browser_asks_for(client: TestClient[Litestar], language: str) -> None:
    answer = client.get("/", params={"q": "fog bell", "author": "nobody"}, headers={"accept-language": language})

    token = page_language.set(language)
    try:
        expected = [say("Ask the collection"), say("Leave the filter out or change it."), say("Theme")]
    finally:
        page_language.reset(token)
    assert f'<html lang="{language}">' in answer.text
    assert all(each in answer.text for each in expected[1:])
    assert "Accept-Language" in answer.headers["vary"]


def test_programs_are_answered_in_english(client: TestClient[Litestar]) -> None:
    asked = {"q": "fog bell", "author": "nobody"}

    told = client.get("/v1/search", params=asked, headers={"accept-language": "de"}).json()["explanation"]

    assert told.startswith("No author in this collection matches “nobody”.")


def test_the_setting_fixes_the_language(tmp_path: Path) -> None:
    index_text(tmp_path)
    with served(tmp_path, page_language="fr") as client:
        assert '<html lang="fr">' in client.get("/", headers={"accept-language": "de"}).text
