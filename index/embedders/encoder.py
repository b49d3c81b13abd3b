"""Turns the weights of a BERT-like encoder into an ONNX network that gives one unit vector a text.

The network takes one sequence that may hold several texts; its inputs are described in ``index.embedders.packs``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper

from index.embedders.families import Family
from index.embedders.onnx_writer import NetworkWriter
from index.embedders.precision import Projection
from index.embedders.tensors import WeightsFile

_LARGEST_HALF = float(np.finfo(np.float16).max)


class EncoderWriter:
    """Writes one encoder; each method adds a stage and returns the name of what it computes."""

    def __init__(
        self, writer: NetworkWriter, family: Family, network: Mapping[str, Any], tensors: WeightsFile, projection: Projection
    ) -> None:
        self._writer = writer
        self._family = family
        self._network = network
        self._tensors = tensors
        self._projection = projection
        self._heads = int(network[family.heads])
        self._epsilon = float(network.get("layer_norm_eps", 1e-12))

    def write(self, max_tokens: int) -> None:
        """Adds the whole network and finishes the files."""
        hidden = self._embeddings()
        bias = self._position_bias(max_tokens) if self._family.relative_positions else "blocks"
        for layer in range(int(self._network[self._family.depth])):
            hidden = self._layer(f"{self._family.layers}.{layer}", hidden, bias)
        pooled = self._writer.node("MatMul", ["pooling", hidden])
        pooled = self._writer.node("Squeeze", [pooled, self._writer.constant("pooled.axis", np.array([0]))])
        inputs = [
            helper.make_tensor_value_info("input_ids", TensorProto.INT32, [1, "tokens"]),
            helper.make_tensor_value_info("positions", TensorProto.INT32, [1, "tokens"]),
            helper.make_tensor_value_info("blocks", TensorProto.FLOAT, [1, 1, "tokens", "tokens"]),
            helper.make_tensor_value_info("pooling", TensorProto.FLOAT, [1, "texts", "tokens"]),
        ]
        width = self._tensors["embeddings.word_embeddings.weight"].shape[1]
        self._writer.finish(inputs, self._writer.node("LpNormalization", [pooled], axis=1, p=2), width)

    def _embeddings(self) -> str:
        words = self._tensors["embeddings.word_embeddings.weight"]
        positions = self._tensors["embeddings.position_embeddings.weight"]
        if "embeddings.token_type_embeddings.weight" in self._tensors:
            # Every token of a single text is of the first type.
            positions = positions + self._tensors["embeddings.token_type_embeddings.weight"][0]
        writer = self._writer
        word = writer.node("Gather", [writer.weight("words", _halved(words)), "input_ids"], axis=0)
        place = writer.node("Gather", [writer.weight("places", positions), "positions"], axis=0)
        inputs = [writer.node("Cast", [word], to=TensorProto.FLOAT), place, *self._norm("embeddings.LayerNorm")]
        return writer.fused("SkipLayerNormalization", inputs, epsilon=self._epsilon)

    def _layer(self, layer: str, hidden: str, bias: str) -> str:
        names, writer = self._family.names, self._writer
        queries, keys, values, biases = self._queries_keys_values(layer, hidden)
        attended = writer.fused("MultiHeadAttention", [queries, keys, values, biases, "", bias], num_heads=self._heads)
        attended = self._project(f"{layer}.{names.attended}", attended)
        hidden = self._add_and_norm(layer, names.attended, names.attended_norm, attended, hidden)
        inner = self._project(f"{layer}.{names.inner}", hidden)
        inner = writer.fused("BiasGelu", [inner, self._bias(f"{layer}.{names.inner}")])
        outer = self._project(f"{layer}.{names.outer}", inner)
        return self._add_and_norm(layer, names.outer, names.outer_norm, outer, hidden)

    def _queries_keys_values(self, layer: str, hidden: str) -> tuple[str, str, str, str]:
        """One product for all three, which reads ``hidden`` once."""
        prefixes = [f"{layer}.{name}" for name in (self._family.names.query, self._family.names.key, self._family.names.value)]
        weights = np.concatenate([self._tensors[f"{prefix}.weight"] for prefix in prefixes])
        biases = np.concatenate([self._tensors[f"{prefix}.bias"] for prefix in prefixes])
        projected = self._projection(self._writer, f"{layer}.qkv", hidden, weights)
        queries, keys, values = self._writer.nodes("Split", [projected], 3, axis=2, num_outputs=3)
        return queries, keys, values, self._writer.weight(f"{layer}.qkv.bias", biases)

    def _add_and_norm(self, layer: str, dense: str, norm: str, output: str, skipped: str) -> str:
        inputs = [output, skipped, *self._norm(f"{layer}.{norm}"), self._bias(f"{layer}.{dense}")]
        return self._writer.fused("SkipLayerNormalization", inputs, epsilon=self._epsilon)

    def _project(self, name: str, hidden: str) -> str:
        return self._projection(self._writer, name, hidden, self._tensors[f"{name}.weight"])

    def _norm(self, name: str) -> list[str]:
        return [self._writer.weight(f"{name}.{part}", self._tensors[f"{name}.{part}"]) for part in ("weight", "bias")]

    def _bias(self, name: str) -> str:
        return self._writer.weight(f"{name}.bias", self._tensors[f"{name}.bias"])

    def _position_bias(self, max_tokens: int) -> str:
        """What ``blocks`` and the relative positions of each pair of tokens add to its score, for every head."""
        writer = self._writer
        table = self._tensors[self._family.relative_positions]
        distances = np.arange(1 - max_tokens, max_tokens)
        by_distance = writer.weight("distances.bias", table[relative_buckets(distances, len(table))])
        # Texts stand whole in the sequence, so that distances within it are distances within a text.
        tokens = writer.node("Squeeze", [writer.node("Shape", ["input_ids"], start=1, end=2)])
        zero, one = writer.constant("zero", np.array(0)), writer.constant("one", np.array(1))
        places = writer.node("Range", [zero, tokens, one])
        rows = writer.node("Unsqueeze", [places, writer.constant("rows.axis", np.array([1]))])
        farthest = writer.constant("distances.farthest", np.array(max_tokens - 1))
        last = writer.constant("distances.last", np.array(2 * max_tokens - 2))
        distance = writer.node("Add", [writer.node("Sub", [places, rows]), farthest])
        distance = writer.node("Clip", [distance, zero, last])
        bias = writer.node("Transpose", [writer.node("Gather", [by_distance, distance], axis=0)], perm=[2, 0, 1])
        return writer.node("Add", [bias, "blocks"])


def _halved(words: npt.NDArray[np.float32]) -> npt.NDArray[np.generic]:
    """The table of words in half precision: it is half of a small model, and questions come to read all of it.

    Its numbers are near 0; a table with one that half precision does not know stays as it is.
    """
    return words.astype(np.float16) if np.abs(words).max(initial=0) < _LARGEST_HALF else words


def relative_buckets(distances: npt.NDArray[np.int64], buckets: int, max_distance: int = 128) -> npt.NDArray[np.int64]:
    """T5's buckets of relative positions (Raffel et al. 2020, §2.1), key minus query, looking both ways.

    Half of the buckets look ahead; half of those hold one distance each, the others grow logarithmically.
    """
    half, exact = buckets // 2, buckets // 4
    far = np.maximum(np.abs(distances), 1).astype(np.float32)
    grown = exact + (np.log(far / exact) / np.float32(np.log(max_distance / exact)) * (half - exact)).astype(np.int64)
    within: npt.NDArray[np.int64] = np.where(np.abs(distances) < exact, np.abs(distances), np.minimum(grown, half - 1))
    return within + half * (distances > 0)
