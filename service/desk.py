"""What one request works with: the current generation, links below the public address, settings and metrics."""

import asyncio
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from index.citations.styles import STYLES
from index.filters import Filters
from rag.related import related
from service.asking import ask
from service.bodies import JsonRequest
from service.citing import FORMS
from service.library import Library, Opened
from service.links import Links
from service.metrics import Metrics
from service.parameters import limit_within, per_work_within, question_within
from service.settings import Settings
from service.showing import Showing
from service.views import AnswerView, ExcerptView

Style = Annotated[str | None, QueryParameter(description=f"Style of formatted citations: {', '.join(STYLES)}.")]

Format = Annotated[str, QueryParameter(description=f"How it is written: {', '.join(FORMS)}; style is for the first two.")]


class Desk:
    """Answers one request from one generation of the collection, however long it takes."""

    def __init__(self, opened: Opened, links: Links, settings: Settings, metrics: Metrics) -> None:
        self.collection = opened.collection
        self.links = links
        self._opened = opened
        self._settings = settings
        self._metrics = metrics

    def showing(self, style: str | None = None) -> Showing:
        """Shows what the collection holds, with citations in one style."""
        return Showing(self.collection, self.links, self.style(style))

    def style(self, wanted: str | None) -> str:
        """The style wanted, else the one that the settings name."""
        return wanted or self._settings.style

    def excerpt(
        self, excerpt_id: str, before: int = 1, after: int = 1, related_to: int = 3, style: str | None = None
    ) -> ExcerptView:
        """One excerpt between its neighbours, and what else to read. Raises Unknown, CitationInvalid."""
        (excerpt,) = self.collection.excerpts([excerpt_id])
        around = self.collection.neighbours(excerpt_id, before, after)
        return self.showing(style).excerpt(excerpt, *around, related(self.collection, excerpt_id, related_to))

    async def answer(
        self, text: str, filters: Filters, limit: int | None = None, per_work: int | None = None, style: str | None = None
    ) -> AnswerView:
        """What the collection holds on a question.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
        """
        text, limit = question_within(self._settings, text), limit_within(self._settings, limit)
        findings, timing = await ask(self._opened, text, filters, limit, per_work_within(per_work))
        self._metrics.question(findings.status, {"encode": timing.encode_ms / 1000, "find": timing.find_ms / 1000})
        return await asyncio.to_thread(self.showing(style).answer, findings, timing)


async def provide_desk(
    request: JsonRequest,
    library: NamedDependency[Library],
    settings: NamedDependency[Settings],
    metrics: NamedDependency[Metrics],
) -> Desk:
    """A desk with the current generation. Raises what ``Library.current`` raises."""
    opened = await library.fetch()
    base = settings.base_url or str(request.base_url)
    return Desk(opened, Links(base.rstrip("/")), settings, metrics)
