"""Files that can be checked: written whole or not at all, with a checksum at their end.

Whatever a disk, a cable or another program does to such a file afterwards is found when it is opened. For that it is read at
several gigabytes a second: each page of 4 kB is added up as weighted numbers of 64 bits, and SHA-256 taken of the sums. That
finds chance, not malice: who can write here can also write the checksum.
"""

import hashlib
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np

from index.errors import IndexDamaged
from index.home import not_writable

UNFINISHED = ".unfinished"
"""How the names of files end that are being written; whoever is killed leaves them behind."""

FOLDER_SUMS = "checksums.json"

_BLOCK = 1 << 22
_PAGE = 4096
_END = struct.Struct("<8sQ32s")
_MAGIC = b"IBIDSUM1"
_WEIGHTS = np.frombuffer(b"".join(hashlib.sha256(bytes([at])).digest() for at in range(_PAGE // 32)), "<u8") | np.uint64(1)
"""An odd number for each place of a page, so that words that changed places are found, too."""

_CHECKED: set[tuple[int, int, int, int]] = set()
"""Device, number, size and time of change of files that were found to be sound."""

_MOST_CHECKED = 4096


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Lets ``write`` make a file, adds its checksums, syncs it and gives it its name: a reader finds the old file or the new one.

    Raises:
        IndexLocked: there is no room, or nobody may write there; nothing is left behind.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with failed_writes_told(path.parent):
        try:
            make_folder(path.parent)
            write(draft)
            draft.chmod(0o600)
            _append(draft)
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def check(path: Path) -> None:
    """Reads a file that ``write_whole`` has written, all of it, once in a process: a later generation may have the same file.

    Raises:
        IndexDamaged: it is missing, cut short, changed or something else.
    """
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            known = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
            if known in _CHECKED:
                return
            total = file.seek(0, os.SEEK_END)
            file.seek(max(0, total - _END.size))
            magic, size, noted = _END.unpack(file.read())
        sound = magic == _MAGIC and size + _END.size == total and digest(path, size) == noted
    except (OSError, struct.error) as error:
        raise _damaged(path, str(error)) from error
    if not sound:
        raise _damaged(path, "it is not what was written")
    if len(_CHECKED) >= _MOST_CHECKED:
        _CHECKED.clear()
    _CHECKED.add(known)


def content(path: Path) -> bytes:
    """What ``write_whole`` was given for a small file.

    Raises:
        IndexDamaged: it is not what was written.
    """
    check(path)
    try:
        return path.read_bytes()[: -_END.size]
    except OSError as error:
        raise _damaged(path, str(error)) from error


def seal_folder(folder: Path) -> None:
    """Notes the digests of all files of a folder in a file of its own, and syncs them."""
    sums = {file.name: digest(file).hex() for file in sorted(folder.iterdir()) if file.name != FOLDER_SUMS}
    for name in sums:
        with (folder / name).open("rb") as file:
            os.fchmod(file.fileno(), 0o600)
            os.fsync(file.fileno())
    folder.chmod(0o700)
    with (folder / FOLDER_SUMS).open("wb") as written:
        os.fchmod(written.fileno(), 0o600)
        written.write(msgspec.json.encode(sums))
        written.flush()
        os.fsync(written.fileno())


def check_folder(folder: Path) -> None:
    """Reads all files that ``seal_folder`` has noted; files that came later do not count.

    Raises:
        IndexDamaged: one is missing or changed, or nothing was noted.
    """
    try:
        sums = msgspec.json.decode((folder / FOLDER_SUMS).read_bytes(), type=dict[str, str])
        changed = [name for name, noted in sums.items() if digest(folder / name).hex() != noted]
    except (OSError, ValueError, msgspec.MsgspecError) as error:  # ValueError: no Unicode, or no file name
        raise _damaged(folder, str(error)) from error
    if changed:
        raise _damaged(folder, f"{', '.join(changed)} is not what was written")


@contextmanager
def failed_writes_told(folder: Path) -> Iterator[None]:
    """Turns the operating system's words for a folder that cannot be written to into ours."""
    try:
        yield
    except OSError as error:
        raise not_writable(folder, error.strerror or str(error)) from error


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, for their owner alone."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(0o700, exist_ok=True)


def link(file: Path | str, name: Path | str) -> Path | str:
    """A second name for a file that is never changed, or a copy where the file system has no such names."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copy2(file, name)
    return name


def _append(path: Path) -> None:
    size = path.stat().st_size
    noted = digest(path, size)
    with path.open("ab") as file:
        file.write(_END.pack(_MAGIC, size, noted))
        file.flush()
        os.fsync(file.fileno())


def digest(path: Path, size: int | None = None) -> bytes:
    """SHA-256 over the length and the weighted sums of all pages of a file, of its first ``size`` bytes where that is given."""
    told = hashlib.sha256()
    total = 0
    block = np.zeros(_BLOCK, np.uint8)
    with path.open("rb") as file:
        while count := file.readinto(block[: _BLOCK if size is None else min(_BLOCK, size - total)].data):
            total += count
            pages = -(-count // _PAGE)
            block[count : pages * _PAGE] = 0
            words = block[: pages * _PAGE].view("<u8").reshape(pages, -1)
            told.update(np.einsum("ij,j->i", words, _WEIGHTS).tobytes())
    told.update(total.to_bytes(8, "little"))
    return told.digest()


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="what is derived from the catalog is read only where its checksums hold",
        remedy="delete it; it is made again from the catalog",
    )
