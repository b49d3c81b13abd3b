"""Which files a run of indexing is about, and how they are called within the collection."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec

from index.errors import FileUnreadable
from index.records import SourceFile

_LARGEST = 1 << 30
"""Bytes of the largest file."""

_REFERENCES = frozenset({".bib", ".bibtex", ".ris", ".json"})
"""Endings of files of references; JSON counts only for a document of the same name."""

GIVEN = "given:"
"""The root of all files handed over in memory."""


class Source(msgspec.Struct, frozen=True):
    """A file that can be read: its name for people, its origin for comparing runs, and its bytes on demand.

    ``origin`` is a URI: ``file:///…`` for a file on disk, ``given:…`` for one handed over in memory.
    ``beside`` are the files of references that lie with it; ``columns`` those of ``SourceFile``.
    """

    name: str
    origin: str
    read: Callable[[], bytes]
    beside: tuple["Source", ...] = ()
    columns: dict[str, str] = {}

    def load(self) -> SourceFile:
        """The file with its bytes, and with the references beside it.

        Raises:
            FileUnreadable: the operating system will not let us read it, it is too large, or it changes meanwhile.
        """
        try:
            beside = tuple(SourceFile(source.name, source.read()) for source in self.beside)
            return SourceFile(self.name, self.read(), beside, self.columns)
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


def find_files(paths: Sequence[Path], leave_out: Path | None = None, columns: dict[str, str] | None = None) -> Scope:
    """The files named, and all files below the folders named, by name.

    A file of references of the same name as a document beside it ("essay.pdf", "essay.bib") is that document's citation, and
    not indexed by itself; every file of references of its folder is given to a document, which may be named in it.

    Hidden files and folders below a folder (".git", ".DS_Store") are left out, as is ``leave_out``,
    the index's own home. A path that is not there stands for files that have gone; build_index
    refuses it when nothing was ever indexed from there. Links are followed, once.
    """
    roots = {_absolute(path): path for path in paths}
    found = {file: root for root in roots for file in _files_below(root, leave_out.resolve() if leave_out else None)}
    references = _references(found)
    sources = {
        file.as_uri(): Source(_name(file, root), file.as_uri(), partial(_read, file), references.get(file, ()), columns or {})
        for file, root in found.items()
        if not _is_beside(file, found)
    }
    return Scope(tuple(root.as_uri() for root in roots), tuple(sorted(sources.values(), key=lambda source: source.name)))


def _references(files: Iterable[Path]) -> dict[Path, tuple[Source, ...]]:
    """For each document the files of references of its folder: those of its own name first."""
    documents = [file for file in files if file.suffix.lower() not in _REFERENCES or file.suffix.lower() == ".json"]
    told: dict[Path, tuple[Source, ...]] = {}
    for folder in {file.parent for file in documents}:
        listed = sorted(each for each in folder.iterdir() if each.suffix.lower() in _REFERENCES and each.is_file())
        sources = {each: Source(each.name, each.as_uri(), partial(_read, each)) for each in listed}
        for file in (each for each in documents if each.parent == folder):
            own = [each for each in listed if each != file and (each.suffix.lower() != ".json" or each.stem == file.stem)]
            told[file] = tuple(sources[each] for each in sorted(own, key=lambda each: each.stem != file.stem))
    return told


def _is_beside(file: Path, found: Mapping[Path, Path]) -> bool:
    """Whether a file of references is the citation of a document of the same name."""
    if file.suffix.lower() not in _REFERENCES:
        return False
    return any(
        other.stem == file.stem and other.suffix.lower() not in _REFERENCES for other in file.parent.iterdir() if other in found
    )


def _read(file: Path) -> bytes:
    """The file's bytes, as it was at one moment.

    Raises:
        OSError: it cannot be read.
        FileUnreadable: it is larger than any document, or changes while it is read.
    """
    with file.open("rb") as opened:
        before = os.fstat(opened.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise _unreadable(file, "is no regular file", "files to index lie on a disk", "leave it out")
        if before.st_size > _LARGEST:
            size = f"{before.st_size >> 20:,} MB"
            raise _unreadable(file, f"is {size} large", f"files are read up to {_LARGEST >> 20:,} MB", "index it in parts")
        data = opened.read(before.st_size + 1)
        after = os.fstat(opened.fileno())
    if (len(data), after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise _unreadable(
            file, "changes while it is read", "a file is read as it was at one moment", "index it when nobody writes to it"
        )
    return data


def _unreadable(file: Path, found: str, rule: str, remedy: str) -> FileUnreadable:
    return FileUnreadable(f"{file.name!r} {found}", rule=rule, remedy=remedy)


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
