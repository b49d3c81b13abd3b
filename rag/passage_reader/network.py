"""Writes the reader's ONNX network: the encoder's layers, and for each token its scores as answer, start and end."""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from tokenizers import Tokenizer

from index.checksums import seal_folder
from index.embedders.manifest import TOKENIZER_FILE, WEIGHTS_FILE
from index.embedders.model_config import FAMILIES, read_configuration
from index.embedders.onnx_writer import EncoderWriter, NetworkWriter, projection
from rag.passage_reader.weights import ReaderWeights, export_folder, kept_export

_SCORES = 3
"""As answer, as start, as end."""


def exported_reader(exports: Path) -> Path:
    """The folder with the reader's network: below ``exports``, or in a temporary folder where nothing can be written there.

    Raises:
        ReaderUnusable: the weights are not the published ones.
    """
    try:
        return export_reader(exports)
    except PermissionError:
        return export_reader(Path(tempfile.mkdtemp(prefix="ibid-reader-")))


def export_reader(exports: Path) -> Path:
    """The folder below ``exports`` with the reader's network, written now if it is not there; whole or not at all.

    Raises:
        ReaderUnusable: the weights are not the published ones, or what was exported before was changed.
    """
    if (kept := kept_export(exports)) is not None:
        return kept
    folder = export_folder(exports)
    exports.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".export-{os.getpid()}-", dir=exports))
    try:
        write_reader(ReaderWeights(), draft)
        seal_folder(draft)
        _publish(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def write_reader(weights: ReaderWeights, folder: Path, precision: str = "int8") -> None:
    """Writes network, weights and tokenizer into a folder that exists."""
    configuration = read_configuration(weights.folder)
    family = FAMILIES[configuration.network["model_type"]]
    with NetworkWriter(folder, folder / WEIGHTS_FILE) as writer:
        _ReaderWriter(writer, family, configuration.network, weights, projection(precision)).write_scores()
    tokenizer = Tokenizer.from_file(str(weights.folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)


class _ReaderWriter(EncoderWriter):
    """The encoder, with heads in the place of its pooling."""

    def write_scores(self) -> None:
        """Adds the network and finishes the files; "vectors" has shape (tokens, 3)."""
        writer = self._writer
        hidden = self._embeddings()
        for layer in range(int(self._network[self._family.depth])):
            hidden = self._layer(f"{self._family.layers}.{layer}", hidden, "")
        heads = np.concatenate([self._tensors["answers.weight"], self._tensors["spans.weight"]])
        biases = np.concatenate([self._tensors["answers.bias"], self._tensors["spans.bias"]])
        scores = writer.node("MatMul", [hidden, writer.constant("heads", heads.T.copy())])
        scores = writer.node("Add", [scores, writer.constant("heads.bias", biases)])
        scores = writer.node("Squeeze", [scores, writer.constant("scores.axis", np.array([0]))])
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT32, [1, "tokens"]) for name in ("input_ids", "positions")]
        writer.finish(inputs, scores, _SCORES)


def _publish(draft: Path, folder: Path) -> None:
    """Gives the finished export its name, unless another process was faster."""
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
