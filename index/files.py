"""Which files a run of indexing is about, and how they are called within the collection."""

import codecs
import os
import re
import stat
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import msgspec

from index.errors import FileUnreadable, IbidError, RecordInvalid
from index.records import DocumentCitation, Reading, SourceFile

_LARGEST = 1 << 30
"""Bytes of the largest file."""

_REFERENCES = frozenset({".bib", ".bibtex", ".ris", ".json"})
"""Endings of files of references; JSON counts only for a document of the same name."""

GIVEN = "given:"
"""The root of all files handed over in memory."""


class Source(msgspec.Struct, frozen=True):
    """A file that can be read: its name for people, its origin for comparing runs, and its bytes on demand.

    ``origin`` is a URI: ``file:///…`` for a file on disk, ``given:…`` for one handed over in memory.
    ``beside`` are the files of references that lie with it; ``columns`` and ``cited_as`` those of ``SourceFile``.
    """

    name: str
    origin: str
    read: Callable[[], bytes]
    beside: tuple["Source", ...] = ()
    columns: dict[str, str] = {}
    cited_as: DocumentCitation | None = None

    def load(self) -> SourceFile:
        """The file with its bytes, and with the references beside it.

        Raises:
            FileUnreadable: the operating system will not let us read it, it is too large, or it changes meanwhile.
        """
        try:
            beside = tuple(SourceFile(source.name, source.read()) for source in self.beside)
            return SourceFile(self.name, self.read(), beside, self.columns, self.cited_as)
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
        return Scope((*self.roots, "file:///", "zotero:file:///", GIVEN), self.sources)


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
        file.as_uri(): Source(
            _name(file, root), file.as_uri(), partial(read_whole, file), references.get(file, ()), columns or {}
        )
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
        sources = {each: Source(each.name, each.as_uri(), partial(read_whole, each)) for each in listed}
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


# Bytes to text, by rules that never guess: what cannot be read exactly is refused, with what to do about it.
#
# A statistical detector would read more files and now and then the wrong one, silently; a quotation has to be
# exact. So only three families are read: UTF-8, UTF-16 and Windows-1252 (the one still written by old
# programs), each told by marks of its own.

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive (.docx, .odt and .epub are such)"),
    (b"{\\rtf", "a Rich Text file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or PowerPoint file"),
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x7f]")
_MOST_CONTROLS = 0.01
"""Share of control characters above which a file is not text; logs and old exports hold a few."""

_MOST_HIGH_BYTES = 0.25
"""Share of accented letters above which text is not Windows-1252 but another alphabet in another
encoding: Western languages stay below .15, Cyrillic and Greek are above .9."""

_HIGH_LETTERS = bytes(range(0xC0, 0x100))
_ASCII_LETTERS = string.ascii_letters.encode()
_SAVE_AS_UTF8 = "save it as UTF-8 text and index it again"


def decode(file: SourceFile) -> tuple[str, str]:
    """The file's text, and the codec that gives it: ``file.data.decode(codec) == text``.

    The order is: a byte order mark; NUL bytes at every other place (UTF-16 without a mark); UTF-8; Windows-1252.
    A byte order mark is not part of the text; line ends stay as they are.

    Raises:
        FileUnreadable: the file is empty or white, binary, damaged, or in an encoding not told apart safely.
    """
    for signature, what in _SIGNATURES:
        if file.data.startswith(signature):
            raise _decoding_unreadable(file, f"is {what}", "only text is read")
    codec = _codec(file)
    try:
        text = file.data.decode(codec)
    except UnicodeDecodeError as problem:
        line = file.data.count(b"\n", 0, problem.start) + 1
        raise _decoding_unreadable(
            file, f"has bytes at offset {problem.start} (line {line}) that are not {codec}", "text is read whole or not at all"
        ) from problem
    if not text.strip():
        raise FileUnreadable(
            f"{file.name!r} is empty" if not file.data else f"{file.name!r} holds only white space",
            rule="a document has some text",
            remedy="leave it out",
        )
    controls = len(_CONTROLS.findall(text))
    if "\0" in text or controls > _MOST_CONTROLS * len(text):
        raise _decoding_unreadable(file, f"holds {controls} control characters", "only text is read, no binary files")
    return text, codec


def _codec(file: SourceFile) -> str:
    for mark, codec in _BYTE_ORDER_MARKS:
        if file.data.startswith(mark):
            return codec
    if b"\0" in file.data:
        return _utf16_without_mark(file)
    try:
        file.data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return _windows_1252(file, problem)
    return "utf-8"


def _utf16_without_mark(file: SourceFile) -> str:
    """UTF-16 puts the NULs of its spaces, line ends and Latin letters all at odd or all at even places."""
    even, odd = file.data[::2].count(0), file.data[1::2].count(0)
    if len(file.data) % 2 == 0 and max(even, odd) > 50 * min(even, odd) and max(even, odd) > len(file.data) // 50:
        return "utf-16-le" if odd > even else "utf-16-be"
    raise _decoding_unreadable(file, f"holds {even + odd} NUL bytes", "only text is read, no binary files")


def _windows_1252(file: SourceFile, problem: UnicodeDecodeError) -> str:
    text = file.data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    if whole > broken:  # a Windows-1252 file is UTF-8 by accident only
        line = file.data.count(b"\n", 0, problem.start) + 1
        raise _decoding_unreadable(
            file,
            f"is UTF-8, but damaged in {broken} places, first at offset {problem.start} (line {line})",
            "text is read whole or not at all",
        )
    high = len(file.data) - len(file.data.translate(None, _HIGH_LETTERS))
    letters = high + len(file.data) - len(file.data.translate(None, _ASCII_LETTERS))
    if letters and high > _MOST_HIGH_BYTES * letters:
        raise _decoding_unreadable(
            file,
            f"is not UTF-8, and {high} of its {letters} letters are above ASCII",
            "of the older encodings only Windows-1252 is read",
        )
    return "cp1252"


def _decoding_unreadable(file: SourceFile, found: str, rule: str) -> FileUnreadable:
    return FileUnreadable(f"{file.name!r} {found}", rule=rule, remedy=_SAVE_AS_UTF8)


# The first stage of indexing: which files are new, which are as they were, which have gone, which cannot be read.

ReadFile = Callable[[SourceFile], list[Reading]]


def reader_told(reader: str | None) -> str:
    """What tells readers apart: a file is read again by another reader, or another version of Ibid, which may see more in it."""
    return f"{version('ibid-rag')} {reader or ''}"


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
    A file that can no longer be read stays as it was indexed and is among ``failures``.
    """

    read: tuple[FileReading, ...]
    dropped: tuple[IndexedFile, ...]
    replaced: tuple[IndexedFile, ...]
    unchanged: tuple[str, ...]
    duplicates: tuple[str, ...]
    failures: tuple[Failure, ...]

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
    failures: list[Failure] = []
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
                read.append(FileReading(source.origin, file, _told(reader, file), _checked(file, read_file(file))))
        except (FileUnreadable, RecordInvalid) as error:
            failures.append(Failure(source.name, error))
            if before:
                kept[source.origin] = before
    replaced = {reading.origin: known[reading.origin] for reading in read if reading.origin in known}
    gone = [file for file in indexed if scope.covers(file.origin) and file.origin not in kept and file.origin not in replaced]
    return Sweep(tuple(read), tuple(gone), tuple(replaced.values()), tuple(unchanged), tuple(duplicates), tuple(failures))


def _same(before: IndexedFile, file: SourceFile, reader: str) -> bool:
    return (before.sha256, before.name, before.reader) == (file.sha256, file.name, _told(reader, file))


def _told(reader: str, file: SourceFile) -> str:
    """What reads the file, and in what circumstances."""
    return f"{reader} {file.circumstances}".rstrip() if file.circumstances else reader


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
