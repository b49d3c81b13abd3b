"""One writer at a time: locks the operating system gives back when their holder dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexLocked


@contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Holds the lock at ``path``, waiting up to ``timeout`` seconds for it.

    The lock belongs to the open file, not to the file's existence: a killed process leaves the
    file behind and nothing locked.

    Raises:
        IndexLocked: another process still holds it after ``timeout`` seconds, or nobody may write here.
    """
    import filelock  # only who writes needs it

    lock = filelock.FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=timeout)
    except filelock.Timeout:
        raise IndexLocked(
            f"another process is writing to {path.parent}",
            rule="one process writes to an index at a time; questions are answered meanwhile",
            remedy="wait until it has finished, or stop it, and run the command again",
        ) from None
    except OSError as error:
        raise not_writable(path.parent, error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def not_writable(folder: Path, reason: str) -> IndexLocked:
    """This process may not write here."""
    return IndexLocked(
        f"{folder} cannot be written to ({reason})",
        rule="indexing writes to the index's folder; asking only reads it",
        remedy="see that the disk has room and the folder may be written to, or name another one with --home",
    )
