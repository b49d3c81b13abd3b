"""One entry in the table of filters makes a filter everywhere: seen in a copy of the code with one entry more."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ENTRY = """    reader: Annotated[
        Texts,
        Filter("Name of a reader.", "exact", ("d.reader",), lambda collection: (card.reader for card in collection.documents())),
    ] = ()
"""
PROGRAM = """
import json, sys
from click.testing import CliRunner
import msgspec
from index.build import build_index
from index.filters import Filters
from index.records import SourceFile
from rag.query import parse_question
from service.cli.ask import command
from service.client import _filters
from service.tools import FindInput
from tests.fakes import HashEmbedder
from tests.shelf import served
from pathlib import Path

home = Path(sys.argv[1])
files = [SourceFile("a.md", b"The bell rang in the fog."), SourceFile("b.html", b"<p>The bell rang in the harbour.</p>")]
build_index(home, files, HashEmbedder())
with served(home) as client:
    found = client.get("/v1/search", params={"q": "bell", "reader": "markdown"}).json()
    asked = client.post("/v1/ask", json={"question": "bell", "filters": {"reader": ["markdown"]}}).json()
    unknown = client.get("/v1/search", params={"q": "bell", "reader": "markdwn"}).json()
    schema = client.get("/schema/openapi.json").json()
    page = client.get("/", params={"q": "bell", "reader": "markdown"}).text
print(json.dumps({
    "found": [hit["document"]["name"] for hit in found["hits"] + found["nearest"]],
    "asked": asked["question"]["filters"]["reader"],
    "unknown": [unknown["status"], unknown["limits"][0]["nearest"]],
    "parameters": [each["name"] for each in schema["paths"]["/v1/search"]["get"]["parameters"]],
    "body": list(schema["components"]["schemas"]["FiltersBody"]["properties"]),
    "page": page,
    "tool": list(msgspec.json.schema(FindInput)["$defs"]["FindInput"]["properties"]),
    "help": CliRunner().invoke(command, ["--help"]).output,
    "typed": parse_question("reader:markdown bell").filters.reader,
    "client": _filters(Filters(reader=("markdown",))),
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    copy = tmp_path_factory.mktemp("copy")
    (copy / "index").mkdir()
    for path in (ROOT / name for name in ("ibid.py", "rag", "service", "prompts", "tests")):
        (copy / path.name).symlink_to(path)
    for path in (ROOT / "index").iterdir():
        if path.name != "filters.py":
            (copy / "index" / path.name).symlink_to(path)
    table = (ROOT / "index" / "filters.py").read_text(encoding="utf-8")
    assert table.count("    def __bool__") == 1
    (copy / "index" / "filters.py").write_text(table.replace("    def __bool__", f"{ENTRY}\n    def __bool__"), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(copy / "home")],
        cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def test_it_narrows_a_search(seen: dict[str, Any]) -> None:
    assert seen["found"] == ["a.md"]
    assert seen["asked"] == ["markdown"]


def test_a_value_that_nothing_has_is_told_with_those_like_it(seen: dict[str, Any]) -> None:
    assert seen["unknown"] == ["no_such_filter_value", ["markdown"]]


def test_programs_are_told_of_it(seen: dict[str, Any]) -> None:
    assert "reader" in seen["parameters"]
    assert "reader" in seen["body"]
    assert "reader" in seen["tool"]
    assert seen["client"] == {"reader": ["markdown"]}


def test_the_command_line_and_the_question_take_it(seen: dict[str, Any]) -> None:
    assert "--reader TEXT" in seen["help"]
    assert "Name of a reader. May be repeated" in seen["help"]
    assert seen["typed"] == ["markdown"]


def test_the_page_has_it_in_its_form_and_hands_it_to_its_script(seen: dict[str, Any]) -> None:
    assert '<input name="reader" value="markdown"' in seen["page"]
    assert 'data-filters="author title heading work document year reader"' in seen["page"]
    assert "heading" not in (ROOT / "service" / "static" / "address.js").read_text(encoding="utf-8")
