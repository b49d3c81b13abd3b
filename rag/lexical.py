"""How much of a question's words an entry covers: BM25 as a share of what no entry could exceed.

A share is comparable between questions and between collections, which BM25 is not: the words of one question are
rarer than those of another, and one question has more of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from index.stores import Ids, Lexicon, Scores, Term, WordStore
from index.stores.analysis import is_function_word, is_gram, language_of, word_stems, written_words
from rag.spelling import Speller

FUNCTION_WEIGHT = 0.5
"""What a function word counts beside others. Left out, they are missed on XQuAD and COVID-QA; counted fully, they
mislead on questions typed the way people type."""

_REMEMBERED = 4096
"""Words that are kept as they are searched: people ask about the same things."""


class AskedWord(msgspec.Struct, frozen=True):
    """One term of a question, as it is searched in one collection.

    Args:
        term: the word's stem.
        spellings: what is searched for it.
        idf: how much it tells (index.stores).
        weight: how much it counts.
        near: the BM25 score that no window could exceed for it, and
        whole: the one that no excerpt could.
        windows: how many windows hold it, in any spelling.
        gram: whether it is a pair of letters of a script without spaces, which overlaps the next such pair.
    """

    term: str
    spellings: Term
    idf: float
    weight: float
    near: float
    whole: float
    windows: int
    gram: bool = False


class AskedWords:
    """The words of one question; ``near`` and ``whole`` are the BM25 scores that no window and no excerpt could exceed.

    ``known`` is how well the embedder knows their language, and ``allowed`` what that allows for in a judgement.
    """

    def __init__(self, words: Sequence[AskedWord], language: str = "", known: float = 1.0) -> None:
        self.language = language
        self.known = known
        self.allowed = 0.0
        self.terms = tuple(word.spellings for word in words)
        self.telling_words = tuple({word.term: word for word in words if word.weight == 1 and not word.gram}.values())
        self.near = sum(word.near for word in words)
        self.whole = sum(word.whole for word in words)
        self._words = words

    def telling(self) -> list[tuple[frozenset[str], float]]:
        """For each word its spellings, and its share of what all words tell (idf); the shares add up to 1."""
        weights = [word.weight * word.idf for word in self._words]
        total = sum(weights)
        return [
            (frozenset(spelling for spelling, _ in word.spellings.spellings), weight / total)
            for word, weight in zip(self._words, weights, strict=True)
            if total
        ]


class QuestionReader:
    """Finds the words of questions in the lexicon of a collection's windows, and of its excerpts; thread-safe.

    Windows and excerpts are made of the same words.
    """

    def __init__(self, windows: Lexicon, excerpts: Lexicon) -> None:
        self._windows = windows
        self._excerpts = excerpts
        self._speller = Speller(windows)
        self._asked = lru_cache(_REMEMBERED)(self._ask)

    def understand(self, words: str) -> AskedWords:
        """The words of a question; function words count less beside others, and fully where there are no others.

        Each is looked for as its stems in the question's own language and in all of the collection's.
        """
        own = language_of(words, self._windows.languages) or self._windows.languages[0]
        written = written_words(words, own)
        others = not all(is_function_word(word, own) for word in written)
        asked = (self._asked(word, own, others) for word in written)
        return AskedWords([word for word in asked if word], own)

    def _ask(self, written: str, own: str, others: bool) -> AskedWord | None:
        """None for what folding leaves nothing of."""
        less = others and is_function_word(written, own)
        weight = FUNCTION_WEIGHT if less else 1.0
        stems = self._stems(written, own)
        if not stems:
            return None
        term = next((stem for stem in stems if stem in self._windows.frequencies), stems[0])
        spellings = Term(tuple((stem, weight) for stem in stems)) if less else self._spelled(stems)
        return AskedWord(
            term,
            spellings,
            self._windows.idf(term),
            weight,
            near=weight * self._windows.ceiling(term),
            whole=weight * self._excerpts.ceiling(term),
            windows=sum(self._windows.frequencies.get(spelling, 0) for spelling, _ in spellings.spellings),
            gram=is_gram(written),
        )

    def _stems(self, written: str, own: str) -> tuple[str, ...]:
        """A word as each language has it, its own first."""
        languages = dict.fromkeys((own, *self._windows.languages))
        return tuple(dict.fromkeys(stem for language in languages for stem in word_stems(written, language)))

    def _spelled(self, stems: Sequence[str]) -> Term:
        """Stems of one word with their other spellings; where one of them is known, only of those that are."""
        known = [stem for stem in stems if stem in self._windows.frequencies]
        weights: dict[str, float] = {}
        for stem in known or stems:
            for spelling, weight in self._speller.spell(stem).spellings:
                weights[spelling] = max(weight, weights.get(spelling, 0.0))
        return Term(tuple(sorted(weights.items(), key=lambda spelling: (-spelling[1], spelling[0]))))


def covered(scores: Scores, ceilings: Sequence[float]) -> Scores:
    """BM25 scores, shape (questions, entries), as shares of what no entry could exceed, in [0, 1]: one ceiling a question."""
    most = np.array([ceiling or 1 for ceiling in ceilings], np.float32)
    shares: Scores = scores / most[:, np.newaxis]
    return np.minimum(shares, np.float32(1), out=shares)


# Words that stand near each other in a question and in a window: "infected cells" says more than both words apart.
#
# The sequential dependence model (Metzler and Croft 2005, "A Markov Random Field Model for Term Dependencies"), by pairs of
# words in any order and without its counts: a window has a pair or not.

_APART = 2
"""Words of a question that are paired stand next to each other or with one between, function words not counted; with 1 to 4
results are the same."""

_REACH = 8
"""Words within which both must stand in a window: Metzler and Croft's four for each word. From 6 to 12 results are the same."""


def pairs_covered(store: WordStore, questions: Sequence[Sequence[AskedWord]]) -> Scores:
    """The share of each question's pairs, by weight, that stand near each other in every entry, in [0, 1]; (questions, entries).

    A pair weighs what its words tell on average (idf), by their distance in the question. A question's shares do not depend
    on the others.

    Args:
        store: the entries.
        questions: of each question the words that tell something, in order.
    """
    shares = np.zeros((len(questions), len(store.ids)), np.float32)
    asked = _in_a_row(questions)
    length = int(store.ends[-1]) + _REACH + 1 if len(store.ends) else 0
    places, words = _occurrences(store, asked, length)
    first, second = _near(places)
    one, other = words[first], words[second]
    # Words of two questions are never paired: they stand too far apart in the row.
    paired = np.flatnonzero((one != other) & (np.abs(one - other) <= _APART))
    first, second, one, other = first[paired], second[paired], one[paired], other[paired]
    before = asked.question[one] * length
    entries = np.searchsorted(store.ends, places[first] - before, "right")
    within = np.flatnonzero(places[second] - before < store.ends[entries])
    earlier, apart = np.minimum(one, other)[within], np.abs(one - other)[within]
    cells = asked.question[earlier] * shares.shape[1] + entries[within]
    pairs = earlier * _APART + apart - 1
    # Each pair counts once in an entry.
    found = np.sort(cells * (len(asked.tell) * _APART) + pairs)
    cells, pairs = np.divmod(found[np.diff(found, prepend=-1) > 0], len(asked.tell) * _APART)
    earlier, apart = pairs // _APART, pairs % _APART + 1
    np.add.at(shares.reshape(-1), cells, (asked.tell[earlier] + asked.tell[earlier + apart]) / apart.astype(np.float32))
    return shares


class _Row(NamedTuple):
    """The words of questions one after the other, each question followed by as many gaps as words that are paired may be apart.

    Attributes:
        spellings: what is looked for; a spelling that several words of a question share belongs to the first of them.
        position: the word that each spelling stands for.
        question: the owner of each word, by position.
        tell: the normalised idf of each word, by position: a pair weighs the sum of its words over their distance, and the
            weights of one question's pairs add up to 1.
    """

    spellings: list[str]
    position: Ids
    question: Ids
    tell: Scores


def _in_a_row(questions: Sequence[Sequence[AskedWord]]) -> _Row:
    spellings: list[str] = []
    position: list[int] = []
    question: list[int] = []
    tell: list[float] = []
    for number, words in enumerate(questions):
        standing: dict[str, int] = {}
        for at, word in enumerate(words, len(tell)):
            for spelling, _ in word.spellings.spellings:
                standing.setdefault(spelling, at)
        spellings += standing
        position += standing.values()
        question += [number] * (len(words) + _APART)
        told = [word.idf for word in words]
        total = sum((sum(told[apart:]) + sum(told[: len(told) - apart])) / apart for apart in range(1, _APART + 1))
        tell += [each / (total or 1) for each in told] + [0.0] * _APART
    return _Row(spellings, np.array(position, np.int64), np.array(question, np.int64), np.array(tell, np.float32))


def _occurrences(store: WordStore, asked: _Row, length: int) -> tuple[Ids, Ids]:
    """Where the words stand, ascending, and which of them it is.

    Entries are gone through once for each question, as if they were ``length`` words long: longer than they are, so that words
    of one question are near none of another's.
    """
    places, which = store.places(asked.spellings)
    words = asked.position[which]
    # Which word it is rides along in the lowest bits of a place. There may be many: they are worked on in place.
    bits = len(asked.tell).bit_length()
    marked = asked.question[words]
    marked *= length
    marked += places
    marked <<= bits
    marked += words
    marked.sort()
    np.bitwise_and(marked, (1 << bits) - 1, out=words)
    marked >>= bits
    return marked, words


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
