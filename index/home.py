"""Where an index keeps what: the files below one home folder."""

import os
from pathlib import Path
from typing import Literal

import msgspec

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
        """Folder of the FAISS files, one a generation."""
        return self.folder / "vectors"

    def words(self, unit: WordUnit) -> Path:
        """Folder of the word indexes over windows, or over excerpts, one a generation."""
        return self.folder / "words" / unit

    @property
    def phrases(self) -> Path:
        """Folder of the tantivy index over excerpts."""
        return self.folder / "phrases"

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
