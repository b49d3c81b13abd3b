"""Phrase indexes on disk, a folder for each generation, made from that of the generation before where that is less work."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.catalog.reader import Snapshot
from index.catalog.writer import Delta
from index.checksums import FOLDER_SUMS, UNFINISHED, check_folder, failed_writes_told, link, seal_folder
from index.errors import IndexDamaged
from index.stores import Ids, LexicalEntry

if TYPE_CHECKING:
    from index.stores.phrases import Readings, TantivyPhrases, TantivyQuoted

_CHARACTERS_AT_ONCE = 16_000_000
"""What tantivy is given between two commits."""

_EXCERPTS_AT_ONCE = 1024

REBUILD_SHARE = 0.2
"""Share of the entries that went from which an index is made afresh: changing it costs as much."""

Phrases = TypeVar("Phrases", bound="TantivyPhrases")
New = Callable[[Path | None], Phrases]
"""Opens a phrase index in a folder, or in memory."""


def usable_phrases(new: "New[Phrases]", path: Path, snapshot: Snapshot) -> "Phrases | None":
    """None stands for an index that has to be made, whatever the reason."""
    store = _open_tantivy(new, path)
    return store if store and store.count == snapshot.counts().excerpts else None


def write_phrases(
    new: "New[TantivyPhrases]", path: Path, snapshot: Snapshot, before: Path | None = None, delta: Delta | None = None
) -> None:
    """Made from those of an earlier generation where not much has gone; these stay as they are.

    ``delta`` says what has changed since where that is known.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with failed_writes_told(path.parent):
        try:
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            shutil.rmtree(draft, ignore_errors=True)
            if before is None or not _catch_up(new, before, draft, snapshot, delta):
                shutil.rmtree(draft, ignore_errors=True)
                make_phrases(new, draft, snapshot)
            seal_folder(draft)
            shutil.rmtree(path, ignore_errors=True)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _catch_up(new: "New[TantivyPhrases]", earlier: Path, draft: Path, snapshot: Snapshot, delta: Delta | None) -> bool:
    """Makes the draft from an earlier index, whose files tantivy never changes; False where that is not worth it or fails."""
    if (store := _open_tantivy(new, earlier)) is None:
        return False
    if delta is None:
        present, wanted = store.ids, snapshot.entry_ids("excerpts")
        removed, added = np.setdiff1d(present, wanted), np.setdiff1d(wanted, present)
    else:
        removed, added = delta.removed["excerpts"], snapshot.entry_ids("excerpts", delta.last["excerpts"])
    if len(removed) > REBUILD_SHARE * store.count:
        return False
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(earlier, draft, copy_function=link, ignore=shutil.ignore_patterns("*.lock", FOLDER_SUMS))
    store = new(draft)
    _add(store, snapshot, removed, added)
    return store.count == snapshot.counts().excerpts


def make_phrases(new: "New[Phrases]", folder: Path | None, snapshot: Snapshot) -> "Phrases":
    """An index of all excerpts of a snapshot."""
    store = new(folder)
    _add(store, snapshot, np.empty(0, np.int64), snapshot.entry_ids("excerpts"))
    return store


def _add(store: "TantivyPhrases", snapshot: Snapshot, removed: Ids, added: Ids) -> None:
    """Forgets some excerpts and adds others, some megabytes at a time."""
    from index.stores.phrases import TantivyQuoted

    waiting: list[LexicalEntry] = []
    characters = 0
    entries = _own_texts(snapshot, added) if isinstance(store, TantivyQuoted) else snapshot.lexical_entries("excerpts", added)
    for entry in entries:
        if waiting and characters + len(entry.text) > _CHARACTERS_AT_ONCE:
            store.update(removed, waiting)
            waiting, characters = [], 0
        waiting.append(entry)
        characters += len(entry.text)
    store.update(removed, waiting)


def _own_texts(snapshot: Snapshot, keys: Ids) -> Iterator[LexicalEntry]:
    """The texts of these excerpts exactly as they are, with nothing around them."""
    for start in range(0, len(keys), _EXCERPTS_AT_ONCE):
        some = keys[start : start + _EXCERPTS_AT_ONCE].tolist()
        yield from (LexicalEntry(key, excerpt.text) for key, excerpt in zip(some, snapshot.excerpts_by_key(some), strict=True))


def phrases(folder: Path | None) -> "TantivyPhrases":
    """Phrases that questions demand."""
    from index.stores.phrases import TantivyPhrases

    return TantivyPhrases(folder)


def quoted(readings: "Readings") -> "New[TantivyQuoted]":
    """Words of quotations, by the readings of each text."""
    from index.stores.phrases import TantivyQuoted

    return partial(TantivyQuoted, readings)


def _open_tantivy(new: "New[Phrases]", folder: Path) -> "Phrases | None":
    try:
        check_folder(folder)
        return new(folder)
    except (IndexDamaged, OSError):  # OSError: a writer removes it at this moment
        return None
