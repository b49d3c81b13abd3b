"""Packs a trained reader into the file of weights that travels with the package.

python -m scripts.pack_reader FOLDER/checkpoint.pt rag/passage_reader/weights.safetensors
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file

from index.embedders.model_config import WeightsFile, find_model
from rag.passage_reader.weights import Tensors, quantised

_ENCODER = "encoder."


def packed(state: dict[str, npt.NDArray[np.float32]], bundled: WeightsFile) -> Tensors:
    """What is stored: the tensors that training changed, products as int8."""
    stored: Tensors = {}
    for full_name, tensor in state.items():
        name = full_name.removeprefix(_ENCODER)
        if name not in bundled or not np.array_equal(tensor, bundled[name]):
            stored |= quantised(name, tensor)
    return stored


def pack(checkpoint: Path, weights: Path) -> str:
    """Writes the file of weights, and returns its SHA-256."""
    state = torch.load(checkpoint, weights_only=True)["model"]
    save_file(
        packed({name: tensor.numpy() for name, tensor in state.items()}, WeightsFile(find_model().folder / "model.safetensors")),
        weights,
    )
    return hashlib.sha256(weights.read_bytes()).hexdigest()


def main() -> None:
    """Reads the command line and packs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("weights", type=Path)
    options = parser.parse_args()
    sha256 = pack(options.checkpoint, options.weights)
    print(options.weights.stat().st_size, "bytes, SHA-256", sha256)


if __name__ == "__main__":
    main()
