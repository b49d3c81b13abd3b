"""Slips of the finger in a question, put right before anything is searched: a vector suffers from them even more than words do.

Only a word that nobody knows is taken for a slip: neither the collection has it, in any form, nor does the embedder
read it in one piece, as it reads the words of its language. It becomes the collection's nearest word with the same
first letter, where slips hardly ever are. Abbreviations, told by capitals inside a word, stay as they are.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.lexicon import Lexicon
from index.text import fold
from rag.records import Correction

CountTokens = Callable[[Sequence[str]], list[int]]

_SHORTEST = 4
_TWO_SLIPS_FROM = 8
"""Shorter words are too near to each other: at four letters one slip is a quarter of the word."""

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
        found = process.extract(folded, near, scorer=OSA.distance, score_cutoff=reach, limit=None)
        return min(found, key=lambda each: (each[1], -self._written[each[0]], each[0]))[0] if found else None

    def _is_known(self, word: str, folded: str) -> bool:
        return (
            folded in self._written
            or any(term in self._lexicon.frequencies for term in self._lexicon.terms(word))
            or self._count_tokens([word])[0] <= self._one_piece
        )
