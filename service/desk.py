"""What one request works with: the current generation, links below the public address, settings and metrics."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Annotated

import msgspec
from litestar.di import Provide
from litestar.params import QueryParameter

from index.citations.styles import STYLES
from index.filters import Filters
from prompts import load_prompt
from rag.answering import Event
from rag.conversation import Rewritten, rewrite
from rag.errors import FilterInvalid, QuestionInvalid
from rag.records import Findings
from rag.related import related
from service.asking import ask
from service.bodies import JsonRequest
from service.bounds import limit_within, per_work_within, question_within, quote_within
from service.citing import FORMS
from service.inquiries import Found, Inquiry
from service.library import Library, Opened
from service.links import Links
from service.metrics import Metrics
from service.proof_views import VerificationView
from service.proofs import Proofs
from service.refinements import refinements_for
from service.settings import Settings
from service.showing import Showing
from service.views import AnswerView, ExcerptView, RewrittenView, Timing
from service.writing import Writing

Style = Annotated[str | None, QueryParameter(description=f"Style of formatted citations: {', '.join(STYLES)}.")]

Format = Annotated[str, QueryParameter(description=f"How it is written: {', '.join(FORMS)}; style is for the first two.")]


class Desk:
    """Answers one request from one generation of the collection, however long it takes."""

    def __init__(self, opened: Opened, links: Links, settings: Settings, metrics: Metrics, writing: Writing) -> None:
        self.collection = opened.collection
        self.links = links
        self.settings = settings
        self.writing = writing
        self._opened = opened
        self._metrics = metrics

    @property
    def proofs(self) -> Proofs:
        """Shows what was checked."""
        return Proofs(self.collection, self.links)

    def showing(self, style: str | None = None) -> Showing:
        """Shows what the collection holds, with citations in one style."""
        return Showing(self.collection, self.links, self.style(style))

    def style(self, wanted: str | None) -> str:
        """The style wanted, else the one that the settings name."""
        return wanted or self.settings.style

    def excerpt(
        self, excerpt_id: str, before: int = 1, after: int = 1, related_to: int = 3, style: str | None = None
    ) -> ExcerptView:
        """One excerpt between its neighbours, and what else to read. Raises Unknown, CitationInvalid."""
        (excerpt,) = self.collection.excerpts([excerpt_id])
        around = self.collection.neighbours(excerpt_id, before, after)
        return self.showing(style).excerpt(excerpt, *around, related(self.collection, excerpt_id, related_to))

    async def answer(
        self,
        text: str,
        filters: Filters,
        limit: int | None = None,
        per_work: int | None = None,
        style: str | None = None,
        *,
        closely: bool = True,
    ) -> AnswerView:
        """What the collection holds on a question.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
        """
        found = await self.look(Inquiry(text, filters, limit, per_work, closely=closely), style)
        return found.passages

    async def look(self, inquiry: Inquiry, style: str | None = None) -> Found:
        """What the collection holds on a question in its conversation.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
        """
        show = partial(_shown, self.showing(style))
        asked, limit = question_within(self.settings, inquiry.question), limit_within(self.settings, inquiry.limit)
        per_work = per_work_within(inquiry.per_work)
        refinements = refinements_for(self.settings, for_a_person=inquiry.closely)
        rewritten = await self._rewrite(asked, inquiry)
        try:
            findings, passages = await ask(self._opened, rewritten.text, inquiry.filters, limit, per_work, show, refinements)
        except (QuestionInvalid, FilterInvalid):
            if rewritten.how == "as_asked":
                raise
            rewritten = Rewritten(asked, "as_asked", "the rewritten question could not be asked")
            findings, passages = await ask(self._opened, asked, inquiry.filters, limit, per_work, show, refinements)
        self._count(findings, passages.timing)
        return Found(inquiry, findings, rewritten, _in_conversation(passages, inquiry, rewritten))

    async def write(self, found: Found) -> AsyncGenerator[Event, None]:
        """The events of an answer by the inquiry's language model. Raises RequestInvalid where there is none."""
        model = self.writing.model(found.inquiry.backend or "")
        quotations = await asyncio.to_thread(self._opened.quotations.index)
        return self.writing.answerer.answer(found.findings, model, history=found.inquiry.history, collection=quotations)

    def verify(self, quote: str, citation: str = "") -> VerificationView:
        """Whether words occur in the collection, and where they were cited; blocks while the quotations are made searchable.

        Raises:
            QuestionInvalid: the quotation is empty or too long.
        """
        quote = quote_within(self.settings, quote)
        return self.proofs.verification(quote, self._opened.quotations.verify(quote, citation))

    async def _rewrite(self, question: str, inquiry: Inquiry) -> Rewritten:
        if inquiry.backend is None:
            return await rewrite(question, inquiry.history)
        return await rewrite(question, inquiry.history, self.writing.model(inquiry.backend), load_prompt("rewrite"))

    def _count(self, findings: Findings, timing: Timing) -> None:
        self._metrics.question(findings.status, {"encode": timing.encode_ms / 1000, "find": timing.find_ms / 1000})


def _shown(showing: Showing, findings: Findings, timing: Timing) -> tuple[Findings, AnswerView]:
    return findings, showing.answer(findings, timing)


def _in_conversation(passages: AnswerView, inquiry: Inquiry, rewritten: Rewritten) -> AnswerView:
    """What was found, before a language model is asked or without one, and what was searched for."""
    return msgspec.structs.replace(
        passages,
        mode="passages" if inquiry.backend is None else "answer",
        rewritten=RewrittenView(rewritten.text, rewritten.how, rewritten.problem) if inquiry.history else None,
    )


def desk_provider(library: Library, settings: Settings, metrics: Metrics, writing: Writing) -> Provide:
    """Gives each request a desk with the current generation; it raises what ``Library.current`` raises.

    It is given its collaborators here: Litestar would look them up in tasks of their own for every request.
    """

    async def desk(request: JsonRequest) -> Desk:
        opened = await library.fetch()
        base = settings.base_url or str(request.base_url)
        return Desk(opened, Links(base.rstrip("/")), settings, metrics, writing)

    return Provide(desk)
