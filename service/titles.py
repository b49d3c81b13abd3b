"""What a passage is called where there is room for a few words: "Doe 1951, p. 61"."""

from index.records import CslItem, Locator
from service.schemas import label

LONGEST = 80


def short_title(csl: CslItem | None, locator: Locator | None, otherwise: str) -> str:
    """Author, year and page; the beginning of ``otherwise`` where the citation could not be parsed."""
    named = label(csl)
    return f"{_shortened(named)}{_located(locator)}" if named else _shortened(" ".join(otherwise.split()))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _located(locator: Locator | None) -> str:
    if locator is None or not locator.value:
        return ""
    if locator.label != "page":
        return f", {locator.label} {locator.value}"
    return f", {'p.' if locator.value.isalnum() else 'pp.'} {locator.value}"
