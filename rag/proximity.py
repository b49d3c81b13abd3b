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


def pairs_covered(store: WordStore, words: Sequence[AskedWord]) -> Scores:
    """For every entry the share of the question's pairs, by weight, that stand near each other in it, in [0, 1].

    A pair weighs what its words tell on average (idf), by their distance in the question.

    Args:
        store: the entries.
        words: the words of the question that tell something, in order.
    """
    shares = np.zeros(len(store.ids), np.float32)
    pairs, weights = _pairs(words, store.lexicon)
    if not len(weights):
        return shares
    places, asked = _occurrences(store, words)
    first, second = _near(places)
    pair = pairs[asked[first] * len(words) + asked[second]]
    paired = np.flatnonzero(pair >= 0)
    first, second, pair = places[first[paired]], places[second[paired]], pair[paired]
    entries = np.searchsorted(store.ends, first, "right")
    within = np.flatnonzero(second < store.ends[entries])
    found = np.sort(entries[within] * len(weights) + pair[within])
    once = np.concatenate([found[:-1][found[1:] > found[:-1]], found[-1:]])
    entry, pair = np.divmod(once, len(weights))
    np.add.at(shares, entry, weights[pair])
    return shares


def _pairs(words: Sequence[AskedWord], lexicon: Lexicon) -> tuple[Ids, Scores]:
    """Which pair two words of the question are, at ``one * len(words) + other`` and the other way round, or -1; their shares."""
    count = len(words)
    telling = [lexicon.idf(word.term) for word in words]
    paired = [(one, other) for other in range(count) for one in range(max(0, other - _APART), other)]
    pairs = np.full(count * count, -1, np.int64)
    for number, (one, other) in enumerate(paired):
        pairs[one * count + other] = pairs[other * count + one] = number
    weights = [(telling[one] + telling[other]) / (other - one) for one, other in paired]
    return pairs, np.array(weights, np.float32) / np.float32(sum(weights) or 1)


def _occurrences(store: WordStore, words: Sequence[AskedWord]) -> tuple[Ids, Ids]:
    """Where words of the question stand, ascending, and which of them: a spelling that several share is the first one's."""
    standing: dict[str, int] = {}
    for position, word in enumerate(words):
        for spelling, _ in word.spellings.spellings:
            standing.setdefault(spelling, position)
    # Which word of the question it is rides along in the lowest bits of a place.
    bits = len(words).bit_length()
    occurrences = [(store.places(spelling).astype(np.int64) << bits) + at for spelling, at in standing.items()]
    marked = np.sort(np.concatenate([np.empty(0, np.int64), *occurrences]))
    return marked >> bits, marked & ((1 << bits) - 1)


def _near(places: Ids) -> tuple[Ids, Ids]:
    """Which of these places, ascending, stand within reach of each other, by twos."""
    near = np.flatnonzero(places[1:] - places[:-1] <= _REACH)
    first, second = [near], [near + 1]
    for step in range(2, _REACH + 1):
        near = near[: np.searchsorted(near, len(places) - step)]
        near = near[places[near + step] - places[near] <= _REACH]
        if not len(near):
            break
        first.append(near)
        second.append(near + step)
    return np.concatenate(first), np.concatenate(second)
