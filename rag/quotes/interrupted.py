"""Tells one quotation interrupted by who says it (“…,” he said, “…”) from two: it must not hide what the source has between."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import regex

from rag.citations import without_citations
from rag.quotes.fold import fold
from rag.quotes.marks import Typed
from rag.quotes.match import words
from rag.quotes.negation import hidden_negation
from rag.quotes.records import Finding, Place

_SAYING = (
    r"(?:sa(?:ys?|id|ying)|wr(?:ites?|ote|iting)|(?:add|note|state|recall|explain|report|declare|argue|claim|observe|remark|insist"
    r"|conclude|continue|admit|answer|ask|recount|assert|comment|maintain|stress|warn|announce|testifie|replie)(?:s|d|ed)?"
    r"|repl(?:y|ies)|testif(?:y|ies)|tells?|told|go(?:es)? on|went on|according)"
)
_INTERRUPTION = regex.compile(
    rf"\s*(?P<comma>[,—–-])?(?=[^.;:!?\n]{{1,80}}\Z)[^\n]*\b{_SAYING}\b[^\n]*[,—–-]\s*\Z", regex.IGNORECASE
)
_TERM = 2
"""Quotations of so few words in a list, parted by commas, are read as single terms."""

_ELLIPSIS = regex.compile(r"[\s\[(]*(?:…|\.\s?\.\s?\.)[\s\])]*\Z")


def interrupted(text: str, quotations: Sequence[Typed]) -> Iterator[tuple[Typed, Typed, str]]:
    """Neighbouring quotations that read as one, and what stands between them: who says it, an ellipsis, or no word at all."""
    outer = [quotation for quotation in quotations if quotation.inside is None]
    for left, right in pairwise(outer):
        between = without_citations(text[left.span.end : right.span.start])
        attributed = _INTERRUPTION.match(between)
        told = attributed and (attributed["comma"] or left.words.rstrip()[-1:] in ",—–-")
        listed = "," in between and len(words(fold(right.words).text)) <= _TERM
        if _ELLIPSIS.match(between) or told or not (words(fold(between).text) or listed):
            yield left, right, between


def one_quotation(left: Finding, right: Finding, between: str, text_of: Callable[[str], str]) -> bool:
    """Whether two accepted quotations stand side by side in a source, or there, too, have just these words between them.

    Where an ellipsis joins them, what it may leave out is what it may leave out inside a quotation.
    """
    return any(
        _one_place(first, second, between, text_of(first.excerpt_id))
        for first in left.places
        for second in right.places
        if first.excerpt_id == second.excerpt_id and first.end <= second.start
    )


def _one_place(first: Place, second: Place, between: str, source: str) -> bool:
    gap = words(fold(source[first.end : second.start]).text)
    if _ELLIPSIS.match(between):
        return not hidden_negation(source, first.end, second.start)
    return gap in ([], words(fold(between).text))
