"""What one request works with: the current generation, links below the public address, settings and metrics."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

import msgspec
from litestar.di import Provide
from litestar.params import QueryParameter

from index.citations.styles import STYLES
from index.embedders import Embedder
from index.records import Filters
from prompts import Message, load_prompt
from rag.answer_tree import Outlet
from rag.answering import Event, Opinions
from rag.conversation import Rewritten, rewrite
from rag.errors import FilterInvalid, QuestionInvalid
from rag.quotes.match import QuoteIndex
from rag.records import FIRST_PAGE, Findings, Question, ResultPage
from rag.refining import NONE, Refinements
from rag.retrieve import related
from rag.scoring import ScoredCandidates
from rag.tracing import step
from service.access import caller_of
from service.bibliography import FORMS
from service.errors import NotReady
from service.libraries import Libraries, Lookup
from service.library import AnswerKey, OpenIndex
from service.limits import (
    citation_within,
    filters_within,
    history_within,
    style_of,
    validate_limit,
    validate_per_work,
    validate_question,
    validate_quote,
    validate_result_page,
)
from service.links import Links
from service.llm import LanguageModels
from service.presenters import Presenter, ProofPresenter
from service.proof_schemas import VerificationView
from service.refinements import refinements_for
from service.requests import JsonRequest
from service.schemas import AnswerView, ExcerptView, RewrittenView, Timing
from service.settings import DEFAULT_COLLECTION, Settings
from service.telemetry import Metrics

# One question from text to what is made of its findings, with the time each stage took.

Result = TypeVar("Result")


async def ask(
    opened: OpenIndex,
    text: str,
    filters: Filters,
    limit: int,
    per_work: int | None,
    show: Callable[[Findings, Timing], Result],
    refinements: Refinements = NONE,
    page: ResultPage = FIRST_PAGE,
    *,
    suggested: bool = False,
) -> Result:
    """What ``show`` makes of what one generation of the collection holds on ``text``; nothing slow runs on the event loop.

    The steps: parse, embed (by the batcher), search, conclude (rank and judge), show.

    A question that was asked lately is not searched for again; its timing is zero. At most ``per_work`` hits come from one
    work, where that is given; the leading ones are given the closer looks that ``refinements`` names. ``suggested`` applies the
    filters that the question suggests.

    Raises:
        QuestionInvalid, FilterInvalid: the question's own field terms cannot be read.
    """
    asked = AnswerKey(text, filters, limit, per_work, refinements, page, suggested)
    if (known := opened.answers.get(asked)) is not None:
        return await asyncio.to_thread(show, known, Timing(0.0, 0.0))
    retriever, started = opened.retriever, time.perf_counter()

    def parse() -> Question:
        with step("parse"):
            return retriever.parse(text, filters, suggested=suggested)

    def conclude(question: Question, candidates: ScoredCandidates, embedded: float) -> Result:
        findings = retriever.conclude(question, candidates, limit, per_work, refinements, page)
        opened.answers.keep(asked, findings)
        with step("show"):
            return show(findings, Timing.between(started, embedded, time.perf_counter()))

    return await opened.batcher.submit(parse, retriever.search, conclude)


# A question in its conversation: what was asked, and what was found for it.


class AskRequest(msgspec.Struct, frozen=True):
    """A question as it was asked, with the turns before it.

    ``backend`` names the language model that is to answer ("" is the first of the settings); None asks for passages, and
    no language model hears of it. ``outlet`` is for what the answer is written out. ``closely`` says that somebody waits for the
    answer, who would rather have it later and better: the settings that are "auto" depend on it. ``suggested`` applies filters by
    the authors and titles that the question names as its sources.
    """

    question: str
    filters: Filters = Filters()
    limit: int | None = None
    per_work: int | None = None
    history: tuple[Message, ...] = ()
    backend: str | None = None
    outlet: Outlet = "markdown"
    closely: bool = True
    page: ResultPage = FIRST_PAGE
    suggested: bool = False


class AskResult(msgspec.Struct, frozen=True):
    """What a collection holds on an inquiry, as it is and as it is shown; ``rewritten`` is the question that was searched for."""

    ask_request: AskRequest
    findings: Findings
    rewritten: Rewritten
    passages: AnswerView


Style = Annotated[
    str | None,
    QueryParameter(description=f"Style of formatted citations: {', '.join(STYLES)}, or of styles_dir; @de-DE: in German."),
]

Format = Annotated[str, QueryParameter(description=f"How it is written: {', '.join(FORMS)}; style is for the first two.")]


class Session:
    """Answers one request from one generation of the collection, however long it takes."""

    def __init__(self, opened: OpenIndex, links: Links, settings: Settings, metrics: Metrics, writing: LanguageModels) -> None:
        self.collection = opened.collection
        self.links = links
        self.settings = settings
        self.writing = writing
        self._opened = opened
        self._metrics = metrics

    @property
    def proofs(self) -> ProofPresenter:
        """Shows what was checked."""
        return ProofPresenter(self.collection, self.links)

    def presenter(self, style: str | None = None) -> Presenter:
        """Shows what the collection holds, with citations in one style."""
        return Presenter(self.collection, self.links, self.style(style))

    def style(self, wanted: str | None) -> str:
        """The style wanted, else the one that the settings name. Raises CitationInvalid."""
        return style_of(self.settings, wanted)

    def excerpt(
        self, excerpt_id: str, before: int = 1, after: int = 1, related_to: int = 3, style: str | None = None
    ) -> ExcerptView:
        """One excerpt between its neighbours, and what else to read. Raises Unknown, CitationInvalid."""
        (excerpt,) = self.collection.excerpts([excerpt_id])
        around = self.collection.neighbours(excerpt_id, before, after)
        return self.presenter(style).excerpt(excerpt, *around, related(self.collection, excerpt_id, related_to))

    async def answer(
        self,
        text: str,
        filters: Filters,
        limit: int | None = None,
        per_work: int | None = None,
        style: str | None = None,
        *,
        closely: bool = True,
        page: ResultPage = FIRST_PAGE,
        suggested: bool = False,
    ) -> AnswerView:
        """What the collection holds on a question.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
        """
        found = await self.look(
            AskRequest(text, filters, limit, per_work, closely=closely, page=page, suggested=suggested), style
        )
        return found.passages

    async def look(self, ask_request: AskRequest, style: str | None = None) -> AskResult:
        """What the collection holds on a question in its conversation.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
        """
        show = partial(_shown, self.presenter(style))
        asked, limit = validate_question(self.settings, ask_request.question), validate_limit(self.settings, ask_request.limit)
        per_work, page = validate_per_work(ask_request.per_work), validate_result_page(ask_request.page)
        filters_within(self.settings, ask_request.filters)
        history_within(self.settings, ask_request.history)
        refinements = refinements_for(self.settings, for_a_person=ask_request.closely)
        rewritten = await self._rewrite(asked, ask_request)
        searched = partial(ask, self._opened, suggested=ask_request.suggested)
        within = (ask_request.filters, limit, per_work, show, refinements, page)
        try:
            findings, passages = await searched(rewritten.text, *within)
        except (QuestionInvalid, FilterInvalid):
            if rewritten.how == "as_asked":
                raise
            rewritten = Rewritten(asked, "as_asked", "the rewritten question could not be asked")
            findings, passages = await searched(asked, *within)
        self._count(findings, passages.timing)
        return AskResult(ask_request, findings, rewritten, _in_conversation(passages, ask_request, rewritten))

    async def write(self, found: AskResult) -> AsyncGenerator[Event, None]:
        """The events of an answer by the inquiry's language model. Raises RequestInvalid where there is none, NotReady."""
        model = self.writing.model(found.ask_request.backend or "")
        quotations = await self._quotations()
        ask_request = found.ask_request
        reads = refinements_for(self.settings, for_a_person=ask_request.closely).read
        return self.writing.answerer.answer(
            found.findings,
            model,
            history=ask_request.history,
            collection=quotations,
            outlet=ask_request.outlet,
            opinions=Opinions(self.writing.judge, self._opened.retriever.reader if reads else None),
        )

    async def verify(self, quote: str, citation: str = "") -> VerificationView:
        """Whether words occur in the collection, and where they were cited.

        Raises:
            QuestionInvalid: the quotation is empty or too long.
            NotReady: the quotations are still being made searchable.
            Overloaded, TookTooLong: too many are being checked, or this one takes too long.
        """
        quote, citation = validate_quote(self.settings, quote), citation_within(self.settings, citation)
        await self._quotations()
        return await self._opened.checks.run(self._verified, quote, citation, within=self.settings.check_seconds)

    def _verified(self, quote: str, citation: str) -> VerificationView:
        return self.proofs.verification(quote, self._opened.quotations.verify(quote, citation))

    async def embed(self, work: Callable[[Embedder], Result]) -> Result:
        """What some work makes of the embedder of the collection, beside the event loop.

        Raises:
            Overloaded, TookTooLong: too much is being checked or embedded, or this takes too long.
        """
        return await self._opened.checks.run(work, self._opened.batcher.embedder, within=self.settings.check_seconds)

    async def _quotations(self) -> QuoteIndex:
        """The collection's quotations, once they can be searched. Raises NotReady."""
        building = asyncio.wrap_future(self._opened.quotations.build())
        try:
            return await asyncio.wait_for(asyncio.shield(building), self.settings.check_seconds)
        except TimeoutError:
            raise NotReady(
                "the quotations of the collection are being made searchable",
                rule="they are checked when that is done",
                remedy="ask again in a moment",
            ) from None

    async def _rewrite(self, question: str, ask_request: AskRequest) -> Rewritten:
        if ask_request.backend is None:
            return await rewrite(question, ask_request.history)
        return await rewrite(question, ask_request.history, self.writing.model(ask_request.backend), load_prompt("rewrite"))

    def _count(self, findings: Findings, timing: Timing) -> None:
        self._metrics.question(findings.status, {"encode": timing.encode_ms / 1000, "find": timing.find_ms / 1000})


def _shown(presenter: Presenter, findings: Findings, timing: Timing) -> tuple[Findings, AnswerView]:
    return findings, presenter.answer(findings, timing)


def _in_conversation(passages: AnswerView, ask_request: AskRequest, rewritten: Rewritten) -> AnswerView:
    """What was found, before a language model is asked or without one, and what was searched for."""
    return msgspec.structs.replace(
        passages,
        mode="passages" if ask_request.backend is None else "answer",
        rewritten=RewrittenView(rewritten.text, rewritten.how, rewritten.problem) if ask_request.history else None,
    )


class Sessions:
    """Makes the session of a request: with the current generation of the collections that it names, and may use."""

    def __init__(self, libraries: Libraries, settings: Settings, metrics: Metrics, writing: LanguageModels) -> None:
        self.libraries = libraries
        self._only = libraries.one(DEFAULT_COLLECTION) if len(libraries.names) == 1 else None
        self._settings = settings
        self._metrics = metrics
        self.writing = writing

    async def of(self, request: JsonRequest, names: Sequence[str]) -> Session:
        """Raises Unknown for a collection that there is not, and what ``Library.fetch`` raises."""
        base = self._settings.base_url or str(request.base_url)
        if self._only is not None and not names and request.scope.get("user") is None:  # the usual case: nothing to choose
            return Session(await self._only.fetch(), Links(base.rstrip("/")), self._settings, self._metrics, self.writing)
        caller = caller_of(request.scope)
        chosen = self.libraries.chosen(caller, names)
        allowed = self.libraries.allowed(caller)
        if not names and len(allowed) > 1 and (look_up := _looked_up(request)):
            opened = await self.libraries.holding(allowed, look_up)
        else:
            opened = await self.libraries.fetch(chosen)
        return Session(opened, Links(base.rstrip("/")), self._settings, self._metrics, self.writing)


def _looked_up(request: JsonRequest) -> Lookup | None:
    """How to tell whether a collection has what the path, or a tray, names by an id."""
    named = request.path_params
    kept = request.query_params.getall("id", [])
    if "excerpt_id" in named:
        return lambda collection: collection.excerpts([named["excerpt_id"]])
    if "document_id" in named:
        return lambda collection: collection.document(named["document_id"])
    if "work_id" in named:
        return lambda collection: collection.work(named["work_id"])
    return (lambda collection: collection.excerpts(kept)) if kept else None


def session_provider(sessions: Sessions) -> Provide:
    """Gives each request its session; ``collection`` may be repeated: several are asked as one.

    It is given its collaborators here: Litestar would look them up in tasks of their own for every request (see ``JsonResponse``
    for what that saves).
    """

    async def session(
        request: JsonRequest,
        collection: Annotated[
            list[str] | None, QueryParameter(description="Which collection; repeated, several are asked as one.")
        ] = None,
    ) -> Session:
        return await sessions.of(request, collection or ())

    return Provide(session)
