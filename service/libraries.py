"""The collections of one service: each by its name, several as one, and which of them a caller may use."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from index.collection import Collection
from index.errors import IbidError, Unknown
from index.union import UnionCollection
from service.access import Caller
from service.library import Library, OpenIndex
from service.settings import DEFAULT_COLLECTION

_UNIONS_KEPT = 4
"""Several collections asked together hold statistics of their own, some megabytes each."""

Lookup = Callable[[Collection], Any]


class Libraries:
    """Hands out collections by name; the first is the one that is meant where none is named."""

    def __init__(self, default: Library, others: Mapping[str, Library]) -> None:
        self._named = {DEFAULT_COLLECTION: default, **others}
        self._unions: dict[tuple[str, ...], tuple[tuple[OpenIndex, ...], OpenIndex]] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._named)

    def allowed(self, caller: Caller) -> tuple[str, ...]:
        """The names that a caller may use."""
        return tuple(name for name in self._named if caller.may_use(name))

    def chosen(self, caller: Caller, names: Sequence[str]) -> tuple[str, ...]:
        """The names that are meant, each once. Raises Unknown for one that there is not, or not for this caller."""
        allowed = self.allowed(caller)
        for name in names:
            if name not in allowed:
                raise Unknown(
                    f"there is no collection {name!r}",
                    rule=f"the collections here are {', '.join(allowed) or 'none'}",
                    remedy="choose among them, or leave it out",
                )
        if not allowed:
            raise Unknown(
                "there is no collection for this key", rule="a key may be limited to collections", remedy="ask for another key"
            )
        return tuple(dict.fromkeys(names)) or allowed[:1]

    def one(self, name: str) -> Library:
        """The library of one collection."""
        return self._named[name]

    async def fetch(self, names: Sequence[str]) -> OpenIndex:
        """The current generation of one collection, or of several as one; raises what ``Library.fetch`` raises."""
        if len(names) == 1:
            return await self._named[names[0]].fetch()
        parts = tuple([await self._named[name].fetch() for name in names])
        return await asyncio.to_thread(self._union, tuple(names), parts)

    async def holding(self, names: Sequence[str], look_up: Lookup) -> OpenIndex:
        """The first of these collections in which something can be looked up; the first of all where none has it."""
        for name in names:
            with contextlib.suppress(IbidError):  # one that cannot be opened keeps none of the others from answering
                opened = await self._named[name].fetch()
                await asyncio.to_thread(look_up, opened.collection)
                return opened
        return await self._named[names[0]].fetch()

    def close(self) -> None:
        """Closes all of them."""
        self._unions.clear()
        for library in self._named.values():
            library.close()

    def _union(self, names: tuple[str, ...], parts: tuple[OpenIndex, ...]) -> OpenIndex:
        with self._lock:
            known = self._unions.pop(names, None)
            if known is None or any(old is not new for old, new in zip(known[0], parts, strict=True)):
                collection = UnionCollection([part.collection for part in parts])
                known = parts, self._named[names[0]].over(collection, parts[0].batcher)
            self._unions[names] = known
            while len(self._unions) > _UNIONS_KEPT:
                del self._unions[next(iter(self._unions))]
            return known[1]
