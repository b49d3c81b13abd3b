"""The reader's weights as they travel with the package: int8 rows with a scale each, checked by their SHA-256.

Whatever training left as it was (the embeddings, the lowest layers) is read from the bundled all-MiniLM-L6-v2.
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from index.checksums import check_folder
from index.embedders.model_config import Floats, WeightsFile, find_model
from index.errors import IndexDamaged
from rag.errors import ReaderUnusable

Tensors = dict[str, npt.NDArray[np.generic]]

WEIGHTS_FILE = Path(__file__).parent / "weights.safetensors"
WEIGHTS_SHA256 = "a2e92ff5ca3df29922f097a841360694e593c0bde983146c1fe05a349dbe8c9a"

MAX_TOKENS = 192
"""What the reader was trained on: question, context line and window."""

_FORMAT = 1
"""Goes up when what is exported changes; it is part of the folder's name."""

_POSITIONS = "embeddings.position_embeddings.weight"
_KINDS = "embeddings.token_type_embeddings.weight"
_SCALES = ".scales"


class ReaderWeights:
    """The float32 tensors of the reader by the names an encoder uses, and those of its heads.

    There are no embeddings of kinds: the table of positions holds those of a question's tokens, then those of a window's.
    """

    def __init__(self, file: Path = WEIGHTS_FILE, sha256: str = WEIGHTS_SHA256) -> None:
        """Opens ``file``. Raises ReaderUnusable unless it is whole and as it was published."""
        self._trained = _read(file, sha256)
        self.folder = find_model().folder
        self._bundled = WeightsFile(self.folder / "model.safetensors")

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return name != _KINDS and (name in self._trained or name in self._bundled)

    def __getitem__(self, name: str) -> Floats:
        """The tensor, rows times their scales."""
        if name == _POSITIONS:
            return np.concatenate([self._bundled[_POSITIONS][:MAX_TOKENS] + kind for kind in self._bundled[_KINDS]])
        if name not in self._trained:
            return self._bundled[name]
        floats: Floats = self._trained[name].astype(np.float32)
        scales = self._trained.get(name + _SCALES)
        return floats if scales is None else floats * scales.astype(np.float32)[:, None]


def export_folder(exports: Path) -> Path:
    """Where among ``exports`` the reader's network is kept; it is there whole or not at all."""
    return exports / f"reader-{WEIGHTS_SHA256[:16]}-{_FORMAT}"


def kept_export(exports: Path) -> Path | None:
    """The folder with the reader's network, which is read once to be checked; None where it was not written yet.

    Raises:
        ReaderUnusable: it is not what was written.
    """
    folder = export_folder(exports)
    if not folder.is_dir():
        return None
    try:
        check_folder(folder)
    except IndexDamaged as damage:
        raise ReaderUnusable(
            damage.found,
            rule="an exported model is served as it was written",
            remedy=f"delete the folder {folder}, which is made again, or set read to never",
        ) from damage
    return folder


def quantised(name: str, tensor: Floats) -> Tensors:
    """What is stored for a tensor: a product's weights as int8 with a scale for each output, anything else as it is."""
    if tensor.ndim < 2 or not name.startswith("encoder.layer"):
        return {name: tensor}
    scales = np.maximum(np.abs(tensor).max(axis=1), np.float32(1e-30)) / np.float32(127)
    return {name: np.rint(tensor / scales[:, None]).astype(np.int8), name + _SCALES: scales.astype(np.float32)}


def _read(file: Path, sha256: str) -> Tensors:
    try:
        content = file.read_bytes()
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise _unusable(file, f"has SHA-256 {found}", f"the published weights have {sha256}")
        with safe_open(file, framework="numpy") as tensors:
            return {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError) as error:
        raise _unusable(file, f"cannot be read ({error})", "the reader's weights travel with the package") from error


def _unusable(file: Path, found: str, rule: str) -> ReaderUnusable:
    return ReaderUnusable(
        f"the passage reader's file {file} {found}", rule=rule, remedy="reinstall ibid-rag, or set read to never"
    )
