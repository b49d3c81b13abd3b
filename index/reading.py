"""The first stage of indexing: which files are new, which are as they were, which have gone, which cannot be read."""

from collections.abc import Callable, Sequence
from importlib.metadata import version

import msgspec

from index.errors import FileUnreadable, IbidError, RecordInvalid
from index.records import Reading, SourceFile
from index.sources import Scope

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
