"""Reads the ``[n]`` citations of an answer in the forms language models write them, never inside code.

``[1]``, ``[1, 2]``, ``[1-3]``, ``[1][2]``, ``【1】``, ``【1†source】``, ``[Passage 1]``, ``[^1]``, escaped brackets and
``[1](address)`` all cite passage 1; the address is the model's invention and goes. More than three digits are a year.
"""

from itertools import pairwise

import msgspec
import regex

from rag.markdown import hide_opaque
from rag.records import Span

_LABEL = r"(?:\^|(?:passages?|sources?|excerpts?|documents?|docs?|refs?\.?)\s?)?"
_JOIN = r"\s?(?:[-–—,;&]|and)\s?"
_CITATION = regex.compile(
    rf"""\\?[\[【]\s?{_LABEL}(?P<numbers>\d{{1,3}}(?:{_JOIN}{_LABEL}\d{{1,3}}){{0,30}})\s?(?:†[^\]】\n]{{0,40}})?\\?[\]】]""",
    regex.IGNORECASE,
)
_DEFINITION = regex.compile(r"^ {0,3}\[\^?\d{1,3}\]:[^\n]*(?:\n|\Z)", regex.MULTILINE)
_RANGE = regex.compile(r"(\d{1,3})\s?[-–—]\s?(\d{1,3})|(\d{1,3})")
_LINK_TARGET = regex.compile(r"\([^()\n]{0,2000}\)")
_GLUE = regex.compile(r"[\s,;]{0,3}\Z")


class CitationMark(msgspec.Struct, frozen=True):
    """A citation as written: ``text[span]``, and the numbers it gives, in order.

    ``definition`` marks a footnote's or link's definition line, which cites nothing.
    """

    span: Span
    raw: str
    numbers: tuple[int, ...]
    definition: bool = False

    def shown(self, given: int) -> str:
        """The citation as an answer shows it: those of its numbers that name one of ``given`` passages."""
        kept = self.kept(given)
        return (
            self.raw
            if kept and self.raw == f"[{', '.join(map(str, self.numbers))}]" and kept == self.numbers
            else _brackets(kept)
        )

    def kept(self, given: int) -> tuple[int, ...]:
        """The numbers that name a passage."""
        return () if self.definition else tuple(number for number in self.numbers if 1 <= number <= given)


def find_citations(text: str) -> list[CitationMark]:
    """All citations of a text in order; a range written backwards gives its two ends."""
    hidden = hide_opaque(text)
    found = [_definition(text, match) for match in _DEFINITION.finditer(hidden)]
    taken = [mark.span for mark in found]
    for match in _CITATION.finditer(hidden):
        if not any(span.start <= match.start() < span.end for span in taken):
            end = match.end()
            target = _LINK_TARGET.match(text, end)
            span = Span(match.start(), target.end() if target else end)
            found.append(CitationMark(span, text[span.start : span.end], _numbers(match["numbers"])))
    return sorted(found, key=lambda mark: mark.span.start)


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


def _definition(text: str, match: regex.Match[str]) -> CitationMark:
    return CitationMark(Span(*match.span()), text[match.start() : match.end()], (), definition=True)


def _numbers(written: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for first, last, single in _RANGE.findall(written):
        low, high = (int(single), int(single)) if single else (int(first), int(last))
        numbers += range(low, high + 1) if low <= high else (low, high)
    return tuple(dict.fromkeys(numbers))


def _brackets(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in numbers)
