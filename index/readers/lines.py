"""A text as the lines a person sees: where each stands, its number, and whether white space surrounds it.

In hard-wrapped files a line here is a whole paragraph; everything after this module works on such lines.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

_LINE_END = re.compile("\r\n|[\n\r]")
_WIDEST_WRAP = 120
_FEWEST_WRAPPED = 5
_CONTINUED = 0.3
_SENTENCE_END = re.compile(r"[.!?…][\"”’)\]]*$")
_NUMBER = re.compile(r"\d+(?![.)]?\d*[.)]\s|[.)]?\d*\s+[^\W\d_])")
_COUNTED = re.compile(r"[(\[]?(?P<number>\d{1,4})[.)\]]+[ \t]+\S")
_ABBREVIATED = re.compile(r"\b(?:pp?|vols?|nos?|ch|eds?|trans|repr|[A-Z])\.$")
_SPACES = re.compile(r"\s+")


class Line(msgspec.Struct, frozen=True):
    """A run of text without white space at its ends.

    ``text`` is for judging only: white space within is single spaces (a wrapped line holds line ends).
    ``opens``/``closes`` say whether a blank line, or the edge of the document, comes before/after;
    ``set_apart`` marks a citation in brackets, cut off the end of the text it cites.
    """

    number: int
    start: int
    end: int
    text: str
    opens: bool
    closes: bool
    set_apart: bool = False

    @property
    def alone(self) -> bool:
        """Blank above and below."""
        return self.opens and self.closes


def split_lines(text: str) -> list[Line]:
    """All lines that are not white, in order; paragraphs where the text is hard-wrapped."""
    spans = list(_spans(text))
    width = _wrap_width(text, spans)
    if width:
        spans = list(_unwrap(text, spans, width))
    return [
        Line(
            number=number,
            start=start,
            end=end,
            text=_SPACES.sub(" ", text[start:end]),
            opens=index == 0 or spans[index - 1].blank_after,
            closes=blank_after,
        )
        for index, (number, start, end, blank_after) in enumerate(map(_fields, spans))
    ]


def line_starts(text: str) -> list[int]:
    """Where each line starts, blank ones too: line N starts at ``line_starts(text)[N - 1]``."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


class _Span(msgspec.Struct):
    number: int
    start: int
    end: int
    blank_after: bool = True


def _fields(span: _Span) -> tuple[int, int, int, bool]:
    return span.number, span.start, span.end, span.blank_after


def _spans(text: str) -> Iterator[_Span]:
    starts = line_starts(text)
    last: _Span | None = None
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        line = text[start:end]
        bare = line.strip()
        if not bare:
            if last:
                yield last
            last = None
            continue
        if last:
            last.blank_after = False
            yield last
        begin = start + len(line) - len(line.lstrip())
        last = _Span(number, begin, begin + len(bare))
    if last:
        yield last


def _wrap_width(text: str, spans: Sequence[_Span]) -> int:
    """The column at which the text is wrapped, or 0.

    A wrapped text has many lines that a line follows directly; nearly all of them stop just short of one width,
    and many of the lines below begin in lower case, as lines that are paragraphs hardly ever do.
    """
    lengths = sorted(span.end - span.start for span in spans if not span.blank_after)
    if len(lengths) < _FEWEST_WRAPPED or len(lengths) < len(spans) // 3:
        return 0
    continued = sum(_continues(text, below.start) for above, below in pairwise(spans) if not above.blank_after)
    if continued < _CONTINUED * len(lengths):
        return 0
    width = lengths[int(len(lengths) * 0.98)]
    full = sum(length > width * 0.75 for length in lengths)
    return width if width <= _WIDEST_WRAP and full > 0.7 * len(lengths) else 0


def _continues(text: str, start: int) -> bool:
    """Whether a line begins as one that was broken does: in lower case, or with a number that counts nothing."""
    return text[start].islower() or _NUMBER.match(text, start) is not None


def _unwrap(text: str, spans: Sequence[_Span], width: int) -> Iterator[_Span]:
    """Joins a line to the one above where that had no room left for its first word and does not end a sentence.

    A line with the next number of a list begins something new.
    """
    joined: _Span | None = None
    above = counted = 0
    for span in spans:
        number = _COUNTED.match(text, span.start, span.end)
        listed = number is not None and int(number["number"]) == counted + 1
        counted = int(number["number"]) if number else counted
        room = width - above
        first_word = text[span.start : span.end].split(maxsplit=1)[0]
        ended = joined is not None and _SENTENCE_END.search(text, joined.start, joined.end) is not None
        if ended and joined:
            ended = not _ABBREVIATED.search(text[max(joined.start, joined.end - 8) : joined.end])
        new_sentence = listed or (ended and not first_word[0].islower())
        if joined and not joined.blank_after and len(first_word) + 1 > room and not new_sentence:
            joined = _Span(joined.number, joined.start, span.end, span.blank_after)
        else:
            if joined:
                yield joined
            joined = span
        above = span.end - span.start
    if joined:
        yield joined
