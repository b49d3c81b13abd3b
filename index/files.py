"""Which files a run of indexing is about, and how they are called within the collection."""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import msgspec

from index.compilation import NAME as COMPILATION
from index.compilation import settings_for
from index.errors import FileUnreadable, IbidError, LinkRefused, PathUnreadable, RecordInvalid
from index.plugins import plugin_versions
from index.records import FileSettings, Reading, SourceFile

_LARGEST = 1 << 30
"""Bytes of the largest file."""

_REFERENCES = frozenset({".bib", ".bibtex", ".ris", ".json"})
"""Endings of files of references; JSON counts only for a document of the same name."""

_CITED_BESIDE = frozenset(
    ".txt .md .markdown .mdown .mkd .pdf .docx .odt .epub .rtf .html .htm .xhtml .tex .latex .rst .org .xml .fb2 .wiki "
    ".mediawiki".split()
)
"""Endings of documents that references beside them may cite."""

GIVEN = "given:"
"""The root of all files handed over in memory."""

_EVERYWHERE = ("file:///", "zotero:file:///", GIVEN)
"""Roots that together are above every origin."""


_NOTHING = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
"""What looking at a path that is not there fails with; all else means that we cannot tell."""


class Source(msgspec.Struct, frozen=True):
    """A file that can be read: its name for people, its origin for comparing runs, and its bytes on demand.

    ``origin`` is a URI: ``file:///…`` for a file on disk, ``given:…`` for one handed over in memory.
    ``beside`` are the files of references that lie with it; ``columns`` and ``cited_as`` those of ``SourceFile``.
    """

    name: str
    origin: str
    read: Callable[[], bytes]
    told: Callable[[], FileSettings] = FileSettings

    def load(self) -> SourceFile:
        """The file with its bytes, and with what is told about it.

        Raises:
            FileUnreadable: what is told about it cannot be read, it is too large, or it changes meanwhile.
            PathUnreadable: the operating system will not let us read it.
        """
        try:
            return SourceFile(self.name, self.read(), self.told())
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

    def laid_out(self, layout: str) -> "Scope":
        """The same sources, all to be read in this layout, whatever is told about them elsewhere."""

        def told(source: Source) -> FileSettings:
            return msgspec.structs.replace(source.told(), layout=layout)

        sources = tuple(msgspec.structs.replace(source, told=partial(told, source)) for source in self.sources)
        return Scope(self.roots, sources, self.left_out)

    def in_language(self, language: str) -> "Scope":
        """The same sources, those of which nothing else is told in this language."""

        def told(source: Source) -> FileSettings:
            settings = source.told()
            return settings if settings.language else msgspec.structs.replace(settings, language=language)

        sources = tuple(msgspec.structs.replace(source, told=partial(told, source)) for source in self.sources)
        return Scope(self.roots, sources, self.left_out)

    def alone(self) -> "Scope":
        """The same sources, stated to be the whole collection: what was indexed from anywhere else has gone."""
        return Scope((*self.roots, *_EVERYWHERE), self.sources, self.left_out)

    @property
    def named_roots(self) -> tuple[str, ...]:
        """The roots that somebody named: paths at which something is expected."""
        return tuple(root for root in self.roots if root not in _EVERYWHERE)


def given_files(files: Iterable[SourceFile]) -> Scope:
    """Files handed over in memory: all of the collection that does not come from disk."""
    sources = tuple(Source(file.name, f"{GIVEN}/{quote(file.name)}", _constant(file.data)) for file in files)
    return Scope((GIVEN,), sources)


def find_files(
    paths: Sequence[Path], leave_out: Path | None = None, *, follow_links: bool = False, columns: dict[str, str] | None = None
) -> Scope:
    """The files named, and all files below the folders named, by name.

    A file of references of the same name as a document beside it ("essay.pdf", "essay.bib") is that document's citation, and
    not indexed by itself; every file of references of its folder is given to a document, which may be named in it.

    Hidden files and folders below a folder (".git", ".DS_Store") are left out, and ``collection.toml``, which tells about
    others, as is ``leave_out``, the index's own home. A path that is not there stands for files that have gone; build_index
    refuses it when nothing was ever indexed from there. A folder that cannot be read, and a link to what lies below none of
    ``paths``, are among what was left out; ``follow_links`` follows such links. All links are followed once.
    """
    roots = list({_absolute(path): path for path in paths})
    walk = _Walk(None if follow_links else [root.resolve() for root in roots], leave_out.resolve() if leave_out else None)
    files = {file: root for root in roots for file in walk.files(root) if file.name != COMPILATION or file == root}
    references = _by_folder({*files, *(each for file in files for each in _siblings(file))})
    named = {(file.parent, file.stem) for file in files if file.suffix.lower() not in _REFERENCES}
    found = {
        file.as_uri(): Source(
            _name(file, root),
            file.as_uri(),
            partial(read_whole, file),
            partial(_told, file, root, references.get(file.parent, ()) if _may_be_cited(file) else (), columns or {}),
        )
        for file, root in files.items()
        if file.suffix.lower() not in _REFERENCES or (file.parent, file.stem) not in named or file in roots
    }
    return Scope(
        tuple(root.as_uri() for root in roots),
        tuple(sorted(found.values(), key=lambda source: source.name)),
        tuple(walk.left_out.values()),
    )


def _told(file: Path, root: Path, references: Sequence[Path], columns: dict[str, str]) -> FileSettings:
    """What the folders above a file tell about it, and the references beside it; those of its own name come first."""
    own = [each for each in references if each.suffix.lower() != ".json" or each.stem == file.stem]
    beside = {each.name: read_whole(each) for each in sorted(own, key=lambda each: (each.stem != file.stem, each.name))}
    return msgspec.structs.replace(settings_for(file, root), columns=columns, beside=beside)


def _may_be_cited(file: Path) -> bool:
    return file.suffix.lower() in _CITED_BESIDE


def _siblings(file: Path) -> list[Path]:
    """What lies beside a document that is named alone and may be its reference."""
    if not _may_be_cited(file):
        return []
    return [each for ending in _REFERENCES if (each := file.with_suffix(ending)).is_file()]


def _by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """The files of references among these, by their folder."""
    folders: dict[Path, list[Path]] = {}
    for file in files:
        if file.suffix.lower() in _REFERENCES:
            folders.setdefault(file.parent, []).append(file)
    return folders


def read_whole(file: Path) -> bytes:
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


# The first stage of indexing: which files are new, which are as they were, which have gone, which cannot be read.

ReadFile = Callable[[SourceFile], list[Reading]]


def reader_told(reader: str | None) -> str:
    """What tells readers apart: a file is read again by another reader, or another version of Ibid or of a plug-in."""
    return " ".join([version("ibid-rag"), reader or "", *filter(None, [plugin_versions("ibid.readers")])])


class IndexedFile(msgspec.Struct, frozen=True):
    """A file as the catalog knows it; ``reader`` tells what read it."""

    key: int
    origin: str
    name: str
    sha256: str
    reader: str


class FileReading(msgspec.Struct, frozen=True):
    """A file that is new or has changed, and what was read in it."""

    origin: str
    file: SourceFile
    reader: str
    readings: tuple[Reading, ...]


class Failure(msgspec.Struct, frozen=True):
    """A file that could not be read, and why."""

    name: str
    error: IbidError


class Sweep(msgspec.Struct, frozen=True):
    """What a run found: keys and names refer to what the catalog holds, readings are to be added.

    ``dropped`` are files that have gone, ``replaced`` those whose new reading is among ``read``;
    ``duplicates`` are names of files with the same bytes as another one, which stands for them.
    A file that can no longer be read stays as it was indexed and is among ``failures``, as is what was below a folder that
    cannot be read. ``lost`` are the dropped files whose bytes are not in the collection under another name.
    """

    read: tuple[FileReading, ...]
    dropped: tuple[IndexedFile, ...]
    replaced: tuple[IndexedFile, ...]
    unchanged: tuple[str, ...]
    duplicates: tuple[str, ...]
    failures: tuple[Failure, ...]
    lost: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the catalog would be another one afterwards."""
        return bool(self.read or self.dropped)


def sweep(scope: Scope, indexed: Sequence[IndexedFile], read_file: ReadFile, reader: str, *, reread: bool = False) -> Sweep:
    """Reads what is new within the scope; a file that cannot be read does not stop the others.

    Args:
        scope: the files of this run and the roots it speaks for.
        indexed: what the catalog holds.
        read_file: gives a file's documents, or raises FileUnreadable.
        reader: tells what reads; a file is unchanged only when the same reader read the same bytes under the same name.
        reread: read unchanged files again, too.
    """
    known = {file.origin: file for file in indexed}
    # What lies outside the scope stays, so its bytes count as indexed already.
    first_with = {file.sha256: file.origin for file in indexed if not scope.covers(file.origin)}
    read: list[FileReading] = []
    kept: dict[str, IndexedFile] = {}
    unchanged: list[str] = []
    duplicates: list[str] = []
    failures = [Failure(path.name, path.error) for path in scope.left_out]
    for source in scope.sources:
        before = known.get(source.origin)
        try:
            file = source.load()
            if first_with.setdefault(file.sha256, source.origin) != source.origin:
                duplicates.append(source.name)
            elif before and not reread and _same(before, file, reader):
                kept[source.origin] = before
                unchanged.append(source.name)
            else:
                read.append(FileReading(source.origin, file, _reader_told(reader, file), _checked(file, read_file(file))))
        except (FileUnreadable, RecordInvalid) as error:
            failures.append(Failure(source.name, error))
            if before:
                kept[source.origin] = before
    replaced = {reading.origin: known[reading.origin] for reading in read if reading.origin in known}
    gone = [file for file in indexed if scope.covers(file.origin) and file.origin not in kept and file.origin not in replaced]
    lost = tuple(file.name for file in gone if first_with.get(file.sha256, file.origin) == file.origin)
    return Sweep(tuple(read), tuple(gone), tuple(replaced.values()), tuple(unchanged), tuple(duplicates), tuple(failures), lost)


def _same(before: IndexedFile, file: SourceFile, reader: str) -> bool:
    return (before.sha256, before.name, before.reader) == (file.sha256, file.name, _reader_told(reader, file))


def _reader_told(reader: str, file: SourceFile) -> str:
    """The reader, and a digest of what is told about the file: told otherwise, it is read again."""
    if file.told == FileSettings():
        return reader
    return f"{reader} {hashlib.sha256(msgspec.json.encode(file.told)).hexdigest()[:12]}"


def _checked(file: SourceFile, readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Refuses text that is no Unicode, which nothing downstream could carry."""
    try:
        msgspec.json.encode(readings)
    except UnicodeEncodeError as error:
        raise FileUnreadable(
            f"{file.name} holds {error.object[error.start : error.end]!r}, half of a UTF-16 pair",
            rule="texts are Unicode",
            remedy="repair the file, or leave it out",
        ) from error
    return tuple(readings)
