"""Terms by how they are spelled: those that romanise one name, and those of one length, which typos are looked for among."""

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from index.stores import Numbers

_SHORTEST = 4
"""Shorter words are too near to each other: at four letters one slip is a quarter of the word."""

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

Hashes = npt.NDArray[np.uint32]


def romanisation_key(word: str) -> str:
    """What romanisations of one name have in common: "pyatakov" and "piatakov" give the same key."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return _REPEATED.sub(r"\1", word)


def respellable(term: str) -> bool:
    """Whether a term has other spellings at all: it is a word of some length."""
    return len(term) >= _SHORTEST and term.isalpha()


class Spellings(Protocol):
    """The terms of a lexicon that have other spellings."""

    def romanised(self, word: str) -> Iterable[str]:
        """Those with the romanisation key of a word, ascending; the word itself may be among them."""
        ...

    def of_length(self, length: int) -> Sequence[str]:
        """Those of so many characters, ascending."""
        ...


class Keyed(NamedTuple):
    """The terms that have other spellings, by number, in the order of the hashes of their romanisation keys."""

    hashes: Hashes
    numbers: Numbers


def keyed(terms: Iterable[str]) -> Keyed:
    """The terms as they are looked up by their romanisation keys."""
    own = [(number, term) for number, term in enumerate(terms) if respellable(term)]
    # All keys at once: no sound holds a line break.
    keys = romanisation_key("\n".join(term for _, term in own)).split("\n") if own else []
    hashes = np.array([_hash(key) for key in keys], np.uint32)
    order = np.argsort(hashes, kind="stable")
    return Keyed(hashes[order], np.array([number for number, _ in own], np.int32)[order])


def numbers_keyed(by_key: Keyed, key: str) -> list[int]:
    """The numbers of the terms that may have a romanisation key: hashes may be alike."""
    wanted = np.uint32(_hash(key))
    first, last = np.searchsorted(by_key.hashes, wanted), np.searchsorted(by_key.hashes, wanted, "right")
    numbers: list[int] = by_key.numbers[first:last].tolist()
    return numbers


class ListedSpellings:
    """The spellings of terms in memory."""

    def __init__(self, terms: Mapping[str, int]) -> None:
        self._terms = terms

    def romanised(self, word: str) -> Iterable[str]:
        """As the contract says."""
        return self._by_key.get(romanisation_key(word), ())

    def of_length(self, length: int) -> Sequence[str]:
        """As the contract says."""
        return self._by_length.get(length, ())

    @cached_property
    def _by_key(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        terms = [term for term in self._terms if respellable(term)]
        for term, key in zip(terms, romanisation_key("\n".join(terms)).split("\n"), strict=bool(terms)):
            found.setdefault(key, []).append(term)
        return found

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for term in filter(respellable, self._terms):
            found.setdefault(len(term), []).append(term)
        return found


def _hash(key: str) -> int:
    return zlib.crc32(key.encode("utf-8", "surrogatepass"))
