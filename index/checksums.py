"""Files that can be checked: written whole or not at all, with the SHA-256 of each of their blocks at their end.

Whatever a disk, a cable or another program does to such a file afterwards is found when it is opened.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from index.errors import IndexDamaged
from index.home import not_writable

UNFINISHED = ".unfinished"
"""How the names of files end that are being written; whoever is killed leaves them behind."""

FOLDER_SUMS = "checksums.json"

_BLOCK = 1 << 22
_DIGEST = 32
_END = struct.Struct("<8sQ16s")
_MAGIC = b"IBIDSUM1"
_THREADS = 4


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Lets ``write`` make a file, adds its checksums, syncs it and gives it its name: a reader finds the old file or the new one.

    Raises:
        IndexLocked: there is no room, or nobody may write there; nothing is left behind.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with failed_writes_told(path.parent):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(draft)
            _append(draft)
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def check(path: Path) -> None:
    """Reads a file that ``write_whole`` has written, all of it.

    Raises:
        IndexDamaged: it is missing, cut short, changed or something else.
    """
    try:
        size, digests = _read_end(path)
        found = b"".join(_digests(path, size))
    except (OSError, ValueError, struct.error) as error:
        raise _damaged(path, str(error)) from error
    if found != digests:
        raise _damaged(path, "a block is not what was written")


def seal_folder(folder: Path) -> None:
    """Notes size and SHA-256 of all files of a folder in a file of its own, and syncs them."""
    sums = {file.name: _sum(file) for file in sorted(folder.iterdir()) if file.name != FOLDER_SUMS}
    for name in sums:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())
    with (folder / FOLDER_SUMS).open("wb") as written:
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
        changed = [name for name, noted in sums.items() if _sum(folder / name) != noted]
    except (OSError, msgspec.MsgspecError) as error:
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


def _append(path: Path) -> None:
    size = path.stat().st_size
    digests = b"".join(_digests(path, size))
    with path.open("ab") as file:
        file.write(digests)
        file.write(_END.pack(_MAGIC, size, _sum_of_sums(size, digests)))
        file.flush()
        os.fsync(file.fileno())


def _read_end(path: Path) -> tuple[int, bytes]:
    """How long the content is, and the digests of its blocks."""
    with path.open("rb") as file:
        total = file.seek(0, os.SEEK_END)
        file.seek(max(0, total - _END.size))
        magic, size, noted = _END.unpack(file.read())
        blocks = -(-size // _BLOCK)
        if magic != _MAGIC or size + blocks * _DIGEST + _END.size != total:
            raise ValueError("it does not end with its checksums")
        file.seek(size)
        digests = file.read(blocks * _DIGEST)
    if _sum_of_sums(size, digests) != noted:
        raise ValueError("its checksums are not what was written")
    return size, digests


def _digests(path: Path, size: int) -> list[bytes]:
    """The SHA-256 of each block; hashlib lets several threads compute at once."""
    starts = range(0, size, _BLOCK)

    def digest(start: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return hashlib.sha256(file.read(min(_BLOCK, size - start))).digest()

    if len(starts) <= 1:
        return [digest(start) for start in starts]
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(digest, starts))


def _sum_of_sums(size: int, digests: bytes) -> bytes:
    return hashlib.sha256(size.to_bytes(8, "little") + digests).digest()[:16]


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{file.tell()} {digest}"


def _damaged(path: Path, found: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path} cannot be used: {found}",
        rule="what is derived from the catalog is read only where its checksums hold",
        remedy="delete it; it is made again from the catalog",
    )
