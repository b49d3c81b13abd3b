"""Reads the ``[n]`` citations of an answer in the forms language models write them.

``[1]``, ``[1, 2]``, ``[1-3]``, ``[1][2]``, ``【1】``, ``【1†source】``, ``[Passage 1]``, ``[^1]`` and escaped brackets all cite
passage 1. More than three digits are a year.
"""

from itertools import pairwise

import msgspec
import regex

from rag.records import Span

_LABEL = r"(?:\^|(?:passages?|sources?|excerpts?|documents?|docs?|refs?\.?)\s?)?"
_JOIN = r"\s?(?:[-–—,;&]|and)\s?"
_CITATION = regex.compile(
    rf"""\\?[\[【]\s?{_LABEL}(?P<numbers>\d{{1,3}}(?:{_JOIN}{_LABEL}\d{{1,3}}){{0,30}})\s?(?:†[^\]】\n]{{0,40}})?\\?[\]】]""",
    regex.IGNORECASE,
)
_RANGE = regex.compile(r"(\d{1,3})\s?[-–—]\s?(\d{1,3})|(\d{1,3})")
_GLUE = regex.compile(r"[\s,;]{0,3}\Z")


class CitationMark(msgspec.Struct, frozen=True):
    """A citation as written: ``text[span]``, and the numbers it gives, in order."""

    span: Span
    raw: str
    numbers: tuple[int, ...]

    def kept(self, given: int) -> tuple[int, ...]:
        """The numbers that name one of ``given`` passages."""
        return tuple(number for number in self.numbers if 1 <= number <= given)


def find_citations(text: str) -> list[CitationMark]:
    """All citations of a text in order; a range written backwards gives its two ends."""
    return [CitationMark(Span(*match.span()), match[0], _numbers(match["numbers"])) for match in _CITATION.finditer(text)]


def groups(text: str, marks: list[CitationMark]) -> list[list[CitationMark]]:
    """Citations that stand side by side, as ``[1][2]`` does, belong together."""
    together = [[mark] for mark in marks[:1]]
    for left, right in pairwise(marks):
        if _GLUE.match(text[left.span.end : right.span.start]):
            together[-1].append(right)
        else:
            together.append([right])
    return together


def without_citations(text: str) -> str:
    """The text without its citations and the space before each."""
    for mark in reversed(find_citations(text)):
        text = text[: mark.span.start].rstrip(" ") + text[mark.span.end :]
    return text


def _numbers(written: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for first, last, single in _RANGE.findall(written):
        low, high = (int(single), int(single)) if single else (int(first), int(last))
        numbers += range(low, high + 1) if low <= high else (low, high)
    return tuple(dict.fromkeys(numbers))
