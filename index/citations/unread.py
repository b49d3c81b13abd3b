"""The words of a citation line that no field accounts for: what a reader of the report has to know was not read."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from index.citations.csl import DATE_FIELDS
from index.citations.dates import date_spans
from index.citations.locators import LABELS as LOCATOR_LABELS
from index.citations.tagger_features import LABELS, words_of
from index.records import CslItem, Locator

_KNOWN = frozenset(
    """
    a about accessed al alii and aus available by c ca circa cited co compiled coll copyright d'après da dalla dans de
    dem den der des di dir doi du d e edited edition en ff for forthcoming from here herausgegeben hier i ibid in intro
    introduced introduction isbn issn item jstor kindle l la last le les location medium n.d n.p no nach near note of on
    online orig others p part par passim pdf por print published quoted read red reprint reprinted repr retrieved
    revised s.a s.l schriften see seq series ser sine special sub the to trad transcript translated typescript u u.a
    under url v viewed visited vol vols volumes von web with www x y year и под г
    """.split()
)
_CORE = re.compile(r"^\W*(.*?)\W*$", re.DOTALL)
_ORDINAL = re.compile(r"([0-9]{1,3})(?:st|nd|rd|th|d|e|er|re|ème|ª|º)")
_EDGES = " ,.;:()[]“”\"'«»„"
_ISBN = re.compile(r"ISBN(?:-1[03])?:?\s?[0-9][0-9Xx–-]{8,16}", re.IGNORECASE)


def unread(line: str, csl: CslItem, where: Locator | None) -> tuple[str, ...]:
    """Runs of words of a bare line that stand in no field of its item, in order, each a slice of the line."""
    read = bytearray(len(line))
    for text in sorted({*_strings(csl), *((where.value, where.note) if where else ())}, key=len, reverse=True):
        _mark(line, text, read)
    for name in DATE_FIELDS & csl.keys():
        for part in csl[name].get("date-parts", []):
            for start, end in date_spans(line, part[0]):
                read[start:end] = b"\1" * (end - start)
    for found in _ISBN.finditer(line):
        read[found.start() : found.end()] = b"\1" * len(found[0])
    return tuple(_runs(line, read, csl))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "type":
                yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def places_of(line: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a text stands in a line as whole words, from the left."""
    start = line.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        begins = start == 0 or not (line[start - 1].isalnum() and text[0].isalnum())
        ends = end == len(line) or not (line[end].isalnum() and text[-1].isalnum())
        if begins and ends:
            yield start, end
        start = line.find(text, start + 1)


def _mark(line: str, text: str, read: bytearray) -> None:
    """Marks the first place of a text that is not read yet."""
    for start, end in places_of(line, text):
        if 0 in read[start:end]:
            read[start:end] = b"\1" * len(text)
            return


def _runs(line: str, read: bytearray, csl: CslItem) -> Iterator[str]:
    """Unread words, with the known words between them; a label for pages is only known where a number follows that was read."""
    words = words_of(line)
    marked = [1 in read[word.start : word.end] for word in words] + [False]
    start = end = -1
    for place, word in enumerate(words):
        if 0 not in read[word.start : word.end]:
            if start >= 0:
                yield line[start:end].strip(_EDGES)
                start = -1
            continue
        core = _core(line[word.start : word.end]).casefold()
        if core in LOCATOR_LABELS and not marked[place] and not marked[place + 1]:
            known = False
        elif _is_read(line, word.start, word.end, read, csl):
            if marked[place] and start >= 0:
                yield line[start:end].strip(_EDGES)
                start = -1
            known = True
        else:
            known = False
        if not known:
            start, end = (word.start if start < 0 else start), word.end
    if start >= 0:
        yield line[start:end].strip(_EDGES)


def _is_read(line: str, start: int, end: int, read: bytearray, csl: CslItem) -> bool:
    left = line[start:end]
    if 1 in read[start:end]:
        left = "".join(sign if not read[place] else " " for place, sign in enumerate(left, start)).strip()
    core = _core(left)
    if _is_known(core.casefold()):
        return True
    ordinal = _ORDINAL.fullmatch(core.casefold())
    return ordinal is not None and csl.get("edition") == ordinal[1]


@lru_cache(maxsize=8192)
def _core(word: str) -> str:
    """A word without the signs around it."""
    return _CORE.sub(r"\1", word)


@lru_cache(maxsize=8192)
def _is_known(small: str) -> bool:
    """Whether a word without the signs around it says nothing that a field could hold."""
    known = not small or small in LABELS or small in LOCATOR_LABELS or small in _KNOWN
    return known or all(part in _KNOWN for part in small.split(".")) or not any(sign.isalnum() for sign in small)
