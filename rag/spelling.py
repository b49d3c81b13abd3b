"""Other spellings of a question's words, taken from the collection's own lexicon.

Two kinds: the same name romanised another way (Pyatakov, Piatakov), found by a key under which such spellings
are equal; and, for a word that the collection does not have, words within the distance of a typo.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.stores import Lexicon, Term
from index.text import fold
from rag.records import Correction

_ROMANISATION = 0.9
_ONE_SLIP = 0.8
_TWO_SLIPS = 0.6
"""How much another spelling counts: less the less sure it is to be meant. Between .5 and 1 results hardly change."""

_SHORTEST = 4
_TWO_SLIPS_FROM = 8
"""Shorter words are too near to each other: at four letters one slip is a quarter of the word."""

_MOST_SPELLINGS = 4
_SOUNDS = (
    ("kh", "h"),
    ("ts", "c"),
    ("tz", "c"),
    ("ch", "c"),
    ("ck", "k"),
    ("zh", "j"),
    ("ph", "f"),
    ("ou", "u"),
    ("oo", "u"),
    ("y", "i"),
    ("j", "i"),
    ("w", "v"),
    ("x", "ks"),
    ("q", "k"),
    ("iu", "u"),
    ("ia", "a"),
    ("ie", "e"),
)
"""Letters that the common romanisations (BGN/PCGN, ALA-LC, German, French) write for one sound, in order of application."""

_REPEATED = re.compile(r"(.)\1+")


def romanisation_key(word: str) -> str:
    """What romanisations of one name have in common: "pyatakov" and "piatakov" give the same key."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _REPEATED.sub(r"\1", word)


class Speller:
    """Finds the spellings of words in one lexicon. Building it takes some microseconds a term."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._by_key: dict[str, list[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        terms = [term for term in lexicon.frequencies if _respellable(term)]
        # All keys at once: no sound holds a line break.
        for term, key in zip(terms, romanisation_key("\n".join(terms)).split("\n"), strict=bool(terms)):
            self._by_key.setdefault(key, []).append(term)
            self._by_length.setdefault(len(term), []).append(term)

    def spell(self, word: str) -> Term:
        """A term of the lexicon with the spellings that may stand for it, the surest first; the word itself counts 1."""
        known = word in self._lexicon.frequencies
        weights = {word: 1.0} if known else {}
        if _respellable(word):
            others = dict.fromkeys(self._by_key.get(romanisation_key(word), ()), _ROMANISATION)
            weights = {**others, **weights} if known else {**dict(self._slips(word)), **others}
        surest = sorted(weights.items(), key=lambda spelling: (-spelling[1], spelling[0]))
        return Term(tuple(surest[:_MOST_SPELLINGS]))

    def _slips(self, word: str) -> Iterable[tuple[str, float]]:
        """Terms one or, in long words, two slips away: a letter missing, added, wrong or changed with the next (OSA)."""
        reach = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        near = [term for length in range(len(word) - reach, len(word) + reach + 1) for term in self._by_length.get(length, ())]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=reach, limit=_MOST_SPELLINGS)
        for term, distance, _ in found:
            yield term, _ONE_SLIP if distance <= 1 else _TWO_SLIPS


def _respellable(term: str) -> bool:
    return len(term) >= _SHORTEST and term.isalpha()


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

_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST},}}")


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
        self._by_start: dict[tuple[str, int], list[str]] = {}
        for word in written:
            if _WORD.fullmatch(word):
                self._by_start.setdefault((word[0], len(word)), []).append(word)
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
        near = [candidate for length in lengths for candidate in self._by_start.get((folded[0], length), ())]
        if len(folded) < _SWAPPED_FROM:
            near = [each for each in near if len(each) != len(folded) or sorted(each) == sorted(folded)]
        found = process.extract(folded, near, scorer=OSA.distance, score_cutoff=reach, limit=None)
        return min(found, key=lambda each: (each[1], -self._written[each[0]], each[0]))[0] if found else None

    def _is_known(self, word: str, folded: str) -> bool:
        return (
            folded in self._written
            or any(term in self._lexicon.frequencies for term in self._lexicon.terms(word))
            or min(self._count_tokens([word, *_without_endings(word)])) <= self._one_piece
        )


def _without_endings(word: str) -> list[str]:
    bare = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return [each for each in bare if len(each) >= _SHORTEST]
