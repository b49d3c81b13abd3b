"""Late interaction: MaxSim over token vectors, weighted by what words tell."""

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from index.embedders import TextKind, TokenEmbedder, TokenVectors, Vectors
from rag.late_interaction import LateInteraction

DIMENSION = 32


def unit(word: str) -> Vectors:
    """A vector that depends on the word only."""
    drawn = np.random.default_rng(zlib.crc32(word.casefold().encode())).normal(size=DIMENSION)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


class WordVectors:
    """A TokenEmbedder whose tokens are words between spaces."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_tokens(self, texts: Sequence[str], kind: TextKind) -> list[TokenVectors]:
        if kind == "passage":
            self.embedded += texts
        return [self._tokens(text) for text in texts]

    def _tokens(self, text: str) -> TokenVectors:
        spans, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            spans.append((at, at + len(word)))
            at += len(word)
        vectors = np.array([unit(text[start:end]) for start, end in spans], np.float32).reshape(-1, DIMENSION)
        return TokenVectors(vectors, np.array(spans, np.int64).reshape(-1, 2))


def rare(word: str) -> float:
    return 0.0 if word in {"who", "the"} else float(len(word))


def test_a_window_with_the_words_asked_scores_above_one_without() -> None:
    late = LateInteraction(WordVectors())

    with_words, without = late.score("who found the manuscript", rare, ["a monk found one manuscript", "rain fell on Tuesday"])

    assert with_words == pytest.approx(1, abs=0.01)
    assert without < with_words


def test_scores_are_what_a_brute_force_gives() -> None:
    windows = ["a monk found one manuscript", "the abbot sold a manuscript to the king", "manuscript"]
    question = "who sold the manuscript"

    scores = LateInteraction(WordVectors()).score(question, rare, windows)

    weights = np.array([rare(word) for word in question.split()])
    nearest = [[max(float(unit(a) @ unit(b)) for b in window.split()) for a in question.split()] for window in windows]
    assert scores == pytest.approx([float(np.average(each, weights=weights)) for each in nearest], abs=0.01)


def test_a_question_whose_words_tell_nothing_changes_nothing() -> None:
    assert LateInteraction(WordVectors()).score("who the", rare, ["who", "rain"]).tolist() == [0, 0]


def test_no_windows_have_no_scores_and_an_empty_window_scores_nothing() -> None:
    late = LateInteraction(WordVectors())

    assert late.score("manuscript", rare, []).shape == (0,)
    assert late.score("manuscript", rare, ["", "manuscript"])[0] == 0


def test_windows_that_were_looked_at_are_not_embedded_again() -> None:
    embedder = WordVectors()
    late = LateInteraction(embedder)

    first = late.score("manuscript", rare, ["one manuscript", "two"])
    again = late.score("manuscript", rare, ["two", "one manuscript"])

    assert embedder.embedded == ["one manuscript", "two"]
    assert again.tolist() == first[::-1].tolist()


def test_of_more_windows_than_are_kept_those_that_came_first_are_embedded_again() -> None:
    embedder = WordVectors()
    late = LateInteraction(embedder, kept=2)

    for window in ("one", "two", "three", "one"):
        late.score("manuscript", rare, [window])

    assert embedder.embedded == ["one", "two", "three", "one"]


def test_a_word_embedder_is_told_from_one_without_vectors_of_tokens() -> None:
    assert isinstance(WordVectors(), TokenEmbedder)
    assert not isinstance(object(), TokenEmbedder)
