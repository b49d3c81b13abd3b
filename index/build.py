"""Builds an index: read what is new, embed what has no vector, commit, bring the derived indexes up to date."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from index.catalog import State, open_for_writing, read_state, transaction
from index.catalog.reader import Snapshot
from index.catalog.writer import Change, Delta, Progress, Rewindowed, embed_missing, indexed_files, write_generation, write_note
from index.citations.works import merge_works
from index.collection import Collection
from index.derived import choose_vector_store, prepare, sweep_derived
from index.embedders import Embedder
from index.errors import DropRefused, FileUnreadable
from index.files import Failure, IndexedFile, Scope, Sweep, find_files, given_files, reader_told, sweep
from index.home import Home, locked, make_home, sweep_litter
from index.readers import read_file
from index.records import LayoutFinding, SourceFile
from index.vector_parts import take_vectors
from index.windows import WindowSize, search_text, windows_of

__all__ = ["BuildSummary", "build_index", "find_files"]

_LOCK_SECONDS = 1.0

MayDrop = Callable[[Sequence[str], int], bool]
"""Told the names of the files that would be dropped, and how many files there are; says whether they may be."""

_NAMES_TOLD = 5

Learn = Callable[[Collection], Mapping[str, Any]]
"""Looks at a generation that is not current yet, and gives notes to be kept with it."""


class BuildSummary(msgspec.Struct, frozen=True):
    """What a run of indexing did; names are those of files.

    ``generation`` is the one on disk afterwards, 0 when nothing was ever indexed; ``embedded`` counts the vectors
    made in this run; ``warnings`` say what in the files read could not be, and which names in ``collection.toml`` mean no work;
    ``layouts`` tell by file name how citations go with texts in them.
    """

    generation: int
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    dropped: tuple[str, ...]
    unchanged: tuple[str, ...]
    duplicates: tuple[str, ...]
    failures: tuple[Failure, ...]
    embedded: int
    warnings: tuple[str, ...] = ()
    layouts: dict[str, LayoutFinding] = {}


def build_index(
    home: Path,
    files: Scope | Iterable[SourceFile],
    embedder: Embedder,
    *,
    reader: str | None = None,
    reread: bool = False,
    size: WindowSize | None = None,
    progress: Progress | None = None,
    learn: Learn | None = None,
    may_drop: MayDrop | None = None,
    vector_store: str = "",
    vectors: Path | None = None,
) -> BuildSummary:
    """Makes the index in ``home`` hold these files, and leaves it untouched where it does already.

    Vectors are saved as they are made, everything else in one transaction at the end: stopped at any moment, the
    index is the old one or the new one, and the next run embeds only what is still missing. Who reads goes on reading.

    Args:
        home: the index's folder, made if missing.
        files: what ``find_files`` found, or files in memory, which are then all of the collection that is not on disk.
        embedder: another one than before embeds the whole collection anew.
        reader: the name of the reader for all files; None lets each file decide.
        reread: read unchanged files again, too.
        size: how large windows are; None for the default within what the embedder reads.
        progress: told how many windows have a vector.
        may_drop: asked before more than half of the files are dropped, unless their bytes are there under another name;
            None for yes.
        vectors: a folder of vectors that were made apart, see ``index.vector_parts``; what it has is not embedded.
        vector_store: what keeps the vectors, see ``index.derived.choose_vector_store``.
        learn: gives what is to be noted about a new generation, by name, before it becomes current.

    Returns:
        What changed, and which files could not be read; those that were indexed before stay as they were.

    Raises:
        DropRefused: ``may_drop`` said no.
        FileUnreadable: a path of this run holds no file and none was indexed from there.
        IndexLocked: another process is building this index, or it cannot be written to.
        IndexDamaged: what is in ``home`` is no index of ours.
    """
    place = Home(home)
    scope = files if isinstance(files, Scope) else given_files(files)
    make_home(place)
    with locked(place.writer_lock, _LOCK_SECONDS):
        choose_vector_store(place, vector_store)
        with open_for_writing(place) as connection:
            indexed = indexed_files(connection)
            check_roots(scope, indexed)
            found = sweep(scope, indexed, partial(read_file, reader=reader), reader_told(reader), reread=reread)
            _check_dropped(found, len(indexed), may_drop)
            state = read_state(connection)
            change = _plan(place, state, found, embedder, size or WindowSize(embedder.card.max_tokens))
            embedded, warnings = 0, list[str]()
            if change:
                windows = [*change.windows, *(excerpt.windows for excerpt in change.rewindowed)]
                texts = [search_text(window) for group in windows for window in group]
                if vectors:
                    take_vectors(connection, vectors, texts, embedder.card)
                embedded = embed_missing(connection, texts, embedder, progress or _say_nothing)
                with transaction(connection):
                    before, merge = state.stamp if state else "", partial(merge_works, warn=warnings.append)
                    state, delta = write_generation(connection, change, merge)
                    _finish(place, connection, before, delta, learn)
        if state:
            open_whole(place)
    return _summary(state, found, embedded, warnings)


def _say_nothing(done: int, total: int) -> None:
    """For a run without anybody watching."""


def _plan(home: Home, state: State | None, found: Sweep, embedder: Embedder, size: WindowSize) -> Change | None:
    """The change from this state to what was found; None when there is none."""
    same_windows = state and state.embedder.fingerprint == embedder.card.fingerprint and state.windows == size.told
    if not found.changes and (same_windows or not state):
        return None
    removed = (*found.dropped, *found.replaced)
    gone = {file.key for file in removed}
    rewindowed: list[Rewindowed] = []
    if state and not same_windows:
        snapshot = Snapshot(home)
        rewindowed = [
            Rewindowed(key, windows_of(excerpt, embedder.count_tokens, size))
            for file, key, excerpt in snapshot.keyed_excerpts()
            if file not in gone
        ]
        snapshot.close()
    read = tuple(
        windows_of(excerpt, embedder.count_tokens, size)
        for file in found.read
        for reading in file.readings
        for excerpt in reading.excerpts
    )
    return Change(removed, found.read, read, tuple(rewindowed), embedder.card, size.told)


def _finish(home: Home, connection: sqlite3.Connection, before: str, delta: Delta, learn: Learn | None) -> None:
    """Makes all that belongs to a generation before its transaction is committed: no reader meets one that is not whole."""
    snapshot = Snapshot(home, connection)
    sweep_derived(home, before)
    prepare(home, snapshot, before, delta)
    for name, value in (learn(Collection(home, snapshot, (before, delta))) if learn else {}).items():
        write_note(connection, snapshot.state.generation, name, value)


def open_whole(home: Home) -> None:
    """Makes again what is missing or damaged, so that the first question need not, and removes what nobody needs any more.

    For whoever holds the writer's lock.
    """
    with closing(Collection.open(home.folder)) as collection:
        collection.open_searches()
        sweep_derived(home, collection.stamp)
    sweep_litter(home)


def _check_dropped(found: Sweep, indexed: int, may_drop: MayDrop | None) -> None:
    lost = found.lost
    if may_drop is None or 2 * len(lost) <= indexed or may_drop(lost, indexed):
        return
    more = f" and {len(lost) - _NAMES_TOLD:,} more" if len(lost) > _NAMES_TOLD else ""
    raise DropRefused(
        f"this would drop {len(lost):,} of {indexed:,} files, which are no longer there: {', '.join(lost[:_NAMES_TOLD])}{more}",
        rule="more than half of a collection is dropped only when that is confirmed",
        remedy="see whether the folder is the right one and its disk is mounted; to drop them, give --yes",
    )


def check_roots(scope: Scope, indexed: Sequence[IndexedFile] = ()) -> None:
    """Raises FileUnreadable for a path of the scope that holds no file, and from which none was indexed."""
    left_out = {path.origin for path in scope.left_out}
    origins = [*(source.origin for source in scope.sources), *(file.origin for file in indexed)]
    for root in scope.named_roots:
        if root not in left_out and not any(Scope((root,), ()).covers(origin) for origin in origins):
            raise FileUnreadable(
                f"there is nothing to index at {unquote(root.removeprefix('file://'))}",
                rule="a path names a file or a folder with files, or one that was indexed and has gone",
                remedy="check the path",
            )


def _summary(state: State | None, found: Sweep, embedded: int, warnings: Sequence[str]) -> BuildSummary:
    replaced = tuple(file.name for file in found.replaced)
    before = {file.origin for file in found.replaced}
    return BuildSummary(
        generation=state.generation if state else 0,
        added=tuple(file.file.name for file in found.read if file.origin not in before),
        replaced=replaced,
        dropped=tuple(file.name for file in found.dropped),
        unchanged=found.unchanged,
        duplicates=found.duplicates,
        failures=found.failures,
        embedded=embedded,
        warnings=(*warnings, *(warning for file in found.read for reading in file.readings for warning in reading.warnings)),
        layouts={
            file.file.name: reading.layout for file in found.read for reading in file.readings if reading.layout is not None
        },
    )
