"""A collection that every Python brings along: the docstrings of its standard library, each an excerpt with its citation.

Nothing is imported and nothing is copied into the project: sources are parsed where they are installed.
"""

import ast
import json
import platform
import re
import sysconfig
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

EXCERPTS = 7390
"""10,000 windows of the bundled model with Python 3.11; in the order of paths, what comes after them is left out."""

_QUESTIONS = 1000
_INSTRUCTION = re.compile(r"([A-Z])([a-z]+ [a-z][^.\n]{4,80})\.?(?:\n|$)")
"""A first line such as 'Return the …', 'Merge several …'."""

_LEFT_OUT = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}
_NAMED = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Docstring(msgspec.Struct, frozen=True):
    """What a module, class or function says of itself; ``name`` is its own within the module, "" for the module."""

    module: str
    name: str
    text: str

    @property
    def line(self) -> dict[str, Any]:
        """The excerpt as the reader of JSON lines takes it: every module is a work."""
        work = {
            "type": "software",
            "title": self.module,
            "container-title": "The Python Standard Library",
            "version": platform.python_version(),
            "author": [{"literal": "Python Software Foundation"}],
        }
        return {"text": self.text, "headings": [self.module, *filter(None, [self.name])], "citation": work}

    @property
    def by_name(self) -> str:
        """The question that names it."""
        return f"What does {self.module}.{self.name} do?"

    @property
    def by_words(self) -> str:
        """What its first line answers: 'Return the …' becomes 'How do I return the …?'; else the question that names it."""
        told = _INSTRUCTION.match(self.text)
        return f"How do I {told[1].lower()}{told[2]}?" if told else self.by_name


def docstrings(library: Path | None = None) -> list[Docstring]:
    """The first ``EXCERPTS`` docstrings of the library, in the order of its files' paths."""
    library = library or Path(sysconfig.get_path("stdlib"))
    files = sorted(file for file in library.rglob("*.py") if not _LEFT_OUT & set(file.relative_to(library).parts))
    found = (told for file in files for told in _docstrings(file, file.relative_to(library)))
    return list(islice(found, EXCERPTS))


def questions(told: list[Docstring]) -> tuple[str, ...]:
    """A thousand about classes and functions, spread evenly, asked by name and by first line in turn."""
    named = [each for each in told if each.name]
    chosen = named[:: max(1, len(named) // _QUESTIONS)][:_QUESTIONS]
    return tuple(each.by_words if number % 2 else each.by_name for number, each in enumerate(chosen))


def json_lines(told: list[Docstring]) -> str:
    """What the reader of JSON lines reads."""
    return "".join(f"{json.dumps(each.line)}\n" for each in told)


def _docstrings(file: Path, place: Path) -> Iterator[Docstring]:
    module = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
    tree = ast.parse(file.read_bytes())
    for name, node in [("", tree), *_named(tree, "")]:
        if text := (ast.get_docstring(node) or "").strip():
            yield Docstring(module, name, text)


def _named(within: ast.AST, prefix: str) -> Iterator[tuple[str, _NAMED]]:
    """Classes and functions with their qualified names, as they stand in the file."""
    for node in ast.iter_child_nodes(within):
        if isinstance(node, _NAMED):
            yield f"{prefix}{node.name}", node
        yield from _named(node, f"{prefix}{node.name}." if isinstance(node, _NAMED) else prefix)
