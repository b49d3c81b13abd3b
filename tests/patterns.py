"""Every regular expression of the program, found by walking its code, and texts that make a backtracking one slow."""

import ast
import builtins
import importlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import regex

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "prompts", "rag", "service")
FUNCTIONS = frozenset({"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"})
ANCHORED = frozenset({"match", "fullmatch"})

PIECES = (
    " ", "\t", "\n", "\r\n", "a", "A", "é", "1", "0", ".", ",", ";", ":", "!", "…", "-", "–", "—", "(", ")",
    "[", "]", "“", "”", '"', "'", "’", "«", "»", "*", "_", "`", "~", "#", ">", "<", "/", "\\", "&", "|", "{",
    "}", "=", "@", "^", "\u00ad", "\u200b", "\u0301", "中", "ᄀ", "a ", "A ", "Aa ", "A. ", "A.", "1 ", "1-",
    "1, ", "p. 1, ", ". ", ", ", ".\n", "a-", "a'", "a.", ". . ", "((", "[(", "and ", "in ", "ed. ",
    "https://a ", "http:", "ex-", "1. ", "> ", "- ", "* a", "[a](", "<a ", "<!--", "author:", "### ",
    "vol. 1 ", "no. ", "Aa, ", "a\n", "\n\n", " \n",
)  # fmt: skip
BEGINNINGS = ("", "(")


class Pattern(NamedTuple):
    """A regular expression, where it stands, and how it is asked."""

    place: str
    expression: "re.Pattern[str] | regex.Pattern[str]"
    methods: frozenset[str]


def patterns() -> Iterator[Pattern]:
    """Every expression that is compiled or used; one that is made of what a function is given cannot be found like that."""
    for file in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(file.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_call(node)]
        if calls:
            module = importlib.import_module(name)
            for call in calls:
                yield from _pattern(call, tree, module, f"{name}:{call.lineno}")


def _is_call(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("re", "regex")
        and node.func.attr in FUNCTIONS
    )


def _pattern(call: Any, tree: ast.AST, module: ModuleType, place: str) -> Iterator[Pattern]:
    library = vars(module)[call.func.value.id]
    told = [each for each in ast.walk(call) if isinstance(each, ast.Attribute) and each.attr.isupper()]
    flags = 0
    for each in told:
        if isinstance(each.value, ast.Name) and each.value.id in ("re", "regex"):
            flags |= int(getattr(library, each.attr))
    if any(isinstance(each, ast.Name) and each.id not in vars(module) | vars(builtins) for each in ast.walk(call.args[0])):
        return  # made of what a function is given
    source = eval(compile(ast.Expression(call.args[0]), place, "eval"), vars(module))
    yield Pattern(place, library.compile(source, flags), _methods(call, tree))


def _methods(call: Any, tree: ast.AST) -> frozenset[str]:
    """How an expression is asked: as it says itself, or as its name is used in its module."""
    if call.func.attr != "compile":
        return frozenset({call.func.attr})
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is call
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    asked = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    used = {node.attr for node in asked if node.value.id in names}  # type: ignore[attr-defined]  # a Name, see above
    if not names:  # it stands in a table, whose rows are asked by a variable's name
        used = {node.attr for node in asked if node.value.id.islower() and node.value.id not in ("re", "regex")}  # type: ignore[attr-defined]
    return frozenset(used & FUNCTIONS) or frozenset({"finditer"})


def seconds(pattern: Pattern, text: str) -> float:
    """Processor time that asking an expression about a text takes."""
    ask = _asker(pattern)
    started = time.thread_time()
    ask(text)
    return time.thread_time() - started


def _asker(pattern: Pattern) -> Callable[[str], object]:
    if pattern.methods <= ANCHORED:
        method = "match" if "match" in pattern.methods else "fullmatch"
        return getattr(pattern.expression, method)  # type: ignore[no-any-return]
    return lambda text: sum(1 for _ in pattern.expression.finditer(text))
