"""Stacks that a sampler saw, drawn as a flame graph: a small SVG without a program in it.

A box is a function, as wide as its share of the samples, above who called it; hovering tells name, file and share.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby, islice

import msgspec

_WIDTH, _ROW, _SIDE, _TOP = 1200, 18, 8, 34
_LETTER = 6.3
"""Pixels of a letter at 11 pixels, about."""

_LEAST = 0.004
"""Functions with a smaller share are not drawn: nobody could see them."""

_OURS = re.compile(r"\((index|rag|service|prompts)/")
_NATIVE = re.compile(r"\([^()]*\.(so[^()]*|c|cc|cpp|h)\)$|^[^(]+$")
_LINE = re.compile(r":\d+\)$")
_NAMELESS = re.compile(r"0x[0-9a-f]+ ")
_PACKAGE = re.compile(r"\((\w+)/")

_WAITING = re.compile(r"acquire_lock|pthread_cond|take_gil|Condition\.wait|SimpleQueue_get|epoll_wait|uv__io_poll|futex")
_COLOURS = {"ours": "#f2a65a", "python": "#f6dfb3", "native": "#b9cfe4"}
_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="ui-monospace, monospace" font-size="11">
<rect width="{width}" height="{height}" fill="#ffffff"/>
<text x="{side}" y="20" font-size="13">{title}; {samples} samples; <tspan fill="#b35c00">orange: Ibid</tspan>, \
<tspan fill="#7a6326">sand: other Python</tspan>, <tspan fill="#3b6a94">blue: native code</tspan></text>
"""


class Node(msgspec.Struct):
    """A function below those that called it, and in how many samples it was seen there."""

    name: str
    samples: int = 0
    called: dict[str, "Node"] = {}


def merged(stacks: Iterable[str], *roots: str) -> Node:
    """The tree of stacks written as "outer;inner;… count" (py-spy's raw format), from the first on that holds a root.

    Left out are stacks without such a frame, threads that wait, functions without a name, line numbers, and what a package
    that is not ours, or native code, does within itself.
    """
    tree = Node("")
    for stack in stacks:
        if _WAITING.search(stack):
            continue
        frames, _, count = stack.rpartition(" ")
        names = [_LINE.sub(")", frame) for frame in frames.split(";") if not _NAMELESS.match(frame)]
        first = next((place for place, name in enumerate(names) if any(root in name for root in roots)), None)
        if first is not None:
            _add(tree, _folded(names[first:]), int(count))
    return tree


def drawn(tree: Node, title: str) -> str:
    """The flame graph as SVG, widest first from the left."""
    boxes = list(_boxes(tree, 0, 0, tree.samples))
    height = _TOP + _ROW * (1 + max((depth for depth, *_ in boxes), default=0)) + _SIDE
    head = _HEAD.format(width=_WIDTH, height=height, side=_SIDE, title=escape(title), samples=tree.samples)
    return head + "\n".join(_box(height, *box, tree.samples) for box in boxes) + "\n</svg>\n"


def _folded(names: Iterable[str]) -> Iterator[str]:
    """Of functions of one foreign package that call each other, the first."""
    for (kind, _), called in groupby(names, _package):
        yield from islice(called, None if kind == "ours" else 1)


def _add(tree: Node, names: Iterable[str], count: int) -> None:
    tree.samples += count
    for name in names:
        tree = tree.called.setdefault(name, Node(name))
        tree.samples += count


def _boxes(node: Node, depth: int, start: int, total: int) -> Iterator[tuple[int, int, Node]]:
    for called in sorted(node.called.values(), key=lambda each: (-each.samples, each.name)):
        if called.samples < _LEAST * total:
            break
        yield depth, start, called
        yield from _boxes(called, depth + 1, start, total)
        start += called.samples


def _box(height: int, depth: int, start: int, node: Node, total: int) -> str:
    scale = (_WIDTH - 2 * _SIDE) / total
    x, y, width = _SIDE + start * scale, height - _SIDE - _ROW * (depth + 1), node.samples * scale
    letters = int((width - 4) / _LETTER)
    label = node.name if len(node.name) <= letters else f"{node.name[: letters - 1]}…"
    text = f'<text x="{x + 2:.1f}" y="{y + 13}">{escape(label)}</text>' if letters > 2 else ""
    shape = f'x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" height="{_ROW - 1}" fill="{_COLOURS[_kind(node.name)]}"'
    return f"<g><title>{escape(node.name)}: {node.samples / total:.1%}</title><rect {shape}/>{text}</g>"


def _package(name: str) -> tuple[str, str]:
    package, kind = _PACKAGE.search(name), _kind(name)
    return kind, package[1] if package and kind == "python" else ""


def _kind(name: str) -> str:
    if _OURS.search(name):
        return "ours"
    return "native" if _NATIVE.search(name) else "python"
