"""Exports a sentence-transformers model to a folder that serves it: network, tokenizer and what to do with both.

No part of sentence-transformers or torch is needed: the network is written from the weights themselves.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec
from tokenizers import Tokenizer, normalizers

from index.embedders import EmbedderCard
from index.embedders.encoder import EncoderWriter
from index.embedders.families import FAMILIES, Family
from index.embedders.manifest import MANIFEST_FILE, TOKENIZER_FILE, WEIGHTS_FILE, Manifest, export_folder, older_exports
from index.embedders.model_config import ModelConfiguration, not_exportable, read_configuration, weights_sha256
from index.embedders.onnx_writer import NetworkWriter
from index.embedders.precision import projection
from index.embedders.tensors import WeightsFile
from index.errors import NotExportable


def export_model(model: Path, exports: Path, *, name: str, revision: str = "", precision: str = "fp32") -> Path:
    """Exports the model in the folder ``model`` and returns the folder below ``exports`` that serves it.

    A model exported before is not exported again. The folder appears whole or not at all, and takes the place of what an older
    Ibid exported.

    Raises:
        EmbedderUnusable: there is no sentence-transformers model, or no such precision.
        NotExportable: sentence-transformers must serve it; the message says why.
    """
    source = _open(model)
    sha256 = weights_sha256(source.configuration.weights)
    folder = export_folder(exports, sha256, precision)
    if folder.is_dir():
        return folder
    card = EmbedderCard(
        name=name,
        revision=revision,
        dimension=source.configuration.dimension,
        max_tokens=source.configuration.max_tokens,
        weights_sha256=sha256,
        precision=precision,
    )
    exports.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".export-", dir=exports))
    try:
        _write(source, draft, draft / WEIGHTS_FILE, precision)
        _write_manifest(source.configuration, source.family, card, draft)
        _publish(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for older in older_exports(folder):
        shutil.rmtree(older, ignore_errors=True)
    return folder


def why_not_exported(model: Path) -> NotExportable | None:
    """Why the model in this folder cannot be exported, None where it can. Tries it, with the weights written to nowhere.

    Raises:
        EmbedderUnusable: there is no sentence-transformers model.
    """
    try:
        with tempfile.TemporaryDirectory() as draft:
            _write(_open(model), Path(draft), Path(os.devnull), "fp32")
    except NotExportable as reason:
        return reason
    return None


class _Source(NamedTuple):
    """A model that is of a kind that can be exported."""

    configuration: ModelConfiguration
    family: Family
    tensors: WeightsFile


def _open(model: Path) -> _Source:
    configuration = read_configuration(model)
    return _Source(configuration, _family(configuration), WeightsFile(configuration.weights))


def _write(source: _Source, folder: Path, weights: Path, precision: str) -> None:
    configuration, family, tensors = source
    with NetworkWriter(folder, weights) as writer:
        EncoderWriter(writer, family, configuration.network, tensors, projection(precision)).write(configuration.max_tokens)
    _write_tokenizer(configuration, folder)


def _family(configuration: ModelConfiguration) -> Family:
    """The kind of encoder, when it computes exactly what EncoderWriter writes."""
    network, folder = configuration.network, configuration.folder
    family = FAMILIES.get(kind := network.get("model_type", "unknown"))
    if family is None or "auto_map" in network:
        raise not_exportable(folder, f"is of type {kind}", f"one of the types {', '.join(FAMILIES)}")
    if (activation := network.get(family.activation, "gelu")) != "gelu":
        raise not_exportable(folder, f"activates by {activation}", "the activation gelu")
    if (positions := network.get("position_embedding_type") or "absolute") != "absolute":
        raise not_exportable(folder, f"has {positions} positions", "absolute positions")
    if network.get("is_decoder"):
        raise not_exportable(folder, "is a decoder", "attention in both directions")
    return family


def _write_tokenizer(configuration: ModelConfiguration, folder: Path) -> None:
    """Stores the tokenizer without padding and truncation, which depend on the batch and are done per text."""
    path = configuration.folder / TOKENIZER_FILE
    if not path.is_file():
        raise not_exportable(configuration.folder, f"has no {TOKENIZER_FILE}", "a tokenizer of the tokenizers library")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    normalizer = tokenizer.normalizer
    if isinstance(normalizer, normalizers.BertNormalizer) and normalizer.lowercase != configuration.tokenizer_lower_case:
        # transformers 5 obeys one file, transformers 4 the other: only the library itself can say what was meant.
        raise not_exportable(configuration.folder, "contradicts itself about lower case", "one rule for lower case")
    if configuration.lower_case:
        steps = [normalizers.Lowercase(), *([normalizer] if normalizer else [])]
        tokenizer.normalizer = normalizers.Sequence(steps)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)


def _write_manifest(configuration: ModelConfiguration, family: Family, card: EmbedderCard, folder: Path) -> None:
    manifest = Manifest(
        card=card,
        pooling=configuration.pooling,
        padding_id=configuration.network["pad_token_id"] if family.pads_positions else None,
        query_prompt=configuration.query_prompt,
        passage_prompt=configuration.passage_prompt,
        sizes={file.name: file.stat().st_size for file in folder.iterdir()},
    )
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(manifest))


def _publish(draft: Path, folder: Path) -> None:
    """Gives the finished export its name, unless another process was faster."""
    draft.chmod(0o755)
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
