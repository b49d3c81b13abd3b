"""Packs short texts end to end into one sequence, so that no batch is ever padded.

A network that is given several texts in one sequence lets each token attend to its own text only. Nothing is
computed for padding, texts need not be sorted by length, and a text's vector does not depend on its neighbours.
(Sequence packing: Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination", §3.)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.embedders.configuration import PoolingMode
from index.embedders.wordpieces import Pieces
from index.runs import cut

TOKENS = 128
"""Full enough for the weights to be read seldom, and short enough for attention, which is quadratic, to stay cheap:
the fastest of 64 to 512 on questions and windows alike (docs/performance.md)."""

_OTHER_TEXT = np.float32(-1e9)
"""Added to the score of a token of another text: its share after the softmax is 0 exactly."""


class Pack(NamedTuple):
    """What the network is given: one sequence of tokens.

    ``input_ids`` and ``positions`` are int32 (1, tokens); ``blocks`` float32 (1, 1, tokens, tokens) is added to the
    scores of attention; ``pooling`` float32 (1, texts, tokens) is what each token counts in each text's vector.
    """

    input_ids: npt.NDArray[np.int32]
    positions: npt.NDArray[np.int32]
    blocks: npt.NDArray[np.float32]
    pooling: npt.NDArray[np.float32]


def plan_packs(lengths: Sequence[int], budget: int = TOKENS) -> list[slice]:
    """Cuts a sequence of texts, by their ``lengths`` in tokens, into runs of at most ``budget`` tokens.

    A text longer than the budget is a run of its own. A last run of up to half a budget joins the one before it: else eight
    questions, which sometimes exceed the budget by a word, would read all weights twice. Nothing is reordered.
    """
    runs = list(cut(lengths, budget))
    if len(runs) > 1:
        last, before = (sum(lengths[run]) for run in (runs[-1], runs[-2]))
        if last <= budget // 2 and before <= budget:
            runs[-2:] = [slice(runs[-2].start, runs[-1].stop)]
    return runs


def pack(texts: Sequence[Pieces], pooling: PoolingMode, padding_id: int | None) -> Pack:
    """One sequence of at least one text.

    ``padding_id`` is that of a family whose positions begin after it and leave it out (see
    ``index.embedders.families``), else None.
    """
    lengths = np.array([len(text) for text in texts])
    owners = np.repeat(np.arange(len(texts)), lengths)
    own = owners[None, :] == np.arange(len(texts))[:, None]
    return Pack(
        input_ids=np.concatenate(texts)[None],
        positions=np.concatenate([_positions(text, padding_id) for text in texts])[None],
        blocks=np.where(owners[:, None] == owners[None, :], np.float32(0), _OTHER_TEXT)[None, None],
        pooling=_weights(own, lengths, pooling)[None],
    )


def pack_apart(texts: Sequence[Pieces], padding_id: int | None) -> Pack:
    """One sequence of at least one text whose every token is given a vector of its own."""
    together = pack(texts, "cls", padding_id)
    return together._replace(pooling=np.eye(together.input_ids.shape[1], dtype=np.float32)[None])


def _positions(text: Pieces, padding_id: int | None) -> npt.NDArray[np.int32]:
    if padding_id is None:
        return np.arange(len(text), dtype=np.int32)
    counted = text != padding_id
    return np.asarray(np.cumsum(counted) * counted + padding_id, dtype=np.int32)


def _weights(own: npt.NDArray[np.bool_], lengths: npt.NDArray[np.int64], pooling: PoolingMode) -> npt.NDArray[np.float32]:
    if pooling == "mean":
        return (own / lengths[:, None]).astype(np.float32)
    firsts = np.zeros(own.shape, dtype=np.float32)
    firsts[np.arange(len(lengths)), np.cumsum(lengths) - lengths] = 1
    return firsts
