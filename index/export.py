"""Excerpts as JSON lines that carry everything needed to cite them, and to read the same collection back.

One line is ``{"id", "document": {"name", "sha256"}, "start", "end", "text", "headings": [..], "citation": {"raw", "start",
"end", "csl", "locator": {"label", "value", "pages", "note"}}}``; offsets are code points of the document.
"""

from typing import Protocol

import msgspec

from index.records import Citation, CslItem, Excerpt, Locator


class Exportable(Protocol):
    """A document as an export names it; a Document is one, and so is its card."""

    @property
    def name(self) -> str:
        """Its name within the collection."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of its own bytes."""
        ...


class ExportedDocument(msgspec.Struct, frozen=True):
    """The document an excerpt is quoted in."""

    name: str
    sha256: str


class ExportedCitation(msgspec.Struct, frozen=True):
    """A citation as an export line holds it."""

    raw: str
    start: int | None = None
    end: int | None = None
    csl: CslItem | None = None
    locator: Locator | None = None
    likely: tuple[str, ...] = ()


class ExportedExcerpt(msgspec.Struct, frozen=True):
    """One line of an export."""

    id: str
    document: ExportedDocument
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    citation: ExportedCitation | None


def export_line(excerpt: Excerpt, document: Exportable) -> str:
    """The excerpt as one JSON object, without a line end."""
    line = ExportedExcerpt(
        id=excerpt.id,
        document=ExportedDocument(document.name, document.sha256),
        start=excerpt.start,
        end=excerpt.end,
        text=excerpt.text,
        headings=excerpt.headings,
        citation=_exported(excerpt.citation) if excerpt.citation else None,
    )
    return msgspec.json.encode(line).decode()


def _exported(citation: Citation) -> ExportedCitation:
    return ExportedCitation(citation.raw, citation.start, citation.end, citation.csl, citation.locator, citation.likely)
