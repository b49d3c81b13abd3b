"""The encoders that can be exported: BERT and its relatives, told apart only by where their weights are found.

All compute the same: embeddings, then layers of attention and feed-forward, each added to its input and
normalised (Devlin et al. 2019, §3). RoBERTa and MPNet count positions over what is not padding; MPNet (Song et
al. 2020) adds a bias for relative positions to every attention.
"""

import msgspec


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
