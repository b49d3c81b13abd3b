"""What was looked up lately, several at a time, by number or name."""

import threading
from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Looks up many values at once and keeps the latest; thread-safe.

    Args:
        look_up: gives the values of keys, in their order; may raise, and nothing is kept then.
        room: how many values are kept; of more, those that came first go.
    """

    def __init__(self, look_up: Callable[[Sequence[Key]], Sequence[Value]], room: int) -> None:
        self._look_up = look_up
        self._room = room
        self._kept: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def __call__(self, keys: Sequence[Key]) -> list[Value]:
        """The values of these keys, in the order given."""
        with self._lock:
            known = {key: self._kept[key] for key in keys if key in self._kept}
        unknown = [key for key in keys if key not in known]
        if unknown:
            new = dict(zip(unknown, self._look_up(unknown), strict=True))
            known |= new
            with self._lock:
                self._kept |= new
                for oldest in list(islice(self._kept, max(0, len(self._kept) - self._room))):
                    del self._kept[oldest]
        return [known[key] for key in keys]
