"""The addresses under which things are found from outside."""

from functools import lru_cache
from urllib.parse import quote, urlencode

import msgspec

from service.settings import Settings

_SEGMENTS_KEPT = 1024


class Links(msgspec.Struct, frozen=True):
    """Builds absolute links; ``base`` is the public address without a final slash."""

    base: str

    def excerpt(self, excerpt_id: str) -> str:
        """The page of one excerpt, the target of every citation link."""
        return f"{self.base}/x/{_segment(excerpt_id)}"

    def citation(self, excerpt_id: str, form: str, style: str = "") -> str:
        """An excerpt's citation in one format."""
        told = {"format": form} | ({"style": style} if style else {})
        return f"{self.base}/v1/excerpts/{_segment(excerpt_id)}/citation?{urlencode(told)}"

    def source(self, work_id: str) -> str:
        """One work as JSON."""
        return f"{self.base}/v1/works/{_segment(work_id)}"

    def bibliography(self, work_id: str, form: str) -> str:
        """One work's reference in one format."""
        return f"{self.base}/v1/bibliography?{urlencode({'work': work_id, 'format': form})}"

    def text(self, document_id: str, start: int, end: int) -> str:
        """A span of a document's own text: the proof of a quotation."""
        return f"{self.base}/v1/documents/{_segment(document_id)}/text?start={start}&end={end}"


def links_of(settings: Settings) -> Links:
    """Links below ``base_url``, or below the address that `ibid serve` would listen on."""
    return Links(settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}")


@lru_cache(_SEGMENTS_KEPT)
def _segment(name: str) -> str:
    """A name as one segment of a path; kept, because each hit is linked several times and shown again."""
    return quote(name, safe="")
