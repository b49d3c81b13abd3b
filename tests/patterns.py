"""Every regular expression of the program, found by walking its code, and texts that make a backtracking one slow."""

import ast
import builtins
import importlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _parser  # the library has no public way to an expression's tree
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
_FEW = 20
_CHARACTERS = "aA1 .,-\n(*_“[;:/#>'|=é"
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "SPACE": str.isspace,
    "DIGIT": str.isdigit,
    "WORD": lambda each: each.isalnum() or each == "_",
}


class Pattern(NamedTuple):
    """A regular expression, where it stands, and how it is asked."""

    place: str
    expression: "re.Pattern[Any] | regex.Pattern[Any]"
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
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    at_once = {node.attr for node in attributes if node.value is call}
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is call
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    asked = [node for node in attributes if isinstance(node.value, ast.Name)]
    used = {node.attr for node in asked if node.value.id in names}  # type: ignore[attr-defined]  # a Name, see above
    if not used:  # it stands in a table, whose rows are asked by a variable's name; texts have a method "split" too
        rows = {node.attr for node in asked if node.value.id.islower() and node.value.id not in ("re", "regex")}  # type: ignore[attr-defined]
        used = rows - {"split"}
    return frozenset((at_once or used) & FUNCTIONS) or frozenset({"finditer"})


def texts_for(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """Beginnings and pieces to repeat that the expression itself asks for: what leads to each repetition, and what it takes."""
    try:
        tree = _parser.parse(pattern.expression.pattern, pattern.expression.flags & ~re.DEBUG)
    except (re.error, TypeError, ValueError):
        return  # of the library regex, with a syntax of its own
    yield from dict.fromkeys(_repetitions(list(tree), ""))


def _repetitions(nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
    for at, (kind, value) in enumerate(nodes):
        leading = before + _sample(nodes[:at])
        for inside in _inside(kind, value):
            if str(kind).endswith("REPEAT") and value[1] > _FEW and (piece := _sample(inside)):
                yield leading, piece
                yield "", leading + piece
            yield from _repetitions(inside, leading)


def _inside(kind: Any, value: Any) -> list[list[Any]]:
    """The parts that a node of an expression's tree is made of; alternatives are parts of their own."""
    if kind is _parser.BRANCH:
        return [list(each) for each in value[1]]
    if str(kind).endswith("REPEAT"):
        inside = list(value[2])
        alternatives = _inside(*inside[0]) if len(inside) == 1 and inside[0][0] is not _parser.IN else []
        return [inside, *alternatives]
    if kind in (_parser.SUBPATTERN, _parser.ASSERT, _parser.ASSERT_NOT):
        return [list(value[-1])]
    return [list(value)] if kind is _parser.ATOMIC_GROUP else []


def _sample(nodes: list[Any]) -> str:
    """A text that the nodes take, or nearly."""
    made = ""
    for kind, value in nodes:
        if kind is _parser.LITERAL:
            made += chr(value)
        elif kind in (_parser.ANY, _parser.NOT_LITERAL):
            made += "b"
        elif kind is _parser.IN:
            made += _one_of(value)
        elif kind not in (_parser.ASSERT, _parser.ASSERT_NOT) and (inside := _inside(kind, value)):
            made += _sample(inside[0]) * (max(1, value[0]) if str(kind).endswith("REPEAT") else 1)
    return made


def _one_of(members: list[Any]) -> str:
    negated = members[0][0] is _parser.NEGATE
    return next((each for each in _CHARACTERS if any(_takes(kind, value, ord(each)) for kind, value in members) != negated), "a")


def _takes(kind: Any, value: Any, character: int) -> bool:
    if kind is _parser.LITERAL:
        return bool(character == value)
    if kind is _parser.RANGE:
        return bool(value[0] <= character <= value[1])
    category = _CATEGORIES.get(str(value).removeprefix("CATEGORY_").removeprefix("NOT_"))
    return kind is _parser.CATEGORY and category is not None and bool(category(chr(character))) == ("NOT_" not in str(value))


def seconds(pattern: Pattern, text: str) -> float:
    """Processor time that asking an expression about a text takes."""
    ask = _asker(pattern)
    told: Any = text.encode() if isinstance(pattern.expression.pattern, bytes) else text
    started = time.thread_time()
    ask(told)
    return time.thread_time() - started


def _asker(pattern: Pattern) -> Callable[[Any], object]:
    if pattern.methods <= ANCHORED:
        method = "match" if "match" in pattern.methods else "fullmatch"
        return getattr(pattern.expression, method)  # type: ignore[no-any-return]
    return lambda text: sum(1 for _ in pattern.expression.finditer(text))
