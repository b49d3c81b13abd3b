"""What an outcome means in words, the same on the page, in a chat, on the command line and over HTTP.

Only the page is drawn in another language than English (service/translation.py).
"""

from collections.abc import Sequence
from typing import Protocol

from rag.records import Limit, Status
from service.schemas import SuggestedFilterView
from service.translation import say, say_count


class Outcome(Protocol):
    """What is explained: findings, or an answer as it is shown."""

    @property
    def status(self) -> Status:
        """What it comes to."""

    @property
    def hits(self) -> Sequence[object]:
        """What answers."""

    @property
    def nearest(self) -> Sequence[object]:
        """What comes closest where nothing answers."""

    @property
    def limits(self) -> Sequence[Limit]:
        """Why the question's own limits leave little."""


def explain(outcome: Outcome) -> str:
    """One or two sentences on the status and its remedy; "" where hits answer and nothing is to be said."""
    return " ".join(sentences(outcome))


def sentences(outcome: Outcome) -> list[str]:
    """The same by sentences, what it comes to first."""
    limits = [sentence for limit in outcome.limits for sentence in _told(limit)]
    match outcome.status:
        case "answered":
            return []
        case "weak":
            touching = (
                "{count} passage may touch on it; judge for yourself.|{count} passages may touch on it; judge for yourself."
            )
            return [say("Little here speaks to that."), say_count(touching, len(outcome.hits))]
        case "nothing_relevant":
            nearest = [say("The nearest passages are probably about something else.")] if outcome.nearest else []
            return [say("Nothing in this collection answers that."), *nearest]
        case "phrase_absent" if outcome.hits:
            return [*limits, say("These passages were found by their single words.")]
        case "phrase_absent" if outcome.nearest:
            return [*limits, say("These passages come closest by their single words.")]
        case _:
            return limits


def told_filters(applied: Sequence[SuggestedFilterView], suggested: Sequence[SuggestedFilterView]) -> str:
    """What is said of filters that a question suggests: that they are applied, or could be; "" where there are none."""
    if applied:
        return say("Searched only within {filters}, which the question names.", filters=_listed(applied))
    if suggested:
        return say("The question names {filters}: only passages from there can be searched.", filters=_listed(suggested))
    return ""


def _listed(filters: Sequence[SuggestedFilterView]) -> str:
    return ", ".join(f"{say(each.field.capitalize()).lower()} “{each.value}”" for each in filters)


def _told(limit: Limit) -> list[str]:
    match limit.kind:
        case "no_such_filter_value":
            field = say(limit.field.capitalize()).lower()
            nearest = [say("The nearest: {values}.", values=", ".join(limit.nearest))] if limit.nearest else []
            found = say("No {field} in this collection matches “{value}”.", field=field, value=limit.value)
            return [found, *nearest, say("Leave the filter out or change it.")]
        case "phrase_absent":
            return [say("“{value}” does not occur in this collection as it stands.", value=limit.value)]
        case "filtered_out":
            outside = (
                "Nothing within these limits answers that; {count} passage lies outside them."
                "|Nothing within these limits answers that; {count} passages lie outside them."
            )
            return [say_count(outside, limit.outside), say("Widen them to read these.")]
