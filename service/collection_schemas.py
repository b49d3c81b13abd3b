"""What the service tells of itself, of its collections, of what is uploaded into them and of the jobs that index it."""

from typing import Literal

import msgspec

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class CollectionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One collection; ``problem`` says why it cannot be asked now."""

    name: str
    path: str
    documents: int = 0
    excerpts: int = 0
    works: int = 0
    generation: int = 0
    problem: str = ""


class CollectionsView(msgspec.Struct, frozen=True):
    """The collections that a caller may use; the first is meant where none is named."""

    collections: tuple[CollectionView, ...]


class ReadyView(msgspec.Struct, frozen=True):
    """That the service can answer, and from what; ``notices`` say what is not as it should be."""

    status: str
    generation: int
    model: str
    documents: int
    excerpts: int
    windows: int
    works: int
    notices: tuple[str, ...]


class AliveView(msgspec.Struct, frozen=True):
    """That the process runs."""

    status: str
    version: str


class ReportView(msgspec.Struct, frozen=True):
    """What was read from one document; ``doubts`` are the first places where something is not attributed."""

    title: str
    reader: str
    excerpts: int
    uncited: int
    unparsed: int
    layout: str
    sure: bool
    attributed: int
    doubts: tuple[str, ...]
    warnings: tuple[str, ...]


class FileView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file that was sent; ``problem`` says why it cannot be read."""

    name: str
    bytes: int
    documents: tuple[ReportView, ...] = ()
    problem: str = ""


class UploadView(msgspec.Struct, frozen=True):
    """Files that wait to be accepted, and what was read from them."""

    id: str
    files: tuple[FileView, ...]


class FilesView(msgspec.Struct, frozen=True):
    """The files that were accepted."""

    files: tuple[FileView, ...]


class JobView(msgspec.Struct, frozen=True):
    """A job: indexing what was accepted. ``done`` of ``total`` windows are embedded; times in ISO 8601, UTC."""

    id: str
    state: JobState
    created: str
    by: str = ""
    rebuild: bool = False
    done: int = 0
    total: int = 0
    message: str = ""
    ended: str = ""


class JobsView(msgspec.Struct, frozen=True):
    """The jobs of a collection, the newest first."""

    jobs: tuple[JobView, ...]
