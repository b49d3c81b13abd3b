"""The layout of the code, held by figures: how many rooms there are, how large, and how many a question passes through."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "prompts", "rag", "service")
MOST_LINES = 450
MOST_LINES_OF_A_FUNCTION = 33


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_no_module_is_too_long_to_read() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}

    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_two_modules_of_one_package_have_the_same_name() -> None:
    for package in PACKAGES:
        # A module of routes is named like what it serves.
        names = Counter(path.stem for path in (ROOT / package).rglob("*.py") if path.parent.name != "routes")

        assert [name for name, times in names.items() if times > 1 and name not in {"__init__", "errors"}] == []


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines_of_code(node) > MOST_LINES_OF_A_FUNCTION
    ]

    assert long == []


def _lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring: a signature with a line for each parameter is easy to read."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.model
def test_a_question_passes_through_few_files_from_http_to_json() -> None:
    # In a process of its own: CPython 3.11 can spin for ever when a profiler is set where code is already specialised.
    command = [sys.executable, "-m", "scripts.question_path"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    assert run.returncode == 0, run.stderr
    files, _functions = re.findall(r"^(\d+) files, (\d+) functions$", run.stdout, re.MULTILINE)[0]
    assert 20 <= int(files) <= 36, run.stdout
