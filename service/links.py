"""The addresses under which things are found from outside."""

from urllib.parse import quote, urlencode

import msgspec

from service.settings import Settings


class Links(msgspec.Struct, frozen=True):
    """Builds absolute links; ``base`` is the public address without a final slash."""

    base: str

    def excerpt(self, excerpt_id: str) -> str:
        """The page of one excerpt, the target of every citation link."""
        return f"{self.base}/x/{quote(excerpt_id, safe='')}"

    def citation(self, excerpt_id: str, form: str, style: str = "") -> str:
        """An excerpt's citation in one format."""
        told = {"format": form} | ({"style": style} if style else {})
        return f"{self.base}/v1/excerpts/{quote(excerpt_id, safe='')}/citation?{urlencode(told)}"

    def source(self, work_id: str) -> str:
        """One work as JSON."""
        return f"{self.base}/v1/sources/{quote(work_id, safe='')}"

    def text(self, document_id: str, start: int, end: int) -> str:
        """A span of a document's own text: the proof of a quotation."""
        return f"{self.base}/v1/documents/{quote(document_id, safe='')}/text?start={start}&end={end}"


def links_of(settings: Settings) -> Links:
    """Links below ``base_url``, or below the address that `ibid serve` would listen on."""
    return Links(settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}")
