"""On which side of its citation a document puts the text: the votes of every place where that shows.

Three kinds of evidence are counted: an edge (before a citation comes nothing, or after it), a gap (blank lines part it from one
neighbour and not from the other), each once a citation at most, and, once a document, a form (attributions behind a dash
follow, lines that end in a colon lead in). A stream that begins with a text and ends with a citation, or the other way round,
is half an edge.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from index.readers.candidates import Token

Direction = Literal["below", "above"]

MARGIN = 0.85
"""Share of the votes that one direction needs."""

FEWEST = 1.5
"""Votes that it needs at least: an edge at one end and the fitting half at the other."""

_HALF = 0.5
_NEARLY_ALL = 0.8
_DASHES = "—–―"


class Votes(msgspec.Struct, frozen=True):
    """How much speaks for citations below and above their texts."""

    below: float = 0.0
    above: float = 0.0

    def __add__(self, other: "Votes") -> "Votes":
        return Votes(self.below + other.below, self.above + other.above)

    @property
    def direction(self) -> Direction | None:
        """The direction that wins by the margin, None where neither does."""
        most, total = max(self.below, self.above), self.below + self.above
        if most < FEWEST or most < MARGIN * total:
            return None
        return "below" if self.below > self.above else "above"

    def share(self, direction: Direction) -> float:
        """The share of this direction among all votes, 0 where there are none."""
        total = self.below + self.above
        return (self.below if direction == "below" else self.above) / total if total else 0.0


def count_votes(sections: Iterable[Sequence[Token]], role: str = "citation") -> Votes:
    """The votes of all sections, each a run of texts, citations and places without a heading or delimiter in it. Linear."""
    votes = Votes()
    cited: list[Token] = []
    for section in sections:
        if any(token.role == role for token in section) and any(token.role == "text" for token in section):
            votes += section_votes(section, role)
            cited += [token for token in section if token.role == role]
    return votes + _form_votes(cited)


def section_votes(section: Sequence[Token], role: str = "citation") -> Votes:
    """The votes of one section that holds texts and tokens of this role; several on end count as one."""
    first, last = section[0].role == "text", section[-1].role == "text"
    first, last = first and not section[0].headish, last and not section[-1].headish
    votes = Votes(below=_HALF * (first and not last), above=_HALF * (last and not first))
    at = 0
    while at < len(section):
        if section[at].role != role:
            at += 1
            continue
        end = at
        while end + 1 < len(section) and section[end + 1].role == role:
            end += 1
        before = section[at - 1] if at else None
        after = section[end + 1] if end + 1 < len(section) else None
        votes += place_vote(before, section[at], after)
        at = end + 1
    return votes


def place_vote(before: Token | None, token: Token, after: Token | None) -> Votes:
    """What the place of one citation says."""
    text_before = before is not None and before.role == "text" and not before.headish
    text_after = after is not None and after.role == "text" and not after.headish
    if text_after and before is None:
        return Votes(above=1)
    if text_before and after is None:
        return Votes(below=1)
    if before is not None and after is not None and text_before and text_after and token.gap != after.gap:
        return Votes(below=1) if token.gap < after.gap else Votes(above=1)
    return Votes()


def _form_votes(cited: Sequence[Token]) -> Votes:
    """What the form of nearly all citations says; half an edge at most, for it is a custom and no proof."""
    dashed = sum(token.words[:1] in _DASHES or token.words[:2] == "--" for token in cited)
    leading = sum(token.words.endswith(":") for token in cited)
    return Votes(below=_HALF * (dashed > _NEARLY_ALL * len(cited)), above=_HALF * (leading > _NEARLY_ALL * len(cited)))
