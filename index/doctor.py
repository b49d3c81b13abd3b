"""Tells what is installed, what is indexed and what is wrong with what to do; repairs nothing and loads no model."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from index.catalog.reader import Snapshot
from index.derived import phrases_path, vectors_path, words_path
from index.embedders import EmbedderCard
from index.embedders.manifest import export_folder
from index.embedders.model_config import ModelFolder, find_model, only_exported
from index.embedders.sentence_transformer import SentenceTransformerEmbedder
from index.errors import IbidError, IndexMissing
from index.home import WORD_UNITS, Home
from index.records import Counts
from index.verify import Finding

_LIBRARIES = ("faiss-cpu", "tantivy", "sentencex", "onnxruntime", "tokenizers", "sentence-transformers", "torch")


class ModelReport(msgspec.Struct, frozen=True):
    """The embedding model that would be used: where it is, what identifies it, and what runs it."""

    folder: str
    card: EmbedderCard
    served_by: str


class IndexReport(msgspec.Struct, frozen=True):
    """The newest generation of the index; ``bytes`` is what all of its files take."""

    generation: int
    embedder: EmbedderCard
    counts: Counts
    bytes: int


class Diagnosis(msgspec.Struct, frozen=True):
    """What there is, and what is wrong with it; ``model`` and ``index`` are None where a finding says why."""

    version: str
    python: str
    libraries: dict[str, str]
    home: str
    model: ModelReport | None
    index: IndexReport | None
    findings: tuple[Finding, ...]


def examine(home: Path, model: str | None = None, *, precision: str = "fp32", served: bool = False) -> Diagnosis:
    """Looks at the installation, the embedding model (None: the bundled one) and the index in this folder.

    Args:
        home: folder of the index.
        model: the model that files are going to be indexed with.
        precision: what it is to compute in.
        served: that model is a server's: there is nothing of it here to look at, and nothing is sent to it.
    """
    place = Home(home)
    findings: list[Finding] = []
    model_report = None if served else _examine_model(place, model, precision, findings)
    index_report = _examine_index(place, findings)
    if model_report and index_report and model_report.card.fingerprint != index_report.embedder.fingerprint:
        findings.append(
            Finding(
                "embedding model",
                f"the index was built with {index_report.embedder.name} ({index_report.embedder.precision}), "
                f"the settings name {model_report.card.name} ({model_report.card.precision})",
                "set model and precision back, or embed everything anew with `ibid index --rebuild`",
            )
        )
    return Diagnosis(
        version=version("ibid-rag"),
        python=platform.python_version(),
        libraries={library: _installed(library) for library in _LIBRARIES},
        home=str(home.absolute()),
        model=model_report,
        index=index_report,
        findings=tuple(findings),
    )


def _examine_model(home: Home, name: str | None, precision: str, findings: list[Finding]) -> ModelReport | None:
    try:
        model = find_model(name)
        card = msgspec.structs.replace(SentenceTransformerEmbedder(model).card, precision=precision)
        return ModelReport(str(model.folder), card, _served_by(home, model, card))
    except IbidError as error:
        findings.append(Finding("embedding model", f"{error.found}; {error.rule}", error.remedy))
        return None


def _served_by(home: Home, model: ModelFolder, card: EmbedderCard) -> str:
    """What runs the model. Raises NotExportable where nothing does, in this precision."""
    if export_folder(home.models, card.weights_sha256, card.precision).is_dir():
        return "ONNX Runtime"
    from index.embedders.onnx_writer import why_not_exported

    reason = why_not_exported(model.folder)
    if reason is None:
        return "ONNX Runtime, once `ibid index` has exported it"
    if card.precision != "fp32":
        raise only_exported(reason, card.precision)
    return f"sentence-transformers, because {reason.found}"


def _examine_index(home: Home, findings: list[Finding]) -> IndexReport | None:
    try:
        snapshot = Snapshot(home)
    except IbidError as error:
        subject = "index" if isinstance(error, IndexMissing) else "catalog"
        findings.append(Finding(subject, f"{error.found}; {error.rule}", error.remedy))
        return None
    try:
        state = snapshot.state
        findings += [
            Finding(f"{kind} index", "it is behind the catalog", "ask a question: it is brought up to date when it is opened")
            for kind, current in (
                ("vector", vectors_path(home, state.stamp).is_file()),
                *((f"word ({unit})", words_path(home, unit, state.stamp).is_file()) for unit in WORD_UNITS),
                ("phrase", phrases_path(home, state.stamp).is_dir()),
            )
            if not current
        ]
        if not home.writable:
            findings.append(
                Finding("home", f"{home.folder} cannot be written to", "questions are answered; to index, give write access")
            )
        return IndexReport(state.generation, state.embedder, snapshot.counts(), _size(home.folder))
    finally:
        snapshot.close()


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
