"""Ibid as a retriever of other frameworks: one small module for each, imported only when it is asked for."""

from typing import Any, Protocol

from service.schemas import HitView


class Searchable(Protocol):
    """What is searched: ``ibid.Ibid`` or a client of a service."""

    def search(self, question: str, **options: Any) -> tuple[HitView, ...]:
        """The hits, best first."""
        ...


def metadata_of(hit: HitView) -> dict[str, Any]:
    """What a framework keeps beside a passage: its id, citation, place and rank; plain JSON values."""
    return {
        "id": hit.id,
        "url": hit.url,
        "citation": hit.citation.formatted,
        "citation_as_written": hit.citation.raw or "",
        "headings": list(hit.headings),
        "document": hit.document.name,
        "sha256": hit.document.sha256,
        "start": hit.document.start,
        "end": hit.document.end,
        "rank": hit.rank,
        "score": hit.scores.fused,
    }
