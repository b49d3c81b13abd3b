"""The sentences of an excerpt that answer best: those of its best window that hold the question's words."""

import re
from collections.abc import Callable, Sequence

import msgspec

from index.windows import split_sentences
from rag.passage_reader import Reading
from rag.records import Span

_TELLING = 0.6
"""Share of the question's words, by weight, that one sentence must hold to be picked out of its window; with fewer,
the vector found the window by its sense, and sentences cannot be told apart by words."""

_NEARLY_BEST = 0.7
"""Sentences that hold this much of what the best one holds are shown with it."""

_LONGEST = 150
"""Characters of a highlight around an answer, unless the answer itself is longer."""

_SURE_MARGIN = 1.0
"""The margin of a reading from which its span is the highlight: below, the sentences that the words choose hold the answer more
often (docs/reader-model.md)."""

_GAP = re.compile(r"\s+")


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


def highlight(text: str, sentences: Sequence[Sentence], telling: TermWeights, reading: Reading | None = None) -> tuple[Span, ...]:
    """Spans in a window's text, in order, neighbouring sentences joined; the whole window where words do not tell.

    Where the reader has found an answer it is the answer's sentence, or the words around the answer in a long one.

    Args:
        text: the window.
        sentences: its sentences.
        telling: the question.
        reading: what the reader found in this window, where it has read it.
    """
    if reading is not None and reading.margin > _SURE_MARGIN:
        return (_around(text, sentences, reading),)
    held = [telling.share(each.terms) for each in sentences]
    best = max(held, default=0.0)
    if best < _TELLING:
        return (Span(0, len(text)),)
    chosen = [sentence for sentence, share in zip(sentences, held, strict=True) if share >= _NEARLY_BEST * best]
    return tuple(Span(start, end) for start, end in _joined(text, chosen))


def _around(text: str, sentences: Sequence[Sentence], reading: Reading) -> Span:
    """The sentence that holds the answer; of a long one the words next to the answer."""
    holding = [each for each in sentences if each.start < reading.end and each.end > reading.start]
    start = min((each.start for each in holding), default=reading.start)
    end = max((each.end for each in holding), default=reading.end)
    spare = max(0, _LONGEST - (reading.end - reading.start)) // 2
    if end - start > _LONGEST:
        start = max(start, _word_start(text, reading.start - spare, reading.start))
        end = min(end, _word_end(text, reading.end, reading.end + spare))
    return Span(start, end)


def _word_start(text: str, earliest: int, latest: int) -> int:
    """The first place from ``earliest`` on at which a word starts, ``latest`` at the latest."""
    if earliest <= 0:
        return 0
    gap = _GAP.search(text, earliest - 1, latest)
    return gap.end() if gap else latest


def _word_end(text: str, earliest: int, latest: int) -> int:
    """The last place up to ``latest`` at which a word ends, ``earliest`` at the earliest."""
    if latest >= len(text):
        return len(text)
    gaps = list(_GAP.finditer(text, earliest, latest + 1))
    return gaps[-1].start() if gaps else earliest


def _joined(text: str, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for sentence in sentences:
        if joined and not text[joined[-1][1] : sentence.start].strip():
            joined[-1] = (joined[-1][0], sentence.end)
        else:
            joined.append((sentence.start, sentence.end))
    return joined
