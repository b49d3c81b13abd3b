"""Reads windows with the reader's exported network, without torch; each pair of question and window by itself."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from index.embedders.manifest import NETWORK_FILE, TOKENIZER_FILE
from index.text import encodable
from rag.passage_reader import Reading, ReadWindow
from rag.passage_reader.weights import MAX_TOKENS

_MOST_QUESTION_TOKENS = 64
_LONGEST_ANSWER = 40
"""Word pieces of a span."""

Scores = npt.NDArray[np.float32]


class ExportedReader:
    """A PassageReader that serves an export, in the calling thread; it is opened by the first question.

    Args:
        find_export: gives the export's folder; may write it first.
    """

    def __init__(self, find_export: Callable[[], Path]) -> None:
        self._find_export = find_export

    def read(self, question: str, windows: Sequence[ReadWindow]) -> list[Reading]:
        """One reading a window, in the order given; a window without words has the empty span at its start."""
        asked = self._shortened(encodable(question))
        read = [encodable(_text(window)) for window in windows]
        encodings = self._tokenizer.encode_batch([(asked, text) for text in read])
        return [self._read(encoding, window) for encoding, window in zip(encodings, windows, strict=True)]

    @cached_property
    def _folder(self) -> Path:
        return self._find_export()

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(self._folder / TOKENIZER_FILE))

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        return _open(self._folder / NETWORK_FILE)

    def _read(self, encoding: Encoding, window: ReadWindow) -> Reading:
        read = _read_tokens(len(encoding))
        kinds = np.array(encoding.type_ids, np.int32)[read]
        positions = np.arange(len(kinds), dtype=np.int32) + MAX_TOKENS * kinds
        ids = np.array(encoding.ids, np.int32)[read]
        (scores,) = self._session.run(["vectors"], {"input_ids": ids[None], "positions": positions[None]})
        skipped = len(_text(window)) - len(window.text)
        within = _within(encoding, skipped)
        within = within[within < len(read) - 1]
        if not len(within):
            return Reading(float(scores[0, 0]), -float("inf"), 0, 0)
        first, last, score = best_span(scores[within, 1], scores[within, 2])
        start = encoding.offsets[within[first]][0] - skipped
        end = encoding.offsets[within[last]][1] - skipped
        return Reading(float(scores[0, 0]), score - float(scores[0, 1] + scores[0, 2]), start, end)

    def _shortened(self, question: str) -> str:
        """The question, cut where it would leave no room for a window."""
        encoding = self._tokenizer.encode(question, add_special_tokens=False)
        if len(encoding) <= _MOST_QUESTION_TOKENS:
            return question
        return question[: encoding.offsets[_MOST_QUESTION_TOKENS - 1][1]]


def best_span(starts: Scores, ends: Scores) -> tuple[int, int, float]:
    """The first and the last token of the span with the highest sum of scores, and that sum; of equals the first."""
    tokens = len(starts)
    sums = starts[:, None] + ends[None, :]
    ahead = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    allowed = np.where((ahead >= 0) & (ahead < _LONGEST_ANSWER), sums, np.float32(-np.inf))
    first, last = divmod(int(allowed.argmax()), tokens)
    return first, last, float(allowed[first, last])


def _text(window: ReadWindow) -> str:
    return f"{window.context}\n{window.text}" if window.context else window.text


def _read_tokens(count: int) -> npt.NDArray[np.int64]:
    """All of them, or the first that are read and the closing special token."""
    tokens = np.arange(count)
    return tokens if count <= MAX_TOKENS else np.append(tokens[: MAX_TOKENS - 1], count - 1)


def _within(encoding: Encoding, skipped: int) -> npt.NDArray[np.int64]:
    """The tokens of the window's own text: neither the question nor the context line nor a special token."""
    places = zip(encoding.type_ids, encoding.offsets, encoding.special_tokens_mask, strict=True)
    return np.flatnonzero([kind == 1 and start >= skipped and not special for kind, (start, _), special in places])


def _open(network: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_mem_pattern = False
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    # On processors without VNNI the fast kernel of int8 products overflows; the exact one is nearly as fast.
    options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
