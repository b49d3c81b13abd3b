"""Quotations that a model points to instead of typing them: ``[4:“first words … last words”]``, or the same as JSON.

What is shown is the passage's own text from the first words to the last; so nothing in it can be mistyped.
"""

from collections.abc import Sequence
from itertools import islice

import msgspec
import regex

from rag.quotes.findings import Finding, Place
from rag.quotes.fold import fold
from rag.quotes.match import QuoteIndex, words
from rag.records import Span

LONGEST = 1500
"""A pointer to more characters than this is not followed."""

_MOST_PLACES = 50
_MARK = "“”„\"«»‘’'"
_BRACKETED = regex.compile(
    rf"\[\s?(?:passage\s?)?(?P<number>\d{{1,3}})\s?:\s?[{_MARK}](?P<first>[^\n\[\]]{{1,900}})[{_MARK}]\s?\]", regex.IGNORECASE
)
_JSON = regex.compile(r"\{[^{}]{0,2000}\}")
_BETWEEN = regex.compile(r"\s?(?:…|\.\s?\.\s?\.)\s?")
_NOWHERE = Finding("not_found", note="the passage has no such first and last words in this order, near enough to each other")


class Pointer(msgspec.Struct, frozen=True):
    """Where a pointer stands in the text of a model, and where it points: from ``first`` up to ``last`` in passage ``number``."""

    span: Span
    number: int
    first: str
    last: str

    @property
    def typed(self) -> str:
        """The words that the model gave."""
        return f"{self.first} … {self.last}" if self.last else self.first


class _Json(msgspec.Struct, frozen=True):
    passage: int
    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="to", default="")


def find_pointers(text: str) -> list[Pointer]:
    """All pointers of a text, in order."""
    found: list[Pointer] = []
    for match in _BRACKETED.finditer(text):
        first, *rest = _BETWEEN.split(match["first"])
        if len(rest) <= 1 and first.strip():
            found.append(Pointer(Span(*match.span()), int(match["number"]), first.strip(), "".join(rest).strip()))
    if "passage" in text:
        found += [pointer for match in _JSON.finditer(text) if (pointer := _read_json(match))]
    return sorted(found, key=lambda pointer: pointer.span.start)


def follow(pointer: Pointer, passages: QuoteIndex) -> Finding:
    """Where a pointer leads: the shortest run of its passage from its first words to its last."""
    if not 1 <= pointer.number <= len(passages):
        return msgspec.structs.replace(_NOWHERE, note="there is no passage of this number")
    row = pointer.number - 1
    spans = list(_places(passages, row, pointer.first))
    if pointer.last:
        ends = _places(passages, row, pointer.last)
        spans = [(start, min((end for begin, end in ends if begin >= stop), default=-1)) for start, stop in spans]
    fitting = [(end - start, start, end) for start, end in spans if start < end <= start + LONGEST]
    if not fitting:
        return _NOWHERE
    _, start, end = min(fitting)
    return Finding("exact", (Place(passages.ids[row], start, end),), similarity=1.0)


def _places(passages: QuoteIndex, row: int, typed: str) -> Sequence[tuple[int, int]]:
    if not words(fold(typed).text):
        return []
    return [passages.span(found) for found in islice(passages.find(fold(typed), [row]), _MOST_PLACES)]


def _read_json(match: regex.Match[str]) -> Pointer | None:
    try:
        read = msgspec.json.decode(match[0].encode("utf-8", "replace"), type=_Json)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    first = read.first.strip()
    return Pointer(Span(*match.span()), read.passage, first, read.last.strip()) if first else None
