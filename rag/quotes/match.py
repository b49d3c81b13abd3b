"""Finds folded text in a collection's excerpts: whole words only, every dash doing what it does in the source."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from rag.quotes.borders import cuts_word, dash_kind
from rag.quotes.fold import Folded, fold

_WORD = re.compile(r"\w+")
_ANCHORS = 4
"""So many of a text's rarest words choose the excerpts that are searched through."""


class Occurrence(msgspec.Struct, frozen=True):
    """Where a folded text stands: excerpt number ``row``, folded ``[start, end)``."""

    row: int
    start: int
    end: int


class QuoteIndex:
    """The excerpts of one collection generation, folded once, and for each word the excerpts that hold it.

    Building folds every text (about 3 MB a second); a look-up then takes well under a millisecond, and memory is about
    four bytes a character. It never changes afterwards, so threads may share it.
    """

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Takes (excerpt id, text) pairs."""
        self.ids: list[str] = []
        self._originals: list[str] = []
        self._keys: list[str] = []
        self._rows_of: dict[str, array[int]] = {}
        for row, (excerpt_id, text) in enumerate(texts):
            key = fold(text).text
            self.ids.append(excerpt_id)
            self._originals.append(text)
            self._keys.append(key)
            for word in set(words(key)):
                self._rows_of.setdefault(word, array("I")).append(row)

    def __len__(self) -> int:
        return len(self.ids)

    def original(self, row: int) -> str:
        """The text of an excerpt as it was given."""
        return self._originals[row]

    def folded(self, row: int) -> Folded:
        """An excerpt's folded text with its way back."""
        return fold(self._originals[row])

    def frequency(self, word: str) -> int:
        """How many excerpts hold a folded word."""
        return len(self._rows_of.get(word, ()))

    def rows_with(self, word: str) -> Sequence[int]:
        """The excerpts that hold a folded word, ascending."""
        return self._rows_of.get(word, ())

    def candidates(self, key: str) -> list[int]:
        """The excerpts that hold every word of a folded text, ascending; none where it has no words."""
        asked = sorted(set(words(key)), key=self.frequency)
        if not asked or not self.frequency(asked[0]):
            return []
        rows = set(self._rows_of[asked[0]])
        for word in asked[1:_ANCHORS]:
            rows.intersection_update(self._rows_of[word])
        return sorted(row for row in rows if len(self._keys[row]) >= len(key))

    def find(self, quote: Folded, rows: Iterable[int] | None = None) -> Iterator[Occurrence]:
        """Where a folded text stands, in order; only in ``rows`` where given."""
        key = quote.text
        if not words(key):
            return
        for row in self.candidates(key) if rows is None else rows:
            if key in self._keys[row]:
                yield from occurrences(quote, self.folded(row), row)


def occurrences(quote: Folded, source: Folded, row: int) -> Iterator[Occurrence]:
    """Every place of a source where the quote stands as whole words, its dashes compatible."""
    at = source.text.find(quote.text)
    while at >= 0:
        end = at + len(quote.text)
        if not cuts_word(source, at) and not cuts_word(source, end) and _same_dashes(quote, source, at):
            yield Occurrence(row, at, end)
        at = source.text.find(quote.text, at + 1)


def words(key: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORD.findall(key)


def _same_dashes(quote: Folded, source: Folded, at: int) -> bool:
    """False where one side joins a word with a hyphen that the other parts with a dash."""
    dash = quote.text.find("-")
    while dash >= 0:
        if {dash_kind(quote, dash), dash_kind(source, at + dash)} == {"hyphen", "dash"}:
            return False
        dash = quote.text.find("-", dash + 1)
    return True
