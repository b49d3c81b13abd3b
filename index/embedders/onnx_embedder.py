"""Embeds texts with an exported network, without torch or sentence-transformers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.arrays import cut
from index.embedders import EmbedderCard, TextKind, TokenVectors, Vectors
from index.embedders.manifest import NETWORK_FILE, TOKENIZER_FILE, read_manifest
from index.embedders.model_config import PoolingMode
from index.errors import ExtraMissing
from index.text import encodable

# Turns texts into the word pieces of an exported model, and counts them.

Pieces = npt.NDArray[np.int32]
Spans = npt.NDArray[np.int64]
"""[start, end) of each piece in code points, shape (pieces, 2); (-1, -1) for a special token."""

Number = TypeVar("Number", bound=np.generic)

_TEXTS_AT_ONCE = 512
"""An encoding keeps every piece as a string too: some hundred texts at a time stay within a few megabytes."""


class WordPieces:
    """The tokenizer in ``file``, whose texts are cut after ``limit`` pieces, special tokens included.

    The cut is made here: a tokenizer told to truncate could not count any more, and telling it again and again
    is not thread-safe.
    """

    def __init__(self, file: Path, limit: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._limit = limit
        self._closing = _closing_tokens(self._tokenizer)

    def encode(self, texts: Sequence[str]) -> list[Pieces]:
        """The ids of each text, special tokens included, the limit kept."""
        return [self._cut(np.array(encoding.ids, dtype=np.int32)) for encoding in self._encodings(texts)]

    def encode_apart(self, texts: Sequence[str]) -> list[tuple[Pieces, Spans]]:
        """The ids of each text as ``encode`` gives them, and where each piece stands in it; a special token stands nowhere."""
        encodings = self._tokenizer.encode_batch([encodable(text) for text in texts])
        return [(self._cut(np.array(each.ids, dtype=np.int32)), self._cut(_spans(each))) for each in encodings]

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many pieces each text has, special tokens included, whatever the limit."""
        return [len(encoding) for encoding in self._encodings(texts)]

    def _encodings(self, texts: Sequence[str]) -> Iterator[Encoding]:
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            yield from self._tokenizer.encode_batch_fast([encodable(text) for text in texts[start : start + _TEXTS_AT_ONCE]])

    def _cut(self, pieces: npt.NDArray[Number]) -> npt.NDArray[Number]:
        if len(pieces) <= self._limit:
            return pieces
        return np.concatenate([pieces[: self._limit - self._closing], pieces[len(pieces) - self._closing :]])


def _spans(encoding: Encoding) -> Spans:
    spans = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    spans[np.array(encoding.special_tokens_mask, dtype=bool)] = -1
    return spans


def _closing_tokens(tokenizer: Tokenizer) -> int:
    """How many special tokens follow a text's own pieces: they stay when the text is cut."""
    mask = tokenizer.encode("a").special_tokens_mask
    return mask[::-1].index(0) if 0 in mask else 0


# Packs short texts end to end into one sequence, so that no batch is ever padded.
#
# A network that is given several texts in one sequence lets each token attend to its own text only. Nothing is
# computed for padding, texts need not be sorted by length, and a text's vector does not depend on its neighbours.
# (Sequence packing: Krell et al. 2021, "Efficient Sequence Packing without Cross-contamination", §3.)

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
    ``index.embedders.model_config``), else None.
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


# What runs an exported network: ONNX Runtime, or OpenVINO where products are to be computed in bfloat16.

Run = Callable[[Pack], Vectors]
"""One vector for each text of a pack; thread-safe."""


def open_network(network: Path, precision: str, threads: int) -> Run:
    """Opens an exported network, for as many calls at once as there are ``threads``.

    Raises:
        ExtraMissing: the precision is bf16 and OpenVINO is not installed.
    """
    return _open_openvino(network, threads) if precision == "bf16" else _open_onnxruntime(network)


def _open_onnxruntime(network: Path) -> Run:
    onnxruntime.disable_telemetry_events()  # where a program had loaded the library before Ibid could switch it off
    options = onnxruntime.SessionOptions()
    # No threads of its own, which would spin while they wait: the calling thread computes.
    options.intra_op_num_threads = 1
    # Hardly two packs have the same shape: a plan of memory kept for each costs 3 MB and saves no time.
    options.enable_mem_pattern = False
    # The export is written as the optimizer would leave it.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])

    def run(pack: Pack) -> Vectors:
        (vectors,) = session.run(["vectors"], pack._asdict())
        return np.asarray(vectors, dtype=np.float32)

    return run


def _open_openvino(network: Path, threads: int) -> Run:
    try:
        import openvino
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "precision 'bf16' needs openvino",
            rule="an optional library is installed by who needs it",
            remedy="install it with: pip install 'ibid-rag[openvino]'",
        ) from error
    options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "bf16", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    request = openvino.Core().compile_model(str(network), "CPU", options).create_infer_request()
    # It shares one product among its threads. Several requests at once, each of one thread, were seen to wait forever.
    turn = threading.Lock()

    def run(pack: Pack) -> Vectors:
        with turn:
            return np.array(request.infer(pack._asdict())["vectors"], dtype=np.float32)

    return run


class ExportedEmbedder:
    """An Embedder (see ``index.embedders``) that serves the export in a folder.

    Each pack of texts is computed by one thread, and up to ``threads`` packs at once: threads that share one short
    product wait for each other more than they compute.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Opens ``folder``.

        Raises:
            EmbedderUnusable: the export is damaged.
            ExtraMissing: what runs it is not installed.
        """
        self._manifest = read_manifest(folder)
        self._pieces = WordPieces(folder / TOKENIZER_FILE, self._manifest.card.max_tokens)
        self._network = open_network(folder / NETWORK_FILE, self._manifest.card.precision, threads)
        # It starts a thread only when a pack waits for one.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="embedder")

    @property
    def card(self) -> EmbedderCard:
        """What identifies this embedder."""
        return self._manifest.card

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        """One unit row a text, in the order given."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        pieces = self._pieces.encode([prompt + text for text in texts])
        packs = [pieces[run] for run in plan_packs([len(text) for text in pieces])]
        if len(packs) == 1:
            return self._embed_pack(packs[0])
        rows = self._threads.map(self._embed_pack, packs)
        return np.concatenate([np.empty((0, self.card.dimension), dtype=np.float32), *rows])

    def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[TokenVectors]:
        """A unit row for each token of each text; the tokens of a prompt and special ones are left out."""
        prompt = self._manifest.query_prompt if kind == "query" else self._manifest.passage_prompt
        encoded = self._pieces.encode_apart([prompt + text for text in texts])
        runs = plan_packs([len(pieces) for pieces, _ in encoded])
        rows = self._threads.map(self._embed_apart, ([pieces for pieces, _ in encoded[run]] for run in runs))
        return [
            _own(vectors, spans - len(prompt)) for vectors, (_, spans) in zip(chain.from_iterable(rows), encoded, strict=True)
        ]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text as a passage: its prompt and special tokens included, without truncation."""
        return self._pieces.count([self._manifest.passage_prompt + text for text in texts])

    def _embed_pack(self, texts: Sequence[Pieces]) -> Vectors:
        return self._network(pack(texts, self._manifest.pooling, self._manifest.padding_id))

    def _embed_apart(self, texts: Sequence[Pieces]) -> list[Vectors]:
        vectors = self._network(pack_apart(texts, self._manifest.padding_id))
        return np.split(vectors, np.cumsum([len(text) for text in texts])[:-1])


def _own(vectors: Vectors, spans: Spans) -> TokenVectors:
    own = spans[:, 0] >= 0
    return TokenVectors(vectors[own], spans[own])
