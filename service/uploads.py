"""Files that are sent to a collection: held back until somebody has seen what was read from them, then kept, then indexed.

``HOME/uploads/ID/files`` is an upload that waits, ``HOME/documents`` what was accepted: the folder that jobs index. Names are
paths within a folder; nothing of a name that could lead out of it is taken.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from index.errors import FileUnreadable, Unknown
from index.home import Home, make_home
from service.collection_schemas import FileView, ReportView, UploadView
from service.errors import QuotaExceeded, RequestInvalid
from service.settings import Settings

if TYPE_CHECKING:
    from index.report import DocumentReport

UPLOAD_ID = re.compile(r"[0-9a-f]{16}")
HELD_SECONDS = 24 * 3600
"""How long an upload waits to be accepted."""

_LONGEST_NAME, _DEEPEST = 240, 8
_LONGEST_PART = 120
_REMARKS = 5
_UNREADABLE = "unreadable.json"
"""Beside the files of an upload: the names of those that cannot be read."""


class Uploads:
    """The files of one collection; what changes them says so in ``service.jobs`` and the audit trail."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        self.documents = home / "documents"
        self._held = home / "uploads"

    def stage(self, files: Iterable[tuple[str, bytes]]) -> str:
        """Holds files back, and gives the upload's id.

        Raises:
            RequestInvalid: a name that cannot be used, twice the same, or no file.
            QuotaExceeded: more than an upload, or the collection, may hold.
        """
        sent = [(name_of(name), data) for name, data in files]
        self._refuse_too_much(sent)
        make_home(Home(self._home))
        self._sweep()
        upload = secrets.token_hex(8)
        for name, data in sent:
            _write(self._held / upload / "files" / name, data)
        return upload

    def view(self, upload: str) -> UploadView:
        """What was read from each file of an upload. Raises Unknown."""
        folder = self._folder(upload)
        files = tuple(_read_all(folder))
        (folder.parent / _UNREADABLE).write_bytes(msgspec.json.encode([file.name for file in files if file.problem]))
        return UploadView(upload, files)

    def accept(self, upload: str) -> tuple[str, ...]:
        """Keeps the files of an upload that can be read, in place of those of the same names, and gives their names.

        Raises Unknown.
        """
        folder = self._folder(upload)
        note = folder.parent / _UNREADABLE
        unreadable = set(msgspec.json.decode(note.read_bytes(), type=list[str])) if note.exists() else set()
        names = tuple(name for path in _files(folder) if (name := path.relative_to(folder).as_posix()) not in unreadable)
        for name in names:
            place = self.documents / name
            place.parent.mkdir(0o700, parents=True, exist_ok=True)
            (folder / name).replace(place)
        shutil.rmtree(folder.parent)
        return names

    def discard(self, upload: str) -> None:
        """Forgets an upload. Raises Unknown."""
        shutil.rmtree(self._folder(upload).parent)

    def kept(self) -> list[FileView]:
        """The files that were accepted, by name."""
        return [FileView(path.relative_to(self.documents).as_posix(), path.stat().st_size) for path in _files(self.documents)]

    def delete(self, name: str) -> None:
        """Deletes an accepted file. Raises Unknown, RequestInvalid."""
        place = self.documents / name_of(name)
        if place.is_symlink() or not place.is_file():
            raise Unknown(f"there is no file {name!r}", rule="files that were sent can be deleted", remedy="see /v1/files")
        place.unlink()

    def _folder(self, upload: str) -> Path:
        folder = self._held / upload / "files"
        if not UPLOAD_ID.fullmatch(upload) or not folder.is_dir():
            raise Unknown(
                f"there is no upload {upload!r}",
                rule=f"an upload waits for {HELD_SECONDS // 3600} hours, and is accepted or discarded once",
                remedy="send the files again",
            )
        return folder

    def _refuse_too_much(self, sent: list[tuple[str, bytes]]) -> None:
        names = [name for name, _ in sent]
        if not sent or len(set(names)) < len(names):
            raise RequestInvalid(
                "the upload has a name twice" if sent else "the upload has no file",
                rule="an upload has files of different names",
                remedy="send each file once",
            )
        size = sum(len(data) for _, data in sent)
        stored = size + sum(path.stat().st_size for folder in (self.documents, self._held) for path in _files(folder))
        for what, has, most in (
            ("files of an upload", len(sent), self._settings.max_files),
            ("bytes of an upload", size, self._settings.max_upload),
            ("bytes sent to the collection", stored, self._settings.quota),
        ):
            if has > most:
                raise QuotaExceeded(f"there would be {has:,} {what}", rule=f"there may be {most:,}", remedy="send or keep less")

    def _sweep(self) -> None:
        """Forgets uploads that nobody came back for."""
        for folder in self._held.glob("*"):
            if time.time() - folder.stat().st_mtime > HELD_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def name_of(given: str) -> str:
    """A file's name as a path within a folder. Raises RequestInvalid for any that leads elsewhere or is hidden."""
    parts = PurePosixPath(given).parts
    harmless = all(part.isprintable() and not part.startswith(".") and part.strip() == part for part in parts)
    short = len(given.encode("utf-8", "replace")) <= _LONGEST_NAME and all(len(part.encode()) <= _LONGEST_PART for part in parts)
    if not given or given != "/".join(parts) or given.startswith("/") or not harmless or "\\" in given or not short:
        raise RequestInvalid(
            f"a file is called {given[:_LONGEST_NAME]!r}",
            rule=f"a name is a path such as essays/doe.txt, of at most {_LONGEST_NAME} bytes, without .. and hidden files",
            remedy="rename it",
        )
    if len(parts) > _DEEPEST:
        raise RequestInvalid(f"{given!r} lies {len(parts)} deep", rule=f"at most {_DEEPEST} deep", remedy="send it from nearer")
    return given


def _files(folder: Path) -> list[Path]:
    """All files below a folder, without following links."""
    found = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(data)


def _read_all(folder: Path) -> Iterator[FileView]:
    """Each file as it would be indexed, with the settings of a collection.toml among them."""
    # Here, and not above: a service that nobody sends files to needs no readers.
    from index.files import find_files
    from index.readers import read_file
    from index.report import report

    for source in find_files([folder]).sources:
        name, size = source.name.removeprefix(f"{folder.name}/"), 0
        try:
            loaded = msgspec.structs.replace(source.load(), name=name)
            size = len(loaded.data)
            yield FileView(name, size, tuple(map(_report_view, report(read_file(loaded)))))
        except FileUnreadable as error:
            yield FileView(name, size, problem=str(error))


def _report_view(told: "DocumentReport") -> ReportView:
    layout = told.layout
    doubts = [f"line {remark.line}: {remark.text}" for remark in (layout.remarks if layout else ())]
    uncited = [f"line {remark.line}: {remark.text}" for remark in told.uncited]
    return ReportView(
        title=told.title,
        reader=told.reader,
        excerpts=told.excerpts,
        uncited=len(told.uncited),
        unparsed=len(told.unparsed),
        layout=layout.layout if layout else "",
        sure=layout.sure if layout else True,
        attributed=layout.attributed if layout else told.excerpts - len(told.uncited),
        doubts=tuple([*doubts, *uncited][:_REMARKS]),
        warnings=told.warnings[:_REMARKS],
    )
