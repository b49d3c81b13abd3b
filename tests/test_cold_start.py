"""What a start opens: nothing that the first answer is not made with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.embedders.registry import load_embedder
from index.home import Home
from service.refinements import prepare_passage_reader
from service.settings import Settings
from tests.shelf import index_text

NEVER_TO_ASK = {
    "anyio", "asyncio", "filelock", "httpx", "huggingface_hub", "index.citations.parse", "jinja2", "litestar", "mcp",
    "onnx", "openai", "opentelemetry", "prometheus_client", "pydantic", "regex", "sentence_transformers", "tiktoken",
    "torch", "transformers", "uvicorn", "yaml",
}  # fmt: skip
"""What `ibid ask` may not import: it is one question, asked in one thread, of an index that is there."""

NEVER_TO_SERVE = {
    "filelock", "huggingface_hub", "index.citations.parse", "jinja2", "litestar.plugins.attrs", "litestar.plugins.pydantic",
    "mcp", "onnx", "openai", "opentelemetry", "sentence_transformers", "tiktoken", "torch", "transformers",
}  # fmt: skip
"""What `ibid serve` may not import before its first answer: a page, a client of MCP or a language model may ask for it later."""

FIRST_ANSWER = """
import sys
from litestar.testing import TestClient
from service.app import app_from_environment
with TestClient(app_from_environment(), base_url="http://127.0.0.1:8000") as client:
    assert client.post("/v1/ask", json={"question": "Who rang the fog bell?"}).status_code == 200
    print(*sys.modules)
"""

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index as `ibid index` makes it, with the model that travels along."""
    folder = tmp_path_factory.mktemp("home")
    index_text(folder, embedder=load_embedder(None, Home(folder).models))
    prepare_passage_reader(Settings(home=folder, read="auto"))
    return folder


def imported_by(*arguments: str | Path) -> set[str]:
    """The modules that a command has imported when it is done."""
    program = (
        "import sys; from service.cli import command; command(sys.argv[1:], standalone_mode=False);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_asking_imports_nothing_that_one_question_does_without(home: Path) -> None:
    assert imported_by("ask", "--home", home, "Who rang the fog bell?") & NEVER_TO_ASK == set()


def test_reading_passages_imports_nothing_that_writes_networks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBID_READ", "auto")

    assert imported_by("ask", "--home", home, "Who rang the fog bell?") & {"onnx", "torch", "transformers"} == set()


def test_asking_for_json_does_not_import_what_draws_on_terminals(home: Path) -> None:
    assert "rich" not in imported_by("ask", "--json", "--home", home, "Who rang the fog bell?")


def test_a_service_answers_before_it_imports_what_pages_and_other_protocols_need(home: Path) -> None:
    environment = {**os.environ, "IBID_HOME": str(home)}

    done = subprocess.run([sys.executable, "-c", FIRST_ANSWER], capture_output=True, text=True, check=True, env=environment)

    assert set(done.stdout.split()) & NEVER_TO_SERVE == set()
