"""How the products of an encoder are computed: float32 as trained, or int8 with what that costs in quality.

The cost, measured: docs/performance.md.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from index.embedders.network import NetworkWriter
from index.errors import EmbedderUnusable

Precision = Literal["fp32", "int8"]
Projection = Callable[[NetworkWriter, str, str, npt.NDArray[np.float32]], str]
"""Adds ``hidden @ weights.T`` to a network under a name; ``weights`` has shape (outputs, inputs)."""

_INT8_MAX = 127


def projection(precision: str) -> Projection:
    """What computes the products at this precision. Raises EmbedderUnusable for a precision that does not exist."""
    if precision == "fp32":
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
    """An int8 product: weights scaled per output channel, activations per batch when they are seen."""
    scales = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_INT8_MAX)
    rounded = np.rint(weights / scales[:, None]).astype(np.int8)
    inputs = [
        hidden,
        writer.weight(f"{name}.int8", rounded.T),
        writer.weight(f"{name}.scales", scales),
        writer.weight(f"{name}.zeros", np.zeros(len(scales), dtype=np.int8)),
    ]
    return writer.fused("DynamicQuantizeMatMul", inputs)
