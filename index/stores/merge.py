"""Arithmetic of postings: which entries places of words fall in, and postings that grow by others without being sorted anew."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.stores import Ids, Numbers


class Places(NamedTuple):
    """Terms, ascending, and where each stands among the words of all entries: term ``t`` at ``at[firsts[t]:firsts[t + 1]]``."""

    terms: Sequence[str]
    firsts: Ids
    at: Numbers


class Occurrences(NamedTuple):
    """For each term the entries that hold it, ``rows[starts[t]:starts[t + 1]]``, ascending, and how often each does."""

    starts: Ids
    rows: Numbers
    counts: Ids


def occurrences(places: Places, lengths: Numbers) -> Occurrences:
    """What entries of these lengths hold; every term stands somewhere."""
    entries = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[places.at]
    first = np.ones(len(entries), np.bool_)
    np.not_equal(entries[1:], entries[:-1], out=first[1:])
    first[places.firsts[:-1]] = True
    begins = np.flatnonzero(first)
    starts = np.searchsorted(begins, places.firsts).astype(np.int64)
    return Occurrences(starts, entries[begins], np.diff(begins, append=len(entries)))


def without(places: Places, lengths: Numbers, kept: npt.NDArray[np.bool_]) -> Places:
    """The places that are left where only some entries are kept; terms that none of these holds stand nowhere."""
    if kept.all():
        return places
    words = np.repeat(kept, lengths)
    moved = np.cumsum(words, dtype=np.int32) - np.int32(1)
    left = words[places.at]
    firsts = np.append(0, np.cumsum(left, dtype=np.int64))[places.firsts]
    return Places(places.terms, firsts, moved[places.at[left]])


def together(before: Places, added: Places, offset: int) -> Places:
    """Both, the words of what is added standing ``offset`` words further."""
    terms = tuple(before.terms)
    numbers = [bisect_left(terms, term) for term in added.terms]
    known = np.array(
        [number < len(terms) and terms[number] == term for number, term in zip(numbers, added.terms, strict=True)], np.bool_
    )
    place = np.array(numbers, np.int64)
    # What is added to a term comes after its places, a new term after those of the terms before it.
    at = np.insert(before.at, np.repeat(before.firsts[place + known], np.diff(added.firsts)), added.at + np.int32(offset))
    counts = np.insert(np.diff(before.firsts), place[~known], 0)
    counts[place + np.cumsum(~known) - ~known] += np.diff(added.firsts)
    return Places(_with(terms, added.terms, place, known), np.append(0, np.cumsum(counts)).astype(np.int64), at)


def _with(terms: Sequence[str], added: Sequence[str], place: Ids, known: npt.NDArray[np.bool_]) -> Sequence[str]:
    """The terms with those added that are not known."""
    merged: list[str] = []
    last = 0
    for term, at, is_known in zip(added, place.tolist(), known.tolist(), strict=True):
        if not is_known:
            merged += terms[last:at]
            merged.append(term)
            last = at
    return [*merged, *terms[last:]]
