"""What an outcome means in words, the same on the page, in a chat, on the command line and over HTTP."""

from collections.abc import Sequence

from rag.records import Findings, Limit
from service.schemas import SuggestedFilterView


def explain(findings: Findings) -> str:
    """One or two sentences on the status and its remedy; "" where hits answer and nothing is to be said."""
    limits = " ".join(_told(limit) for limit in findings.limits)
    match findings.status:
        case "answered":
            return ""
        case "weak":
            passages = "1 passage" if len(findings.hits) == 1 else f"{len(findings.hits)} passages"
            return f"Little here speaks to that. {passages} may touch on it; judge for yourself."
        case "nothing_relevant":
            nearest = " The nearest passages are probably about something else." if findings.nearest else ""
            return f"Nothing in this collection answers that.{nearest}"
        case "phrase_absent":
            found = "were found by their single words" if findings.hits else "come closest by their single words"
            return f"{limits} These passages {found}." if findings.hits or findings.nearest else limits
        case _:
            return limits


def told_filters(applied: Sequence[SuggestedFilterView], suggested: Sequence[SuggestedFilterView]) -> str:
    """What is said of filters that a question suggests: that they are applied, or could be; "" where there are none."""
    if applied:
        return f"Searched only within {_listed(applied)}, which the question names."
    return f"The question names {_listed(suggested)}: only passages from there can be searched." if suggested else ""


def _listed(filters: Sequence[SuggestedFilterView]) -> str:
    return ", ".join(f"{each.field} “{each.value}”" for each in filters)


def _told(limit: Limit) -> str:
    match limit.kind:
        case "no_such_filter_value":
            nearest = f" The nearest: {', '.join(limit.nearest)}." if limit.nearest else ""
            found = f"No {limit.field} in this collection matches “{limit.value}”."
            return f"{found}{nearest} Leave the filter out or change it."
        case "phrase_absent":
            return f"“{limit.value}” does not occur in this collection as it stands."
        case "filtered_out":
            passages = "passage lies" if limit.outside == 1 else "passages lie"
            return f"Nothing within these limits answers that; {limit.outside} {passages} outside them. Widen them to read these."
