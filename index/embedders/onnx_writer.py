"""Writes an ONNX network node by node, its weights in a file beside it that is memory-mapped when it is run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from index.embedders.manifest import NETWORK_FILE, WEIGHTS_FILE

Weights = npt.NDArray[np.generic]

_MICROSOFT = "com.microsoft"
"""ONNX Runtime's own operators: whole attention and normalisation blocks, so that nothing is left to fuse at start."""
_ALIGNMENT = 4096
"""Tensors start on a page, or the file cannot be memory-mapped."""
_OPSETS = (helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1))
_IR_VERSION = 9


class NetworkWriter:
    """Collects nodes and weights; weights go to disk as they come, so that a large model is never held twice.

    A context manager: leaving it closes the file of weights.

    Args:
        folder: where the network is written.
        weights: the file its weights are written to; to be found by the network, it is WEIGHTS_FILE of the folder.
    """

    def __init__(self, folder: Path, weights: Path) -> None:
        self._folder = folder
        self._weights = weights.open("wb")
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._weights.close()

    def weight(self, name: str, values: Weights) -> str:
        """Stores a tensor and returns its name."""
        data = np.ascontiguousarray(values)
        self._weights.write(b"\0" * (-self._weights.tell() % _ALIGNMENT))
        tensor = TensorProto(
            name=name,
            data_type=helper.np_dtype_to_tensor_dtype(data.dtype),
            dims=data.shape,
            data_location=TensorProto.EXTERNAL,
        )
        place = {"location": WEIGHTS_FILE, "offset": self._weights.tell(), "length": data.nbytes}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._weights.write(data.data)
        self._initializers.append(tensor)
        return name

    def constant(self, name: str, values: Weights | np.generic) -> str:
        """Stores a small tensor within the network itself: shapes must be known before weights are mapped."""
        self._initializers.append(onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Adds an ONNX operator with one output and returns that output's name."""
        return self.nodes(operator, inputs, 1, **attributes)[0]

    def fused(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """Adds an operator of ONNX Runtime's own with one output; an input named "" is left out."""
        return self.nodes(operator, inputs, 1, domain=_MICROSOFT, **attributes)[0]

    def nodes(self, operator: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Adds an operator with several outputs and returns their names."""
        names = [f"{operator}.{len(self._nodes)}.{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def finish(self, inputs: Sequence[onnx.ValueInfoProto], output: str, width: int) -> None:
        """Writes the network, whose ``output`` of shape (texts, ``width``) becomes "vectors"."""
        self._nodes.append(helper.make_node("Identity", [output], ["vectors"]))
        vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", width])
        graph = helper.make_graph(self._nodes, "embedder", inputs, [vectors], self._initializers)
        model = helper.make_model(graph, opset_imports=_OPSETS, ir_version=_IR_VERSION, producer_name="ibid")
        (self._folder / NETWORK_FILE).write_bytes(model.SerializeToString())
