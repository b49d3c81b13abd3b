"""What was found for questions asked lately: people ask a public collection the same things."""

import threading
from typing import NamedTuple

from index.filters import Filters
from rag.records import Findings
from rag.refining import NONE, Refinements


class Asked(NamedTuple):
    """All that findings depend on, within one generation of a collection."""

    text: str
    filters: Filters
    limit: int
    per_work: int | None
    refinements: Refinements = NONE


class KeptAnswers:
    """Findings by question, at most ``room`` of them; those asked for longest ago go first. Thread-safe."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: dict[Asked, Findings] = {}
        self._lock = threading.Lock()

    def get(self, asked: Asked) -> Findings | None:
        """What was found when this was asked last, None where that is not known any more."""
        with self._lock:
            findings = self._kept.pop(asked, None)
            if findings is not None:
                self._kept[asked] = findings
            return findings

    def keep(self, asked: Asked, findings: Findings) -> None:
        """Remembers what was found."""
        with self._lock:
            self._kept.pop(asked, None)
            self._kept[asked] = findings
            while len(self._kept) > self._room:
                del self._kept[next(iter(self._kept))]
