"""Writes an ONNX network node by node, its weights in a file beside it that is memory-mapped when it is run."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

import msgspec
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper
from tokenizers import Tokenizer, normalizers

from index.checksums import digest
from index.embedders import EmbedderCard
from index.embedders.manifest import (
    MANIFEST_FILE,
    NETWORK_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    Manifest,
    export_folder,
    file_sha256,
    older_exports,
)
from index.embedders.model_config import (
    FAMILIES,
    Family,
    ModelConfiguration,
    Tensors,
    WeightsFile,
    not_exportable,
    read_configuration,
    weights_sha256,
)
from index.errors import EmbedderUnusable, NotExportable

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


# How the products of an encoder are computed: float32 as trained, or faster with what that costs in quality.
#
# The cost, measured: docs/performance.md.

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


# Turns the weights of a BERT-like encoder into an ONNX network that gives one unit vector a text.
#
# The network takes one sequence that may hold several texts; its inputs are described in ``index.embedders.onnx_embedder``.

_LARGEST_HALF = float(np.finfo(np.float16).max)


class EncoderWriter:
    """Writes one encoder; each method adds a stage and returns the name of what it computes."""

    def __init__(
        self, writer: NetworkWriter, family: Family, network: Mapping[str, Any], tensors: Tensors, projection: Projection
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


# Exports a sentence-transformers model to a folder that serves it: network, tokenizer and what to do with both.
#
# No part of sentence-transformers or torch is needed: the network is written from the weights themselves.


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
    exports.mkdir(0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".export-{os.getpid()}-", dir=exports))
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
        sha256={file.name: file_sha256(file) for file in folder.iterdir()},
        digests={file.name: digest(file).hex() for file in folder.iterdir()},
    )
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(manifest))


def _publish(draft: Path, folder: Path) -> None:
    """Gives the finished export its name, unless another process was faster."""
    for file in draft.iterdir():
        file.chmod(0o600)
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
