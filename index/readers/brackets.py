"""Citations in brackets at the end of an excerpt's last line: "… and the ferry was sold. (Sample, Ferries, 1950, p. 3)".

Essays refer to their sources in the same way, so a single one proves nothing. Where most paragraphs end so, and hardly
any line is a citation by itself, it is how the document cites.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from index.readers.citing import LIKELY
from index.readers.forms import form_of
from index.readers.headings import ends_like_prose
from index.readers.lines import Line

_LONGEST = 500
_FEWEST = 3
_MOST = 0.5
_RARE = 0.1
_OPENED_BY = {")": "(", "]": "["}
_FINISHED = re.compile(r"[.!?…:][\"”’»)\]*_]*$|…\W*$|\]$")
_QUOTATION = re.compile(r"[“\"‘«„].*[”\"’»“]$")
NAME_AND_PAGE = re.compile(
    r"[(\[](?!(?:table|fig(?:ure)?|plate|map|page|pp?|chapter|part|section|line|note|appendix|box|no|vol(?:ume)?)\b)"
    r"[^\W\d_][^\d()\[\],;:]{0,60},? (?:pp?\. ?)?\d{1,4}(?:[-–]\d{1,4})?[)\]]\.?$",
    re.IGNORECASE,
)
"""The short form of the MLA, "(Sample 14)"; a single one could be anything."""


def set_brackets_apart(text: str, lines: Sequence[Line], score: Callable[[str], float]) -> list[Line]:
    """The lines, each closing bracket that cites a line of its own, where that is how the document cites. Linear."""
    found = {at: cut for at, line in enumerate(lines) if (cut := _citing_bracket(text, line, score)) >= 0}
    if len(found) < _FEWEST:
        return list(lines)
    ending = {at: cut for at, cut in found.items() if lines[at].closes}
    blocks = [at for at, line in enumerate(lines) if line.closes]
    if not _prevails(found, lines, range(len(lines))):
        found = ending if _prevails(ending, lines, blocks) else {}
    if not found or _otherwise(lines, found, score) > _RARE * len(found):
        return list(lines)
    return [part for at, line in enumerate(lines) for part in (_halves(text, line, found[at]) if at in found else (line,))]


def _citing_bracket(text: str, line: Line, score: Callable[[str], float]) -> int:
    """Where the citation in brackets begins with which the line ends, or -1.

    The text before it must be finished: in "sold to Sample (Mock 1950)." the bracket is part of the sentence.
    """
    start = _closing_bracket(text, line)
    if start < 0:
        return -1
    before, bracket = text[line.start : start].rstrip(), " ".join(text[start : line.end].split())
    if not _FINISHED.search(before) and not _QUOTATION.match(line.text[: len(line.text) - len(bracket)].rstrip()):
        return -1
    if form_of(bracket).opening != "bracketed":
        return -1
    return start if score(bracket) >= LIKELY or NAME_AND_PAGE.match(bracket) else -1


def _closing_bracket(text: str, line: Line) -> int:
    """Where the bracket opens that closes the line, a full stop aside; -1 where none does, or nothing stands before it."""
    last = line.end - 1 - (text[line.end - 1] == ".")
    closing = text[last]
    opening = _OPENED_BY.get(closing)
    depth = 0
    for at in range(last, max(line.start, last - _LONGEST), -1) if opening else ():
        depth += (text[at] == closing) - (text[at] == opening)
        if not depth:
            return at
    return -1


def _prevails(found: Mapping[int, int], lines: Sequence[Line], places: Sequence[int]) -> bool:
    """Whether most of the prose in these places ends in brackets that cite."""
    prose = sum(at in found or ends_like_prose(lines[at].text) for at in places)
    return len(found) >= _FEWEST and len(found) > _MOST * prose


def _otherwise(lines: Sequence[Line], found: Mapping[int, int], score: Callable[[str], float]) -> int:
    """How many lines are citations by themselves, those in brackets aside."""
    others = (line.text for at, line in enumerate(lines) if at not in found and len(line.text) <= _LONGEST)
    return sum(score(other) >= LIKELY for other in others if form_of(other).opening != "bracketed")


def _halves(text: str, line: Line, cut: int) -> tuple[Line, Line]:
    before = text[line.start : cut].rstrip()
    bracket = " ".join(text[cut : line.end].split())
    return (
        replace(line, end=line.start + len(before), text=" ".join(before.split()), closes=False),
        replace(line, start=cut, text=bracket, opens=False, set_apart=True),
    )
