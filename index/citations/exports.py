"""Export: items as CSL-JSON, BibTeX or RIS, with what a passage adds to its work kept in the note."""

from collections.abc import Callable, Sequence

from index.citations.bibtex import to_bibtex
from index.citations.csl_json import to_csl_json
from index.citations.items import clean
from index.citations.ris import to_ris
from index.errors import CitationInvalid
from index.records import CslItem, Locator

_WRITERS: dict[str, Callable[[Sequence[CslItem]], str]] = {"csl-json": to_csl_json, "bibtex": to_bibtex, "ris": to_ris}

FORMATS = tuple(_WRITERS)
"""The formats by name."""

MEDIA_TYPES = {
    "csl-json": "application/vnd.citationstyles.csl+json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
}
"""What HTTP calls each format."""


def export_items(items: Sequence[CslItem], format_name: str) -> str:
    """The items in one of ``FORMATS``.

    Raises:
        CitationInvalid: an unknown format, or an item that is none.
    """
    if format_name not in _WRITERS:
        raise CitationInvalid(
            f"format {format_name!r} is unknown",
            rule=f"the formats are {', '.join(FORMATS)}",
            remedy="ask for one of them",
        )
    return _WRITERS[format_name](items)


def with_likely(csl: CslItem, likely: Sequence[str]) -> CslItem:
    """The item with the names of its fields that are only likely in its ``note``: no export hides what is uncertain."""
    if not likely:
        return dict(csl)
    own = csl.get("note")
    told = [clean(own)] if isinstance(own, str) and clean(own) else []
    return {**csl, "note": "; ".join([*told, f"Read by machine, please check: {', '.join(likely)}"])}


def with_locator(csl: CslItem, locator: Locator | None, *, quoted_in: str | None = None) -> CslItem:
    """The item of one passage: its place in the work and the document that quotes it stand in ``note``.

    A note, and not the page fields: those give the pages an article or chapter fills, which one passage does not tell.
    """
    own = csl.get("note")
    told = [clean(own)] if isinstance(own, str) and clean(own) else []
    if locator and clean(locator.value):
        note = f" [{clean(locator.note)}]" if clean(locator.note) else ""
        told.append(f"Cited: {clean(locator.label)} {clean(locator.value)}{note}")
    if quoted_in and clean(quoted_in):
        told.append(f"Quoted in: {clean(quoted_in)}")
    return {**csl, "note": "; ".join(told)} if told else dict(csl)
