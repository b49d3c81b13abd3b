"""Where an index keeps what: the files below one home folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import msgspec

from index.errors import IndexLocked

WordUnit = Literal["windows", "excerpts"]
"""What a word index has an entry for. Words are searched in both: near each other, and anywhere in the whole."""

WORD_UNITS: tuple[WordUnit, ...] = ("windows", "excerpts")


class Home(msgspec.Struct, frozen=True):
    """The folder of one index (``.ibid`` unless told otherwise); docs/index.md describes its files."""

    folder: Path

    @property
    def catalog(self) -> Path:
        """The SQLite file: the one source of truth."""
        return self.folder / "catalog.sqlite3"

    @property
    def vectors(self) -> Path:
        """Folder of the vector stores' files, one a generation."""
        return self.folder / "vectors"

    @property
    def vector_store_choice(self) -> Path:
        """Names the plug-in that keeps the vectors; missing where Ibid's own store does."""
        return self.folder / "vector-store"

    @property
    def codes(self) -> Path:
        """Folder of the codes that choose candidates in large collections, one a generation."""
        return self.folder / "codes"

    @property
    def layout(self) -> Path:
        """Folder of the places of windows in their excerpts, one file a generation."""
        return self.folder / "layout"

    def words(self, unit: WordUnit) -> Path:
        """Folder of the word indexes over windows, or over excerpts, one a generation."""
        return self.folder / "words" / unit

    @property
    def phrases(self) -> Path:
        """Folder of the tantivy index over excerpts."""
        return self.folder / "phrases"

    @property
    def quoted(self) -> Path:
        """Folder of the words of quotations, in large collections, one a generation."""
        return self.folder / "quoted"

    @property
    def models(self) -> Path:
        """Folder of the networks exported for serving."""
        return self.folder / "models"

    @property
    def writer_lock(self) -> Path:
        """Held while an index is built."""
        return self.folder / "writer.lock"

    @property
    def derived_lock(self) -> Path:
        """Held while the files derived from the catalog are brought up to date."""
        return self.folder / "derived.lock"

    @property
    def writable(self) -> bool:
        """Whether this process may change anything here."""
        return os.access(self.folder, os.W_OK)


def make_home(home: Home) -> None:
    """Makes the folder of an index, for its owner alone: collections may be private. A folder that is there stays as it is.

    Raises:
        IndexLocked: it cannot be made.
    """
    try:
        home.folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(home.folder, error.strerror or str(error)) from error


def sweep_litter(home: Home) -> None:
    """Removes what killed runs have left: drafts of repairs, of restored catalogs and of exported models.

    For whoever holds the writer's lock. Models are exported without it: their drafts carry their process's number.
    """
    exports = (draft for draft in home.models.glob(".export-*") if not _is_running(draft.name.split("-")[1]))
    for draft in (*home.folder.glob("*.unfinished"), *exports):
        with suppress(OSError):
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


# One writer at a time: locks the operating system gives back when their holder dies.


@contextmanager
def locked(path: Path, timeout: float) -> Iterator[None]:
    """Holds the lock at ``path``, waiting up to ``timeout`` seconds for it.

    The lock belongs to the open file, not to the file's existence: a killed process leaves the
    file behind and nothing locked.

    Raises:
        IndexLocked: another process still holds it after ``timeout`` seconds, or nobody may write here.
    """
    import filelock  # only who writes needs it

    lock = filelock.FileLock(path, mode=0o600)
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
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
