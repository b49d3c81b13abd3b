"""``ibid index --watch``: indexes again whenever something below the paths has changed, until it is told to stop."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import click

from index.errors import ExtraMissing, IbidError, IndexLocked
from index.files import Scope
from service.cli import INTERRUPTED

_QUIET_MS = 200
"""A change is looked at when nothing else has changed for so long …"""

_LONGEST_MS = 1_600
"""… or when the first has waited for so long."""

_PAUSE_MS = 300
"""How long is waited for a change before anything else is seen to, such as an index that another process was writing to."""


class Build(Protocol):
    """Indexes files as they are now and gives the exit code; with ``changes_only`` says nothing where nothing changed."""

    def __call__(self, scope: Scope, *, rebuild: bool, changes_only: bool) -> int:
        """See above."""
        ...


def watch_paths(paths: Sequence[Path], home: Path, find: Callable[[], Scope], build: Build, *, rebuild: bool) -> int:
    """Indexes the paths now and after each change, until Ctrl-C, and returns the exit code.

    A change while files are being indexed is not missed: it is indexed next. What goes wrong after the first time is told,
    and tried again with the next change; where another process is writing, at once.

    Args:
        paths: the files and folders, which must be there.
        home: the index, whose own files are no change.
        find: the files that there are now.
        build: indexes them.
        rebuild: for the first time.

    Raises:
        IbidError: the first time they could not be indexed.
    """
    first, again = True, False
    try:
        with _interrupts_noted() as interrupted:
            for changed in _changes(paths, home):
                if first or again or changed:
                    code, again = (_first(find, build, rebuild=rebuild), False) if first else _next(find, build)
                    if code == INTERRUPTED and first:
                        return code
                    if first:
                        click.echo("Watching for changes; Ctrl-C ends.", err=True)
                    first = False
                if interrupted.is_set():
                    break
    except KeyboardInterrupt:
        pass  # how it is meant to end
    click.echo("Stopped watching; the index is whole.", err=True)
    return 0


@contextmanager
def _interrupts_noted() -> Iterator[threading.Event]:
    """Set when somebody has pressed Ctrl-C: raised where Python discards exceptions, KeyboardInterrupt alone would be lost."""
    noted = threading.Event()

    def interrupt(_signal: int, _frame: object) -> None:
        noted.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _first(find: Callable[[], Scope], build: Build, *, rebuild: bool) -> int:
    return build(find(), rebuild=rebuild, changes_only=False)


def _next(find: Callable[[], Scope], build: Build) -> tuple[int, bool]:
    """Indexes what changed; the exit code, and whether to try again without a change."""
    try:
        return build(find(), rebuild=False, changes_only=True), False
    except IndexLocked:
        return 0, True
    except IbidError as error:
        click.echo(f"error: {error}", err=True)
        return 1, False


def _changes(paths: Sequence[Path], home: Path) -> Iterator[bool]:
    """Whether something has changed, again and again, first when changes are being noted.

    Of a file its folder is watched: editors put a new file in the old one's place.
    """
    try:
        from watchfiles import Change, watch
    except ImportError as error:
        raise ExtraMissing(
            "--watch needs watchfiles",
            rule="an optional library is installed by who needs it",
            remedy="install it with: pip install 'ibid-rag[watch]'",
        ) from error

    folders = {path.resolve() for path in paths if path.is_dir()}
    files = {path.resolve() for path in paths if not path.is_dir()}
    own = home.resolve()

    def concerns(_: Change, name: str) -> bool:
        changed = Path(name)
        within = changed in files or any(changed.is_relative_to(folder) for folder in folders)
        return within and not changed.is_relative_to(own)

    watched = watch(
        *folders,
        *(file.parent for file in files),
        watch_filter=concerns,
        step=_QUIET_MS,
        debounce=_LONGEST_MS,
        rust_timeout=_PAUSE_MS,
        yield_on_timeout=True,
    )
    for changes in watched:
        yield bool(changes)
