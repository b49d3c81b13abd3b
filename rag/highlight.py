"""The sentences of an excerpt that answer best: those of its best window that hold the question's words."""

from collections.abc import Callable, Sequence

import msgspec

from index.sentences import split_sentences
from rag.records import Span

_TELLING = 0.6
"""Share of the question's words, by weight, that one sentence must hold to be picked out of its window; with fewer,
the vector found the window by its sense, and sentences cannot be told apart by words."""

_NEARLY_BEST = 0.7
"""Sentences that hold this much of what the best one holds are shown with it."""


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of a window: its place in the window's text, and the terms it holds."""

    start: int
    end: int
    terms: frozenset[str]


def sentences_of(text: str, terms: Callable[[str], Sequence[str]]) -> tuple[Sentence, ...]:
    """The sentences of a window's text, cut into terms by the collection's lexicon."""
    return tuple(Sentence(start, end, frozenset(terms(text[start:end]))) for start, end in split_sentences(text))


def highlight(text: str, sentences: Sequence[Sentence], telling: Sequence[tuple[frozenset[str], float]]) -> tuple[Span, ...]:
    """Spans in a window's text, in order, neighbouring sentences joined; the whole window where words do not tell.

    Args:
        text: the window.
        sentences: its sentences.
        telling: for each word asked its spellings, and its share of what all words tell.
    """
    held = [sum(share for spellings, share in telling if not spellings.isdisjoint(each.terms)) for each in sentences]
    best = max(held, default=0.0)
    if best < _TELLING:
        return (Span(0, len(text)),)
    chosen = [sentence for sentence, share in zip(sentences, held, strict=True) if share >= _NEARLY_BEST * best]
    return tuple(Span(start, end) for start, end in _joined(text, chosen))


def _joined(text: str, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for sentence in sentences:
        if joined and not text[joined[-1][1] : sentence.start].strip():
            joined[-1] = (joined[-1][0], sentence.end)
        else:
            joined.append((sentence.start, sentence.end))
    return joined
