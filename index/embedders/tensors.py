"""Reads the tensors of a safetensors file by the names an encoder uses."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from index.embedders.model_config import not_exportable

Floats = npt.NDArray[np.float32]

_ANCHOR = "embeddings.word_embeddings.weight"


class WeightsFile:
    """The float32 tensors of one file, memory-mapped; what stands before an encoder's own names is left out."""

    def __init__(self, path: Path) -> None:
        """Opens ``path``. Raises NotExportable when it is not there or holds no encoder."""
        self._path = path
        self._file: Any  # the library types none of its methods
        try:
            self._file = safe_open(path, framework="numpy")
        except (OSError, SafetensorError) as error:
            found = f"has no readable {path.name} ({error})"
            raise not_exportable(path.parent, found, "its weights in one safetensors file") from error
        self._names = frozenset[str](self._file.keys())
        anchors = [name for name in self._names if name.endswith(_ANCHOR)]
        if len(anchors) != 1:
            raise not_exportable(path.parent, f"has {len(anchors)} tables of word embeddings", "one")
        self._prefix = anchors[0].removesuffix(_ANCHOR)

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        return self._prefix + name in self._names

    def __getitem__(self, name: str) -> Floats:
        """The tensor. Raises NotExportable when it is missing or not float32."""
        if name not in self:
            raise not_exportable(self._path.parent, f"has no tensor {name}", "every tensor of its architecture")
        kind = self._file.get_slice(self._prefix + name).get_dtype()
        if kind != "F32":
            raise not_exportable(self._path.parent, f"keeps {name} as {kind}", "its weights as float32")
        tensor: Floats = self._file.get_tensor(self._prefix + name)
        return tensor
