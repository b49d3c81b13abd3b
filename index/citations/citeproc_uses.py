"""Which variables a macro of a style used, and whether it printed one: what CSL's groups and substitutes depend on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class _Tally:
    """How many variables were called, and how many had a value, since the layout began."""

    called: int = 0
    found: int = 0

    def only_empty_since(self, called: int, found: int) -> bool:
        """Whether variables were called since the counts stood so, and none had a value."""
        return self.called > called and self.found == found


@dataclass
class _Call:
    found: bool = False


def _tally(context: Any) -> _Tally:
    layout = context.get_layout()
    if layout.tally is None:
        layout.tally = _Tally()
    tally: _Tally = layout.tally
    return tally


@contextmanager
def _called(context: Any) -> Iterator[_Call]:
    """Counts a call of a variable; whoever asked says whether it had a value."""
    tally, call = _tally(context), _Call()
    tally.called += 1
    try:
        yield call
    finally:
        tally.found += call.found


def _note_use(context: Any, tag: str, variables: list[str]) -> None:
    """Tells the substitution going on, if one is, that these variables are being printed."""
    uses = context.get_layout().uses
    if uses is not None:
        uses.append((tag, variables))
