"""Reads how a sentence-transformers model wants its texts prepared and its tokens pooled, without loading it.

Only what the export understands is accepted: a Transformer, one Pooling and perhaps a Normalize module.
What a file means follows sentence-transformers 6.2 (``base/modules/transformer.py``, ``sentence_transformer/model.py``).
"""

import hashlib
from pathlib import Path
from typing import Any, Literal

import msgspec

from index.embedders import TextKind
from index.embedders.families import FAMILIES
from index.errors import EmbedderUnusable, NotExportable

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
