"""Turns the name of an embedding model, or the card of the one an index was built with, into an embedder.

A model that can be exported is, once, and served by ONNX Runtime from then on; any other by sentence-transformers. A name such
as "NAME:ARGUMENT", where NAME is an entry point of ``ibid.embedders``, is left to that plug-in.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from index.embedders import Embedder, EmbedderCard
from index.embedders.manifest import export_folder
from index.embedders.model_config import DEFAULT_MODEL, ModelFolder, find_model, only_exported
from index.errors import EmbedderMismatch, EmbedderUnusable, NotExportable, PluginUnusable
from index.plugins import plugins
from index.threads import physical_cores

MULTILINGUAL = "multilingual"
"""The name of multilingual-e5-small by an optional package."""

MakeEmbedder = Callable[[str, int | None], Embedder]
"""What an entry point of ``ibid.embedders`` loads: makes an embedder from what follows ":" and how many threads (None: all)."""


def load_embedder(
    name: str | None = None,
    exports: Path | None = None,
    *,
    precision: str = "fp32",
    threads: int | None = None,
    devices: Sequence[str] = (),
) -> Embedder:
    """The embedder of a model folder or hub name; no name means the bundled all-MiniLM-L6-v2.

    Args:
        name: the model.
        exports: where exported networks are kept; None exports nothing and serves by sentence-transformers.
        precision: what the network computes in, see ``index.embedders.onnx_writer``; sentence-transformers: fp32 only.
        threads: cores that one call may use; None means all physical cores.
        devices: what sentence-transformers computes on, such as "cuda:0"; none: an export does, on processors.

    Raises:
        EmbedderUnusable: there is no such model or precision, or the model's weights are not the ones expected.
        NotExportable: only an export computes in this precision, and there can be none.
        PluginUnusable: an embedder of another distribution cannot be loaded, or is called otherwise.
    """
    if name == MULTILINGUAL:
        return _multilingual(precision, threads)
    if name and (make := _plugin(name)):
        return _made_by(make, name, threads)
    model = find_model(name)
    if devices:
        return _pooled(model, precision, devices)
    if exports is not None:
        try:
            return _exported(model, exports, precision, threads)
        except NotExportable as reason:
            if precision != "fp32":
                raise only_exported(reason, precision) from reason
    return _loaded(model)


def open_embedder(card: EmbedderCard, exports: Path, *, threads: int | None = None) -> Embedder:
    """The embedder that an index was built with: from its export where there is one, which needs no model.

    Raises:
        EmbedderMismatch: what the card's name leads to today gives other vectors.
        EmbedderUnusable: there is neither an export nor a model of that name.
    """
    from index.embedders.onnx_embedder import ExportedEmbedder

    folder = export_folder(exports, card.weights_sha256, card.precision)
    if folder.is_dir():
        embedder: Embedder = ExportedEmbedder(folder, threads=threads or physical_cores())
    else:
        embedder = load_embedder(card.name, exports, precision=card.precision, threads=threads)
    if embedder.card.fingerprint != card.fingerprint:
        raise EmbedderMismatch(
            f"the index was built with {card.name} {card.fingerprint}, this is {embedder.card.name} {embedder.card.fingerprint}",
            rule="questions are embedded as the index was",
            remedy="put the model back, or rebuild the index with `ibid index --rebuild`",
        )
    return embedder


def _multilingual(precision: str, threads: int | None) -> Embedder:
    from index.embedders.multilingual import MultilingualEmbedder

    if precision not in ("fp32", "int4"):  # the default, and what an index made with it says
        raise EmbedderUnusable(
            f"model {MULTILINGUAL!r} has no precision {precision!r}",
            rule="it comes in 4 bits only",
            remedy="leave precision as it is, or use another model",
        )
    return MultilingualEmbedder(threads)


def _plugin(name: str) -> "MakeEmbedder | None":
    """The plug-in that a name is left to; a folder and the bundled model are ours, and looked for first."""
    if name == DEFAULT_MODEL or Path(name).is_dir():
        return None
    return plugins("ibid.embedders").get(name.partition(":")[0])


def _made_by(make: MakeEmbedder, name: str, threads: int | None) -> Embedder:
    embedder = make(name.partition(":")[2], threads)
    if embedder.card.name != name:
        raise PluginUnusable(
            f"the plug-in for {name!r} made an embedder that is called {embedder.card.name!r}",
            rule="an index is opened again by the name of its embedder",
            remedy="report it to the plug-in's author, or use another embedder",
        )
    return embedder


def _exported(model: ModelFolder, exports: Path, precision: str, threads: int | None) -> Embedder:
    from index.embedders.onnx_embedder import ExportedEmbedder
    from index.embedders.onnx_writer import export_model

    folder = export_model(model.folder, exports, name=model.name, revision=model.revision, precision=precision)
    embedder = ExportedEmbedder(folder, threads=threads or physical_cores())
    model.check(embedder.card.weights_sha256)
    return embedder


def _pooled(model: ModelFolder, precision: str, devices: Sequence[str]) -> Embedder:
    from index.embedders.sentence_transformer import PooledEmbedder

    if precision != "fp32":
        raise EmbedderUnusable(
            f"devices are {', '.join(devices)} and precision is {precision}",
            rule="sentence-transformers computes in fp32",
            remedy="set precision to fp32, or leave devices empty",
        )
    return PooledEmbedder(model, devices)


def _loaded(model: ModelFolder) -> Embedder:
    from index.embedders.sentence_transformer import SentenceTransformerEmbedder

    embedder = SentenceTransformerEmbedder(model)
    # Reading the card finds missing and damaged weights now rather than after an hour of reading files.
    embedder.card  # noqa: B018
    return embedder
