"""Builds or updates the collection at ``settings.home`` and calibrates it: one way for the command line and the library."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from index.build import BuildSummary, MayDrop, build_index, check_roots
from index.collection import Collection
from index.embedders import Embedder, EmbedderCard
from index.errors import IndexDamaged, IndexMissing
from index.files import Failure, Scope
from index.repair import Repair, repair
from index.vector_parts import Part, embed_texts, texts_of
from rag.calibration import NOTE, Calibration
from rag.learning import learn, learned
from rag.quotes.stored import prepare
from service.refinements import prepare_passage_reader
from service.settings import Settings
from service.wiring import indexing_embedder, refuse_mismatch


def built_with(settings: Settings) -> EmbedderCard | None:
    """The embedder that the collection was built with, None where there is no collection yet."""
    try:
        with closing(Collection.open(settings.home)) as collection:
            return collection.embedder
    except IndexMissing:
        return None


def build_collection(
    settings: Settings,
    scope: Scope,
    *,
    reader: str | None = None,
    rebuild: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    calibrating: Callable[[], None] = lambda: None,
    may_drop: MayDrop | None = None,
    vectors: Path | None = None,
) -> BuildSummary:
    """Reads the files of ``scope``, embeds what is new, writes a generation and learns how its scores are to be read.

    Args:
        settings: where the collection is, and with which embedder it is built.
        scope: the files.
        reader: name of the reader; None: each file's own.
        rebuild: reads unchanged files again, and accepts another embedder than before.
        progress: called with how many windows of how many have a vector.
        calibrating: called when embedding is done and calibration begins.
        may_drop: whether most of the collection may go, asked with the names that would go and how many files are
            indexed; None for yes.
        vectors: a folder of vectors that ``embed_part`` wrote.

    Raises:
        DropRefused: ``may_drop`` said no.
        EmbedderMismatch: another embedder than the collection was built with, without ``rebuild``.
        EmbedderUnusable: the embedder cannot be loaded.
    """
    before = built_with(settings)
    embedder = indexing_embedder(settings, before)
    if before and not rebuild:
        refuse_mismatch(before, embedder.card)

    def calibrate(collection: Collection) -> dict[str, Calibration]:
        prepare(collection)
        calibrating()
        return learned(collection, embedder)

    summary = build_index(
        settings.home,
        scope.in_language(settings.language) if settings.language else scope,
        embedder,
        reader=reader,
        reread=rebuild,
        progress=progress,
        learn=calibrate,
        may_drop=may_drop,
        vector_store=settings.vector_store,
        vectors=vectors,
    )
    if summary.generation:
        _calibrate(settings, embedder)
        prepare_passage_reader(settings)
    return summary


def embed_part(
    settings: Settings, scope: Scope, part: Part, folder: Path, reader: str | None, progress: Callable[[int, int], None]
) -> tuple[int, Sequence[Failure]]:
    """Embeds a part of the texts of these files into a folder; returns how many, and the files that could not be read.

    Raises:
        EmbedderMismatch: the folder holds vectors of another embedder.
        EmbedderUnusable: the embedder cannot be loaded.
        FileUnreadable: a path holds no file.
    """
    check_roots(scope)
    embedder = indexing_embedder(settings, built_with(settings))
    found = texts_of(scope.in_language(settings.language) if settings.language else scope, embedder, part, reader)
    return embed_texts(folder, found.texts, embedder, progress), found.failures


def repair_collection(settings: Settings) -> Repair:
    """Makes the collection again from the files stored in it, with the embedder it was built with where that can be told.

    Raises:
        IndexDamaged: no stored file can be read.
        EmbedderUnusable: the embedder cannot be loaded.
    """
    try:
        before = built_with(settings)
    except IndexDamaged:
        before = None
    embedder = indexing_embedder(settings, before)

    def calibrate(collection: Collection) -> dict[str, Calibration]:
        prepare(collection)
        return learned(collection, embedder)

    return repair(settings.home, embedder, calibrate)


def _calibrate(settings: Settings, embedder: Embedder) -> None:
    """Learns how the scores of this generation are to be read, unless that was learned already."""
    with closing(Collection.open(settings.home)) as collection:
        if collection.note(NOTE) is None:
            learn(collection, embedder)
