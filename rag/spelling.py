"""Other spellings of a question's words, taken from the collection's own lexicon.

Two kinds: the same name romanised another way (Pyatakov, Piatakov), found by a key under which such spellings
are equal; and, for a word that the collection does not have, words within the distance of a typo.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.stores import Lexicon, Term, starting_with
from index.stores.spellings import respellable
from index.text import fold
from rag.records import Correction

_ROMANISATION = 0.9
_ONE_SLIP = 0.8
_TWO_SLIPS = 0.6
"""How much another spelling counts: less the less sure it is to be meant. Between .5 and 1 results hardly change."""

_TWO_SLIPS_FROM = 8
"""Letters from which two slips are forgiven."""

_MOST_SPELLINGS = 4


class Speller:
    """Finds the spellings of words in one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def spell(self, word: str) -> Term:
        """A term of the lexicon with the spellings that may stand for it, the surest first; the word itself counts 1."""
        known = word in self._lexicon.frequencies
        weights = {word: 1.0} if known else {}
        if respellable(word):
            others = dict.fromkeys(self._lexicon.spellings.romanised(word), _ROMANISATION)
            weights = {**others, **weights} if known else {**dict(self._slips(word)), **others}
        surest = sorted(weights.items(), key=lambda spelling: (-spelling[1], spelling[0]))
        return Term(tuple(surest[:_MOST_SPELLINGS]))

    def _slips(self, word: str) -> Iterable[tuple[str, float]]:
        """Terms one or, in long words, two slips away: a letter missing, added, wrong or changed with the next (OSA)."""
        reach = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        near = [
            term
            for length in range(len(word) - reach, len(word) + reach + 1)
            for term in self._lexicon.spellings.of_length(length)
        ]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=reach, limit=_MOST_SPELLINGS)
        for term, distance, _ in found:
            yield term, _ONE_SLIP if distance <= 1 else _TWO_SLIPS


# Typos in a question, corrected before the search: they spoil vectors even more than words.
#
# A word is a typo if it is neither in the collection's vocabulary, in any form, nor a single token of the embedder. It is
# replaced by the collection's nearest word with the same first letter, which typos seldom change. Abbreviations (capitals
# inside a word) are never corrected.

CountTokens = Callable[[Sequence[str]], list[int]]


_SWAPPED_FROM = 6
"""Letters from which one letter may stand for another: of shorter words the result is mostly another word ("suey", "sued")."""

_ENDINGS = ("s", "es", "d", "ed", "r", "er", "rs", "ers", "ing", "ly")
"""Endings of English without which an embedder may read a word in one piece ("handlers")."""

_REMEMBERED = 4096
"""Words of questions that are kept with what they mean: people ask about the same things."""

_WORD = re.compile(r"[^\W\d_]{4,}")

_SHORTEST_BARE = 4
"""Letters that a word without its ending has at least."""

_LETTERS = 64
"""First letters whose words are kept once they were read."""


class Corrector:
    """Corrects questions to one collection.

    Args:
        lexicon: the collection's terms.
        written: the folded words of its texts, by how many excerpts hold them.
        count_tokens: the embedder's count of word pieces of each text, special tokens included.
    """

    def __init__(self, lexicon: Lexicon, written: Mapping[str, int], count_tokens: CountTokens) -> None:
        self._lexicon = lexicon
        self._written = written
        self._count_tokens = count_tokens
        self._one_piece = count_tokens([""])[0] + 1
        self._starting = lru_cache(_LETTERS)(self._by_length)
        self._meant = lru_cache(_REMEMBERED)(self._nearest)

    def correct(self, words: str) -> tuple[str, tuple[Correction, ...]]:
        """The words with slips put right, and what was put right, in order."""
        corrections: list[Correction] = []

        def put_right(found: re.Match[str]) -> str:
            word = found.group()
            meant = self._meant(word)
            if meant:
                corrections.append(Correction(word, meant))
            return meant or word

        return _WORD.sub(put_right, words), tuple(corrections)

    def _nearest(self, word: str) -> str | None:
        """The word meant, None where the word is known or nothing is near; of words equally near the commonest."""
        folded = fold(word)
        if word[1:] != word[1:].lower() or self._is_known(word, folded):
            return None
        reach = 2 if len(folded) >= _TWO_SLIPS_FROM else 1
        lengths = range(len(folded) - reach, len(folded) + reach + 1)
        starting = self._starting(folded[0])
        near = [candidate for length in lengths for candidate in starting.get(length, ())]
        if len(folded) < _SWAPPED_FROM:
            near = [each for each in near if len(each) != len(folded) or sorted(each) == sorted(folded)]
        found = process.extract(folded, near, scorer=OSA.distance, score_cutoff=reach, limit=None)
        return min(found, key=lambda each: (each[1], -self._written[each[0]], each[0]))[0] if found else None

    def _by_length(self, letter: str) -> dict[int, list[str]]:
        """The words that begin with a letter, by their length."""
        found: dict[int, list[str]] = {}
        for word in starting_with(self._written, letter):
            if _WORD.fullmatch(word):
                found.setdefault(len(word), []).append(word)
        return found

    def _is_known(self, word: str, folded: str) -> bool:
        return (
            folded in self._written
            or any(term in self._lexicon.frequencies for term in self._lexicon.terms(word))
            or min(self._count_tokens([word, *_without_endings(word)])) <= self._one_piece
        )


def _without_endings(word: str) -> list[str]:
    bare = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return [each for each in bare if len(each) >= _SHORTEST_BARE]
