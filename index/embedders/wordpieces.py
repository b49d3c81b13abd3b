"""Turns texts into the word pieces of an exported model, and counts them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from index.embedders.surrogates import encodable

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
