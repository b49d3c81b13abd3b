"""Sentences of a text as spans; the splitting itself is sentencex's."""

import sentencex

from index.embedders.surrogates import encodable

SentenceSpan = tuple[int, int]

_LANGUAGE = "en"
"""Whose abbreviations are known; full stops of other languages end sentences all the same."""


def split_sentences(text: str) -> list[SentenceSpan]:
    """Spans ``[start, end)`` of the sentences, in order, without the white space around them.

    Together they hold every non-white character once, whatever the splitter does: what it
    skips is a sentence of its own, what it gives twice counts once.
    """
    spans: list[SentenceSpan] = []
    position = 0
    for boundary in sentencex.get_sentence_boundaries(_LANGUAGE, encodable(text)):
        start = max(position, min(boundary["start_index"], len(text)))
        end = max(start, min(boundary["end_index"], len(text)))
        _append_trimmed(spans, text, position, start)
        _append_trimmed(spans, text, start, end)
        position = end
    _append_trimmed(spans, text, position, len(text))
    return spans


def _append_trimmed(spans: list[SentenceSpan], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if trimmed := piece.strip():
        begin = start + piece.index(trimmed)
        spans.append((begin, begin + len(trimmed)))
