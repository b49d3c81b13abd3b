"""Which files a run of indexing is about, and how they are called within the collection."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec

from index.errors import IbidError, LinkRefused, PathUnreadable
from index.records import SourceFile

GIVEN = "given:"
"""The root of all files handed over in memory."""


_NOTHING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""What looking at a path that is not there fails with; all else means that we cannot tell."""


class Source(msgspec.Struct, frozen=True):
    """A file that can be read: its name for people, its origin for comparing runs, and its bytes on demand.

    ``origin`` is a URI: ``file:///…`` for a file on disk, ``given:…`` for one handed over in memory.
    """

    name: str
    origin: str
    read: Callable[[], bytes]

    def load(self) -> SourceFile:
        """The file with its bytes.

        Raises:
            PathUnreadable: the operating system will not let us read it.
        """
        try:
            return SourceFile(self.name, self.read())
        except OSError as error:
            raise path_unreadable(self.name, error) from error


class LeftOut(msgspec.Struct, frozen=True):
    """A path below a root that was not read, and why: what an earlier run indexed from there stays as it was."""

    name: str
    origin: str
    error: IbidError


class Scope(msgspec.Struct, frozen=True):
    """What a run states in full: these sources are all there is below these roots, but for what could not be looked at.

    What an earlier run indexed below a root and is not among the sources has gone; what lies
    outside the roots, or below a path that was left out, is left alone.
    """

    roots: tuple[str, ...]
    sources: tuple[Source, ...]
    left_out: tuple[LeftOut, ...] = ()

    def covers(self, origin: str) -> bool:
        """Whether this run says what becomes of the file indexed from ``origin``."""
        return _below(origin, self.roots) and not _below(origin, [each.origin for each in self.left_out])

    def alone(self) -> "Scope":
        """The same sources, stated to be the whole collection: what was indexed from anywhere else has gone."""
        return Scope((*self.roots, "file:///", GIVEN), self.sources, self.left_out)


def given_files(files: Iterable[SourceFile]) -> Scope:
    """Files handed over in memory: all of the collection that does not come from disk."""
    sources = tuple(Source(file.name, f"{GIVEN}/{quote(file.name)}", _constant(file.data)) for file in files)
    return Scope((GIVEN,), sources)


def find_files(paths: Sequence[Path], leave_out: Path | None = None, *, follow_links: bool = False) -> Scope:
    """The files named, and all files below the folders named, by name.

    Hidden files and folders below a folder (".git", ".DS_Store") are left out, as is ``leave_out``,
    the index's own home. A path that is not there stands for files that have gone; build_index
    refuses it when nothing was ever indexed from there. A folder that cannot be read, and a link to what lies below none of
    ``paths``, are among what was left out; ``follow_links`` follows such links. All links are followed once.
    """
    roots = list({_absolute(path): path for path in paths})
    walk = _Walk(None if follow_links else [root.resolve() for root in roots], leave_out.resolve() if leave_out else None)
    found = {
        file.as_uri(): Source(_name(file, root), file.as_uri(), file.read_bytes) for root in roots for file in walk.files(root)
    }
    return Scope(
        tuple(root.as_uri() for root in roots),
        tuple(sorted(found.values(), key=lambda source: source.name)),
        tuple(walk.left_out.values()),
    )


class _Walk:
    """Goes through folders, and remembers what it could not, or would not, look at.

    Args:
        bounds: the folders, resolved, that links may lead into; None for any.
        hidden: a folder that is not there for us.
    """

    def __init__(self, bounds: Sequence[Path] | None, hidden: Path | None) -> None:
        self._bounds = bounds
        self._hidden = hidden
        self.left_out: dict[str, LeftOut] = {}

    def files(self, root: Path) -> Iterator[Path]:
        """The file that the root is, or all below it in order of their names."""
        if not stat.S_ISDIR(self._mode(root, root)):
            if self._is_file(root, root):
                yield root
            return
        seen: set[Path] = set()
        for folder, folders, files in os.walk(root, followlinks=True, onerror=partial(self._unreadable, root)):
            here = Path(folder)
            if (resolved := here.resolve()) in seen or resolved == self._hidden:
                folders.clear()
                continue
            seen.add(resolved)
            folders[:] = [name for name in sorted(folders) if not name.startswith(".") and self._within(here / name, root)]
            visible = (here / name for name in sorted(files) if not name.startswith("."))
            yield from (file for file in visible if self._is_file(file, root) and self._within(file, root))

    def _is_file(self, path: Path, root: Path) -> bool:
        return stat.S_ISREG(self._mode(path, root))

    def _mode(self, path: Path, root: Path) -> int:
        """What kind of thing a path is; 0 where there is nothing, or a link to nothing."""
        try:
            return path.stat().st_mode
        except OSError as error:
            if error.errno not in _NOTHING:
                error.filename = str(path)
                self._unreadable(root, error)
            return 0

    def _within(self, path: Path, root: Path) -> bool:
        """Whether a path is no link, or one that stays within the bounds."""
        if self._bounds is None or not path.is_symlink():
            return True
        target = path.resolve()
        if any(target.is_relative_to(bound) for bound in self._bounds):
            return True
        self._leave_out(
            path,
            root,
            LinkRefused(
                f"{_name(path, root)} is a link to {target}",
                rule="links are followed only to what lies below the paths that are indexed",
                remedy="index its target by its own path, or give --follow-links",
            ),
        )
        return False

    def _unreadable(self, root: Path, error: OSError) -> None:
        path = Path(error.filename)
        self._leave_out(path, root, path_unreadable(_name(path, root), error))

    def _leave_out(self, path: Path, root: Path, error: IbidError) -> None:
        self.left_out[path.as_uri()] = LeftOut(_name(path, root), path.as_uri(), error)


def path_unreadable(name: str, error: OSError) -> PathUnreadable:
    """The operating system will not let us read a file or a folder."""
    return PathUnreadable(
        f"{name} cannot be read: {error.strerror}",
        rule="what is indexed is readable; what was indexed from there before stays as it was",
        remedy="check the path, its permissions and its disk, or leave it out",
    )


def _below(origin: str, roots: Iterable[str]) -> bool:
    return any(origin == root or origin.startswith(root.rstrip("/") + "/") for root in roots)


def _absolute(path: Path) -> Path:
    """Absolute and without "..", links kept: a name means what its user sees."""
    return Path(os.path.abspath(path))  # noqa: PTH100 — Path.resolve would follow links


def _name(file: Path, root: Path) -> str:
    """The name from the root on, with the root's own: "papers/1941/davies.txt"."""
    name = file.relative_to(root.parent).as_posix()
    return os.fsencode(name).decode("utf-8", "replace")


def _constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data
