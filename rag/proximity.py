"""Words that stand near each other in a question and in a window: "infected cells" says more than both words apart.

The sequential dependence model (Metzler and Croft 2005, "A Markov Random Field Model for Term Dependencies"), by pairs of
words in any order and without its counts: a window has a pair or not.
"""

from collections.abc import Sequence

import numpy as np

from index.lexicon import Lexicon
from index.stores import Ids, Scores, WordStore
from rag.coverage import AskedWord

_APART = 2
"""Words of a question that are paired stand next to each other or with one between, function words not counted; with 1 to 4
results are the same."""

_REACH = 8
"""Words within which both must stand in a window: Metzler and Croft's four for each word. From 6 to 12 results are the same."""


def pairs_covered(store: WordStore, rows: Ids, words: Sequence[AskedWord]) -> Scores:
    """For some entries the share of the question's pairs, by weight, that stand near each other in them, in [0, 1].

    A pair weighs what its words tell on average (idf), by their distance in the question.

    Args:
        store: the entries.
        rows: which of them, by their places among its ids.
        words: the words of the question that tell something, in order.
    """
    weights = _weights(words, store.lexicon)
    shares = np.zeros(len(rows), np.float32)
    if not weights.any():
        return shares
    places, asked, entries = _occurrences(store, rows, words)
    found = []
    for step in range(1, _REACH + 1):
        near = np.flatnonzero(places[step:] - places[:-step] <= _REACH)
        if not len(near):
            break
        one, other = asked[near], asked[near + step]
        found.append((entries[near] * len(words) + np.minimum(one, other)) * len(words) + np.maximum(one, other))
    if found:
        entry, pair = np.divmod(np.unique(np.concatenate(found)), len(words) ** 2)
        np.add.at(shares, entry, weights.ravel()[pair])
    return shares


def _weights(words: Sequence[AskedWord], lexicon: Lexicon) -> Scores:
    """The share of each pair, shape (words, words), the earlier word first; 0 for words that are not paired."""
    telling = np.array([lexicon.idf(word.term) for word in words], np.float32)
    weights = np.zeros((len(words), len(words)), np.float32)
    for apart in range(1, min(_APART, len(words) - 1) + 1):
        np.fill_diagonal(weights[:, apart:], (telling[:-apart] + telling[apart:]) / (2 * apart))
    total = weights.sum()
    return weights / total if total else weights


def _occurrences(store: WordStore, rows: Ids, words: Sequence[AskedWord]) -> tuple[Ids, Ids, Ids]:
    """Where words of the question occur, in order: the place, which word of the question it is, and in which of the entries.

    Places of different entries are further apart than any pair.
    """
    texts, ends = store.words(rows)
    standing = np.zeros(len(store.lexicon.frequencies), np.int32)
    for position in reversed(range(len(words))):
        for spelling, _ in words[position].spellings.spellings:
            if (number := store.number(spelling)) is not None:
                standing[number] = position + 1
    occurring = standing[texts]
    places = np.flatnonzero(occurring)
    entries = np.searchsorted(ends, places, "right")
    return places + entries * (_REACH + 1), occurring[places].astype(np.int64) - 1, entries
