"""Which files a run of indexing is about, and how they are called within the collection."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from index.errors import FileUnreadable
from index.records import SourceFile

GIVEN = "given:"
"""The root of all files handed over in memory."""


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
            FileUnreadable: the operating system will not let us read it.
        """
        try:
            return SourceFile(self.name, self.read())
        except OSError as error:
            raise FileUnreadable(
                f"{self.name} cannot be read: {error.strerror}",
                rule="files to index are readable",
                remedy="check the file and its permissions, or leave it out",
            ) from error


class Scope(msgspec.Struct, frozen=True):
    """What a run states in full: these sources are all there is below these roots.

    What an earlier run indexed below a root and is not among the sources has gone; what lies
    outside the roots is left alone.
    """

    roots: tuple[str, ...]
    sources: tuple[Source, ...]

    def covers(self, origin: str) -> bool:
        """Whether this run says what becomes of the file indexed from ``origin``."""
        return any(origin == root or origin.startswith(root.rstrip("/") + "/") for root in self.roots)

    def alone(self) -> "Scope":
        """The same sources, stated to be the whole collection: what was indexed from anywhere else has gone."""
        return Scope((*self.roots, "file:///", GIVEN), self.sources)


def given_files(files: Iterable[SourceFile]) -> Scope:
    """Files handed over in memory: all of the collection that does not come from disk."""
    sources = tuple(Source(file.name, f"{GIVEN}/{quote(file.name)}", _constant(file.data)) for file in files)
    return Scope((GIVEN,), sources)


def find_files(paths: Sequence[Path], leave_out: Path | None = None) -> Scope:
    """The files named, and all files below the folders named, by name.

    Hidden files and folders below a folder (".git", ".DS_Store") are left out, as is ``leave_out``,
    the index's own home. A path that is not there stands for files that have gone; build_index
    refuses it when nothing was ever indexed from there. Links are followed, once.
    """
    roots = {_absolute(path): path for path in paths}
    sources = {
        file.as_uri(): Source(_name(file, root), file.as_uri(), file.read_bytes)
        for root in roots
        for file in _files_below(root, leave_out.resolve() if leave_out else None)
    }
    return Scope(tuple(root.as_uri() for root in roots), tuple(sorted(sources.values(), key=lambda source: source.name)))


def _files_below(root: Path, leave_out: Path | None) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    seen: set[Path] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        here = Path(folder).resolve()
        if here in seen or here == leave_out:
            folders.clear()
            continue
        seen.add(here)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder) / name for name in sorted(files) if not name.startswith(".") and (Path(folder) / name).is_file())


def _absolute(path: Path) -> Path:
    """Absolute and without "..", links kept: a name means what its user sees."""
    return Path(os.path.abspath(path))  # noqa: PTH100 — Path.resolve would follow links


def _name(file: Path, root: Path) -> str:
    """The name from the root on, with the root's own: "papers/1941/davies.txt"."""
    name = file.relative_to(root.parent).as_posix()
    return os.fsencode(name).decode("utf-8", "replace")


def _constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data
