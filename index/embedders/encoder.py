"""Turns the weights of a BERT-like encoder into an ONNX network that gives one unit vector a text.

The network takes ``input_ids`` int32 (texts, tokens), padded on the right; ``lengths`` int32 (texts), how many
tokens are not padding; ``pooling`` float32 (texts, 1, tokens), the weight of each token in its text's vector.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper

from index.embedders.families import Family
from index.embedders.network import NetworkWriter
from index.embedders.precision import Projection
from index.embedders.tensors import WeightsFile


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
        bias = self._position_bias(max_tokens) if self._family.relative_positions else ""
        for layer in range(int(self._network[self._family.depth])):
            hidden = self._layer(f"{self._family.layers}.{layer}", hidden, bias)
        width = self._tensors["embeddings.word_embeddings.weight"].shape[1]
        pooled = self._writer.node("MatMul", ["pooling", hidden])
        axes = self._writer.constant("pooled.axis", np.array([1]))
        pooled = self._writer.node("Squeeze", [pooled, axes])
        inputs = [
            helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["texts", "tokens"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"]),
            helper.make_tensor_value_info("pooling", TensorProto.FLOAT, ["texts", 1, "tokens"]),
        ]
        self._writer.finish(inputs, self._writer.node("LpNormalization", [pooled], axis=1, p=2), width)

    def _embeddings(self) -> str:
        words = self._tensors["embeddings.word_embeddings.weight"]
        positions = self._tensors["embeddings.position_embeddings.weight"]
        if "embeddings.token_type_embeddings.weight" in self._tensors:
            # Every token of a single text is of the first type.
            positions = positions + self._tensors["embeddings.token_type_embeddings.weight"][0]
        inputs = [
            "input_ids",
            "",
            self._writer.weight("words", words),
            self._writer.weight("positions", positions),
            "",
            *self._norm("embeddings.LayerNorm"),
            "",
            self._positions() if self._family.pads_positions else "",
        ]
        return self._writer.nodes("EmbedLayerNormalization", inputs, 2, domain="com.microsoft", epsilon=self._epsilon)[0]

    def _positions(self) -> str:
        """Position ids that start after the padding id and do not count tokens that are it (fairseq's numbering)."""
        writer = self._writer
        padding = writer.constant("padding", np.array(self._network["pad_token_id"], dtype=np.int32))
        axis = writer.constant("positions.axis", np.array(1))
        unpadded = writer.node("Not", [writer.node("Equal", ["input_ids", padding])])
        counted = writer.node("Cast", [unpadded], to=TensorProto.INT32)
        ordinals = writer.node("Mul", [writer.node("CumSum", [counted, axis]), counted])
        return writer.node("Add", [ordinals, padding])

    def _layer(self, layer: str, hidden: str, position_bias: str) -> str:
        names, writer = self._family.names, self._writer
        queries, keys, values, biases = self._queries_keys_values(layer, hidden)
        attended = writer.fused(
            "MultiHeadAttention", [queries, keys, values, biases, "lengths", position_bias], num_heads=self._heads
        )
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
        """The bias of every pair of positions up to ``max_tokens``, cut to the batch: (1, heads, tokens, tokens)."""
        writer = self._writer
        table = self._tensors[self._family.relative_positions]
        bias = table[relative_buckets(max_tokens, len(table))].transpose(2, 0, 1)[None]
        tokens = writer.node("Shape", ["input_ids"], start=1, end=2)
        starts, axes = writer.constant("bias.starts", np.array([0, 0])), writer.constant("bias.axes", np.array([2, 3]))
        ends = writer.node("Concat", [tokens, tokens], axis=0)
        return writer.node("Slice", [writer.weight("position_bias", bias), starts, ends, axes])


def relative_buckets(tokens: int, buckets: int, max_distance: int = 128) -> npt.NDArray[np.int64]:
    """T5's buckets of relative positions (Raffel et al. 2020, §2.1), both directions: shape (tokens, tokens).

    Half of the buckets look ahead; half of those hold one distance each, the others grow logarithmically.
    """
    distance = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    half, exact = buckets // 2, buckets // 4
    far = np.maximum(np.abs(distance), 1).astype(np.float32)
    grown = exact + (np.log(far / exact) / np.float32(np.log(max_distance / exact)) * (half - exact)).astype(np.int64)
    within: npt.NDArray[np.int64] = np.where(np.abs(distance) < exact, np.abs(distance), np.minimum(grown, half - 1))
    return within + half * (distance > 0)
