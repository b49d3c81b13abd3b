"""The sentences of an excerpt that answer best: those of its best window that hold the question's words."""

from collections.abc import Sequence

from index.records import Window
from index.sentences import split_sentences
from rag.coverage import AskedWords
from rag.records import Span

_TELLING = 0.6
"""Share of the question's words, by weight, that one sentence must hold to be picked out of its window; with fewer,
the vector found the window by its sense, and sentences cannot be told apart by words."""

_NEARLY_BEST = 0.7
"""Sentences that hold this much of what the best one holds are shown with it."""


def highlight(window: Window, asked: AskedWords) -> tuple[Span, ...]:
    """Spans in the excerpt's text, in order, neighbouring sentences joined; the whole window where words do not tell."""
    sentences = split_sentences(window.text)
    held = [asked.held_by(window.text[start:end]) for start, end in sentences]
    best = max(held, default=0.0)
    if best < _TELLING:
        return (Span(window.start, window.end),)
    chosen = [sentence for sentence, share in zip(sentences, held, strict=True) if share >= _NEARLY_BEST * best]
    return tuple(Span(window.start + start, window.start + end) for start, end in _joined(window.text, chosen))


def _joined(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
