"""How the products of an encoder are computed: float32 as trained, or faster with what that costs in quality.

The cost, measured: docs/performance.md.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from index.embedders.onnx_writer import NetworkWriter
from index.errors import EmbedderUnusable

Precision = Literal["fp32", "int8", "bf16"]
Projection = Callable[[NetworkWriter, str, str, npt.NDArray[np.float32]], str]
"""Adds ``hidden @ weights.T`` to a network under a name; ``weights`` has shape (outputs, inputs)."""

_INT8_MAX = np.float32(127)
_UINT8_ZERO = np.uint8(128)
_TINY = np.float32(1e-30)
"""Keeps a row of zeros from being divided by zero."""


def projection(precision: str) -> Projection:
    """What computes the products at this precision. Raises EmbedderUnusable for a precision that does not exist."""
    if precision in {"fp32", "bf16"}:
        # OpenVINO rounds to bfloat16 itself, when it opens the network.
        return project_fp32
    if precision == "int8":
        return project_int8
    raise EmbedderUnusable(
        f"precision {precision!r}",
        rule=f"an exported encoder computes in one of {', '.join(get_args(Precision))}",
        remedy="set `precision` to one of these",
    )


def project_fp32(writer: NetworkWriter, name: str, hidden: str, weights: npt.NDArray[np.float32]) -> str:
    """A float32 product."""
    return writer.node("MatMul", [hidden, writer.weight(name, weights.T)])


def project_int8(writer: NetworkWriter, name: str, hidden: str, weights: npt.NDArray[np.float32]) -> str:
    """An int8 product: each output channel of the weights has its scale, and so has each token, found as it comes.

    A scale for all tokens together (ONNX Runtime's DynamicQuantizeMatMul) is a quarter faster, but loses twice as
    much, and would make a question's vector depend on the questions that are embedded with it.
    """
    scales = np.maximum(np.abs(weights).max(axis=1), _TINY) / _INT8_MAX
    peak = writer.node("ReduceMax", [writer.node("Abs", [hidden]), writer.constant(f"{name}.axis", np.array([-1]))])
    peak = writer.node("Max", [peak, writer.constant(f"{name}.tiny", _TINY)])
    step, zero = writer.constant(f"{name}.step", 1 / _INT8_MAX), writer.constant(f"{name}.zero", _UINT8_ZERO)
    rounded = writer.node("QuantizeLinear", [writer.node("Div", [hidden, peak]), step, zero])
    inputs = [
        rounded,
        writer.weight(f"{name}.int8", np.rint(weights / scales[:, None]).astype(np.int8).T),
        step,
        writer.weight(f"{name}.scales", scales),
        zero,
        writer.weight(f"{name}.zeros", np.zeros(len(scales), dtype=np.int8)),
    ]
    return writer.node("Mul", [writer.fused("MatMulIntegerToFloat", inputs), peak])
