"""Small encoders with random weights, one of each family, saved the way sentence-transformers saves a model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'\"-"
_SHAPE: dict[str, Any] = {"hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 2, "intermediate_size": 64}
_DISTILBERT_SHAPE: dict[str, Any] = {"dim": 32, "n_heads": 4, "n_layers": 2, "hidden_dim": 64}
MAX_TOKENS = 48


def save_encoder(folder: Path, kind: str, *, pooling: str = "mean", **changes: Any) -> Path:
    """Saves a random encoder of this kind in ``folder``; ``changes`` go into its configuration."""
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    torch.manual_seed(7)
    tokenizer = _TOKENIZERS[kind](transformers)
    shape = _DISTILBERT_SHAPE if kind == "distilbert" else _SHAPE
    configuration = transformers.AutoConfig.for_model(
        kind,
        **shape,
        vocab_size=len(tokenizer),
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        # Wide enough that a wrong mask or position changes every vector.
        initializer_range=0.4,
        **changes,
    )
    bare = folder / "bare"
    transformers.AutoModel.from_config(configuration).save_pretrained(bare)
    tokenizer.save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=MAX_TOKENS)
    modules = [transformer, Pooling(transformer.get_embedding_dimension(), pooling_mode=pooling), Normalize()]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / kind))
    return folder / kind


def _word_pieces(specials: list[str]) -> dict[str, int]:
    pieces = [*specials, *_LETTERS, *(f"##{letter}" for letter in _LETTERS), "the", "##ing", "cat", "é"]
    return {piece: number for number, piece in enumerate(pieces)}


def _bert(transformers: Any) -> Any:
    return transformers.BertTokenizer(vocab=_word_pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))


def _distilbert(transformers: Any) -> Any:
    return transformers.DistilBertTokenizer(vocab=_word_pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))


def _mpnet(transformers: Any) -> Any:
    return transformers.MPNetTokenizer(vocab=_word_pieces(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"]))


def _roberta(transformers: Any) -> Any:
    from tokenizers.pre_tokenizers import ByteLevel

    pieces = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", *sorted(ByteLevel.alphabet()), "th", "the"]
    merges = [("t", "h"), ("th", "e")]
    return transformers.RobertaTokenizer(vocab={piece: number for number, piece in enumerate(pieces)}, merges=merges)


def _xlm_roberta(transformers: Any) -> Any:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *_LETTERS, "▁the", "ing", "é", "<mask>"]
    return transformers.XLMRobertaTokenizer(vocab=[(piece, -float(number)) for number, piece in enumerate(pieces)])


_TOKENIZERS: dict[str, Callable[[Any], Any]] = {
    "bert": _bert,
    "distilbert": _distilbert,
    "mpnet": _mpnet,
    "roberta": _roberta,
    "xlm-roberta": _xlm_roberta,
}
ENCODERS = tuple(_TOKENIZERS)
