"""The sentences of an excerpt that answer best: those of its best window that hold the question's words."""

from collections.abc import Callable, Sequence

import msgspec

from index.windows import split_sentences
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


class TermWeights:
    """How much terms tell of one question.

    Args:
        words: for each word asked its spellings, and its share of what all words tell.
    """

    def __init__(self, words: Sequence[tuple[frozenset[str], float]]) -> None:
        self._shares = [share for _, share in words]
        self._words_of: dict[str, list[int]] = {}
        for word, (spellings, _) in enumerate(words):
            for spelling in spellings:
                self._words_of.setdefault(spelling, []).append(word)
        self._spellings = frozenset(self._words_of)

    def share(self, terms: frozenset[str]) -> float:
        """The share of the question's words that are among these terms in any spelling."""
        words = {word for spelling in self._spellings & terms for word in self._words_of[spelling]}
        return sum(self._shares[word] for word in words)


def highlight(text: str, sentences: Sequence[Sentence], telling: TermWeights) -> tuple[Span, ...]:
    """Spans in a window's text, in order, neighbouring sentences joined; the whole window where words do not tell.

    Args:
        text: the window.
        sentences: its sentences.
        telling: the question.
    """
    held = [telling.share(each.terms) for each in sentences]
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
