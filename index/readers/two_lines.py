"""Citations set on two lines, the work above and the rest below it, in a text that is not hard-wrapped."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from index.citations.parse import parse_citation
from index.readers.cited_lines import LIKELY, SURE
from index.readers.forms import form_of
from index.readers.lines import Line

_LONGEST = 200
_FEWEST = 2
_MOST = 0.5
_NO_BEGINNING = frozenset({"other", "remark", "bracketed"})


def join_two_lines(lines: Sequence[Line], score: Callable[[str], float]) -> list[Line]:
    """The lines, each citation in two a single one, where most of the document's citations are set so. Linear."""
    pairs = {at for at in range(len(lines) - 1) if _is_one(lines[at], lines[at + 1], score)}
    if len(pairs) < _FEWEST:
        return list(lines)
    rest = (line.text for at, line in enumerate(lines) if not {at, at - 1} & pairs and len(line.text) <= 2 * _LONGEST)
    if len(pairs) <= _MOST * (len(pairs) + sum(score(text) >= LIKELY for text in rest)):
        return list(lines)
    return [_joined(line, lines[at + 1]) if at in pairs else line for at, line in enumerate(lines) if at - 1 not in pairs]


def _is_one(above: Line, below: Line, score: Callable[[str], float]) -> bool:
    """Whether the first line begins as citations do, the second says where, and only both are the citation of somebody's work."""
    if above.closes or max(len(above.text), len(below.text)) > _LONGEST:
        return False
    begun, ended = form_of(above.text), form_of(below.text)
    if begun.opening in _NO_BEGINNING or begun.located or not ended.located:
        return False
    both = f"{above.text} {below.text}"
    return score(both) >= SURE and _is_named(both) and (score(below.text) < SURE or not _is_named(below.text))


def _is_named(citation: str) -> bool:
    return any(part in (parse_citation(citation).csl or {}) for part in ("author", "editor", "translator"))


def _joined(above: Line, below: Line) -> Line:
    return replace(above, end=below.end, text=f"{above.text} {below.text}", closes=below.closes)
