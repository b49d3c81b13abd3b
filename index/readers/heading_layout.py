"""Headings that name the work of the texts below or above them; and the names of the layouts."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from index.readers.candidates import Token
from index.readers.directions import Direction, Votes, count_votes

Layout = Literal["below", "above", "same block", "heading", "records", "notes", "document", "none", "unsure"]

_NAMES_WORK = 0.6
_MOSTLY = 0.6


def _headings_that_name(tokens: Sequence[Token], told: Layout | None) -> tuple[dict[int, Token], list[Token]]:
    """The headings that name works, by their start, and the tokens: headings below their texts have become citations."""
    levels = Counter(token.level for token in tokens if token.role == "heading")
    named = Counter(token.level for token in tokens if token.role == "heading" and token.work >= _NAMES_WORK)
    places = sum(token.role == "place" for token in tokens)
    adopted = {
        level
        for level, count in named.items()
        if count >= _MOSTLY * levels[level] and (count > 1 or places > 1 or told == "heading" or _is_only_work(tokens, level))
    }
    naming = [
        at for at, token in enumerate(tokens) if token.role == "heading" and token.level in adopted and token.work >= _NAMES_WORK
    ]
    if not naming:
        return {}, list(tokens)
    as_citations = [
        replace(token, role="citation", name="heading") if at in set(naming) else token for at, token in enumerate(tokens)
    ]
    direction = _heading_direction(as_citations, adopted, told)
    if direction == "below":
        return {}, as_citations
    if direction == "above":
        return {tokens[at].start: tokens[at] for at in naming}, list(tokens)
    return {}, list(tokens)


def _is_only_work(tokens: Sequence[Token], level: int) -> bool:
    """One heading, at the top, and quotations below it."""
    first = next((token for token in tokens if token.role in ("heading", "text")), None)
    return (
        first is not None
        and first.role == "heading"
        and first.level == level
        and any(token.role == "text" and (token.quotation or token.quoted) for token in tokens)
    )


def _heading_direction(tokens: Sequence[Token], levels: set[int], told: Layout | None) -> Direction | None:
    """Where the texts of headings that name works stand: headings stand above, unless gaps and edges say otherwise."""
    if told in ("heading", "above"):
        return "above"
    stream: list[list[Token]] = [[]]
    for token in tokens:
        if token.role == "heading" and token.level in levels:
            stream[-1].append(replace(token, role="citation"))
        elif token.role == "boundary" or (token.role == "heading" and stream[-1]):
            stream.append([])
        elif token.role == "text" or (token.role == "citation" and token.name == "heading"):
            stream[-1].append(token)
    votes = count_votes(part for part in stream if part)
    if votes.below + votes.above < 3:
        votes += Votes(above=1)
    return votes.direction
