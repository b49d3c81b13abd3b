"""Stores in parts: a run of indexing writes a part for what is new, and which rows of earlier parts have gone.

The newest part has the generation's own name, ``STAMP.KIND``; earlier ones are ``STAMP.0.KIND``, ``STAMP.1.KIND`` and so on,
second names of files that are never changed. ``STAMP.parts`` says what has gone of them. Parts are put together by size, so that
there are few.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from index.checksums import content, failed_writes_told, link, make_folder, write_whole
from index.errors import IndexDamaged
from index.stores import Numbers

_TOGETHER = 8192
"""Rows up to which parts are always put together: that takes some hundredths of a second."""

_TIMES = 2
"""A part is put together with what comes after it where it is at most so many times as large: each row is then written again
about as often as the collection doubles, and of a million rows there are a dozen parts."""

_GONE_SHARE = 0.2
"""Share of its rows that went from which a part is made afresh."""


class Part(NamedTuple):
    """A file with rows of a store, and those of them, ascending, that have gone."""

    path: Path
    gone: Numbers


class _Told(msgspec.Struct, frozen=True):
    """What stands beside the newest part: of each earlier one the rows that have gone, as little-endian numbers of 32 bits."""

    gone: tuple[bytes, ...]


def earlier_parts(path: Path) -> list[Part]:
    """The parts before the newest one, which is ``path``, oldest first; none for a store of one part.

    Raises:
        IndexDamaged: what is told of them is not what was written.
    """
    told = _told(path)
    if not told.is_file():
        return []
    try:
        gone = msgspec.msgpack.decode(content(told), type=_Told).gone
    except msgspec.MsgspecError as error:
        raise IndexDamaged(
            f"{told} cannot be used: {error}",
            rule="beside a store of several parts stands what has gone of them",
            remedy="delete it; the store is made again from the catalog",
        ) from error
    return [Part(earlier_name(path, place), np.frombuffer(each, "<i4")) for place, each in enumerate(gone)]


def write_earlier(path: Path, parts: Sequence[Part]) -> None:
    """Gives files of earlier parts their names beside ``path``, the newest one, which is written after them.

    Raises:
        IndexLocked: they cannot be written there.
    """
    with failed_writes_told(path.parent):
        make_folder(path.parent)
        _told(path).unlink(missing_ok=True)
        for place, part in enumerate(parts):
            name = earlier_name(path, place)
            if name != part.path:
                name.unlink(missing_ok=True)
                link(part.path, name)
    if parts:
        written = msgspec.msgpack.encode(_Told(tuple(part.gone.astype("<i4").tobytes() for part in parts)))
        write_whole(_told(path), partial(_write, written))


def staying(sizes: Sequence[int], added: int) -> int:
    """How many of some parts stay as they are when so many rows are added; the others are put together with these."""
    kept, total = len(sizes), added
    while kept and (sizes[kept - 1] <= _TIMES * total or sizes[kept - 1] + total <= _TOGETHER):
        kept -= 1
        total += sizes[kept]
    return kept


def is_worn(rows: int, gone: int) -> bool:
    """Whether so much of a part has gone that it is made afresh."""
    return gone > _GONE_SHARE * rows


def _told(path: Path) -> Path:
    return path.with_suffix(".parts")


def earlier_name(path: Path, place: int) -> Path:
    """The name of one of the parts before the newest."""
    return path.with_name(f"{path.stem}.{place}{path.suffix}")


def _write(written: bytes, draft: Path) -> None:
    draft.write_bytes(written)
