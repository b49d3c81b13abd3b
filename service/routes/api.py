"""Questions: ``POST /v1/ask`` and ``GET /v1/search``; quotations: ``POST /v1/verify``."""

import asyncio
from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from index.errors import IbidError
from index.filters import Filters
from prompts import Message
from rag.answer_tree import Outlet
from rag.records import ResultPage, Sort
from service.access import ASK, OPEN, READ, Access, caller_of
from service.api import AskRequest, Format, Session, Sessions, Style
from service.bibliography import MEDIA_TYPES, cited, write_bibliography, write_citations, write_with_reference
from service.collection_schemas import AliveView, CollectionsView, CollectionView, ReadyView
from service.libraries import Libraries
from service.library import Library
from service.limits import MAX_LISTED, part_within, validate_count, validate_page, validate_span
from service.note_files import NOTE_FORMATS, NOTE_MEDIA_TYPES, write_notes
from service.problems import PROBLEMS
from service.proof_schemas import VerificationView
from service.requests import FiltersBody, JsonRequest, filters_from_query
from service.responses import JsonResponse, answer_frames, answer_view, error_frame, event_stream, while_awaited
from service.schemas import (
    AnswerView,
    DocumentsView,
    DocumentView,
    ExcerptView,
    TextView,
    WorksView,
    WorkWithExcerptsView,
)
from service.settings import version
from service.telemetry import CONTENT_TYPE, Metrics


class TurnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of the conversation before the question."""

    role: Literal["user", "assistant"]
    content: str


SORTING = "By relevance, by year of issue (oldest or newest first), or as they stand in the collection (place)."
SUGGESTED = "Besides the filters given, search only in the authors and titles that the question names as its sources."
FACETS = "Count the authors, works, years, headings and documents of all that was found."


class AskBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question to the collection."""

    question: Annotated[str, Meta(description='The question; "words in quotation marks" must occur as they stand.')]
    limit: Annotated[int | None, Meta(description="How many hits to return at most.")] = None
    filters: Annotated[
        FiltersBody | Literal["suggested"],
        Meta(description='What to search in, or "suggested": only in the authors and titles that the question names as sources.'),
    ] = FiltersBody()
    per_work: Annotated[int | None, Meta(description="How many hits one work may give at most.")] = None
    style: Annotated[str | None, Meta(description="Style of formatted citations.")] = None
    closely: Annotated[
        bool, Meta(description="Give the leading passages the closer looks whose settings (`read`, `late_interaction`) are auto.")
    ] = False
    mode: Annotated[
        Literal["passages", "answer"], Meta(description="The passages alone, or with an answer by a language model, checked.")
    ] = "passages"
    model: Annotated[str, Meta(description="Which backend of the settings is to answer; the first where none is named.")] = ""
    history: Annotated[
        tuple[TurnBody, ...], Meta(description="The conversation before the question, oldest first; makes follow-ups understood.")
    ] = ()
    format: Annotated[
        Outlet,
        Meta(
            description="How the answer is written: Markdown, HTML of a few plain elements, or plain text. All are safe to show."
        ),
    ] = "markdown"
    stream: Annotated[bool, Meta(description="Send events as they come: hits, delta, check, done; or error.")] = False
    offset: Annotated[int, Meta(description="Hits to leave out, from the first.")] = 0
    sort: Annotated[Sort, Meta(description=SORTING)] = "relevance"
    facets: Annotated[bool, Meta(description=FACETS)] = False

    def ask_request(self) -> AskRequest:
        """What is asked. Raises FilterInvalid."""
        return AskRequest(
            self.question,
            Filters() if self.filters == "suggested" else self.filters.filters(),
            self.limit,
            self.per_work,
            tuple(Message(turn.role, turn.content) for turn in self.history),
            self.model if self.mode == "answer" else None,
            self.format,
            self.closely,
            ResultPage(self.offset, self.sort, self.facets),
            self.filters == "suggested",
        )


class VerifyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quotation from anywhere."""

    quote: Annotated[str, Meta(description="The words, with or without quotation marks around them.")]
    citation: Annotated[str, Meta(description="How they were cited, in any style.")] = ""


@post(
    "/v1/ask",
    status_code=200,
    responses={200: ResponseSpec(AnswerView, description="What the collection holds", generate_examples=False), **PROBLEMS},
    tags=["questions"],
    opt=ASK,
    summary="Ask the collection a question",
)
async def ask_question(request: JsonRequest, data: JSONBody[AskBody], session: NamedDependency[Session]) -> Response[Any]:
    """The passages that answer best: verbatim, ranked, cited, each with its place in its document; and a checked answer."""
    request.scope["state"]["question"] = data.question
    found = await while_awaited(request, session.look(data.ask_request(), data.style))
    if data.stream:
        return event_stream(answer_frames(session, found), error_frame, session.settings.keep_alive_seconds)
    if found.ask_request.backend is None:
        return JsonResponse(found.passages)
    return JsonResponse(await while_awaited(request, answer_view(session, found)))


@post("/v1/verify", status_code=200, responses=PROBLEMS, tags=["questions"], opt=ASK, summary="Check a quotation")
async def verify_quote(request: JsonRequest, data: JSONBody[VerifyBody], session: NamedDependency[Session]) -> VerificationView:
    """Whether words occur verbatim in the collection, and, apart from that, whether they stand where they were cited."""
    return await while_awaited(request, session.verify(data.quote, data.citation))


@get(
    "/v1/search",
    dependencies={"filters": Provide(filters_from_query)},
    responses=PROBLEMS,
    tags=["questions"],
    opt=ASK,
    summary="Ask the collection a question, in the address",
)
async def search(
    request: JsonRequest,
    session: NamedDependency[Session],
    filters: NamedDependency[Filters],
    q: Annotated[str, QueryParameter(description="The question.")],
    limit: Annotated[int | None, QueryParameter(description="How many hits to return at most.")] = None,
    per_work: Annotated[int | None, QueryParameter(description="How many hits one work may give at most.")] = None,
    style: Style = None,
    closely: Annotated[
        bool, QueryParameter(description="Give the leading passages the closer looks whose settings are auto.")
    ] = False,
    offset: Annotated[int, QueryParameter(description="Hits to leave out, from the first.")] = 0,
    sort: Annotated[Sort, QueryParameter(description=SORTING)] = "relevance",
    facets: Annotated[bool, QueryParameter(description=FACETS)] = False,
    suggested: Annotated[Literal["suggested"] | None, QueryParameter(name="filters", description=SUGGESTED)] = None,
) -> AnswerView:
    """The same as ``POST /v1/ask``."""
    request.scope["state"]["question"] = q
    page = ResultPage(offset, sort, facets)
    answer = session.answer(q, filters, limit, per_work, style, closely=closely, page=page, suggested=suggested == "suggested")
    return await while_awaited(request, answer)


# Excerpts by id: ``/v1/excerpts/{id}`` and their citations.

Neighbours = Annotated[int, QueryParameter(description="How many neighbouring excerpts to show, at most 10.")]


@get(
    "/v1/excerpts/{excerpt_id:str}",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["excerpts"],
    opt=READ,
    summary="One excerpt between its neighbours",
)
def show_excerpt(
    session: NamedDependency[Session],
    excerpt_id: FromPath[str],
    before: Neighbours = 1,
    after: Neighbours = 1,
    related: Annotated[int, QueryParameter(description="How many excerpts of each related kind to list, at most 10.")] = 3,
    style: Style = None,
) -> ExcerptView:
    """One excerpt, verbatim, with its citation, its place, those that stand around it and what else to read."""
    before, after, related = validate_count("before", before), validate_count("after", after), validate_count("related", related)
    return session.excerpt(excerpt_id, before, after, related, style)


@get(
    "/v1/excerpts/{excerpt_id:str}/citation",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["excerpts"],
    opt=READ,
    summary="One excerpt's citation",
)
def show_citation(
    session: NamedDependency[Session],
    excerpt_id: FromPath[str],
    format: Format = "text",  # noqa: A002 — its name outside
    style: Style = None,
    reference: Annotated[
        bool, QueryParameter(description="The full reference too, below the citation; for text and HTML.")
    ] = False,
) -> Response[Any]:
    """The citation as text, HTML, CSL-JSON, BibTeX, RIS or Zotero RDF, or the passage as a note; ``style`` is for text."""
    passages, style = cited(session.collection, [excerpt_id]), session.style(style)
    if format in NOTE_FORMATS:
        return Response(write_notes(passages, format, style, session.links), media_type=NOTE_MEDIA_TYPES[format])
    written = (write_with_reference if reference else write_citations)(passages, format, style)
    return Response(written, media_type=MEDIA_TYPES[format])


# Works that excerpts cite: ``/v1/works`` and ``/v1/bibliography``. ``/v1/sources`` is the former name, kept for one version.

PROVIDED = {"filters": Provide(filters_from_query)}


@get("/v1/works", dependencies=PROVIDED, responses=PROBLEMS, tags=["works"], opt=READ, summary="The works of the collection")
async def list_sources(
    session: NamedDependency[Session],
    filters: NamedDependency[Filters],
    offset: Annotated[int, QueryParameter(description="How many works to leave out at the beginning.")] = 0,
    limit: Annotated[int, QueryParameter(description=f"How many works to list at most, up to {MAX_LISTED}.")] = 200,
    style: Style = None,
) -> WorksView:
    """Works by author and title, with the number of excerpts that cite them; the spread over the years counts all."""
    return await asyncio.to_thread(session.presenter(style).sources, filters, *validate_page(offset, limit))


@get(
    "/v1/works/{work_id:str}",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["works"],
    opt=READ,
    summary="One work",
)
def show_source(session: NamedDependency[Session], work_id: FromPath[str], style: Style = None) -> WorkWithExcerptsView:
    """One work, the spellings that were merged into it, and the excerpts that cite it."""
    work = session.collection.work(work_id)
    ids = session.collection.excerpt_ids(Filters(work=(work_id,)))
    return WorkWithExcerptsView(session.presenter(style).source(work), tuple(ids))


FORMER_NAMES = [
    get("/v1/sources", dependencies=PROVIDED, include_in_schema=False, opt=READ)(list_sources.fn),
    get("/v1/sources/{work_id:str}", sync_to_thread=True, include_in_schema=False, opt=READ)(show_source.fn),
]
"""Works under the name that they had in version 0.1; to go with version 0.3."""


@get(
    "/v1/bibliography", dependencies=PROVIDED, responses=PROBLEMS, tags=["works"], opt=READ, summary="The works as a bibliography"
)
async def show_bibliography(
    session: NamedDependency[Session],
    filters: NamedDependency[Filters],
    format: Format = "text",  # noqa: A002 — its name outside
    style: Style = None,
    offset: Annotated[int, QueryParameter(description="How many works to leave out at the beginning.")] = 0,
    limit: Annotated[
        int | None, QueryParameter(description="How many works to write at most; by default as many as may be.")
    ] = None,
) -> Response[str]:
    """The works as text, HTML, CSL-JSON, BibTeX, RIS or Zotero RDF; ``style`` is for text and HTML. X-Total-Count counts all."""
    start, most = part_within(offset, limit, session.settings.max_works)
    works = await asyncio.to_thread(session.collection.works, filters)
    written = await asyncio.to_thread(write_bibliography, works[start : start + most], format, session.style(style))
    return Response(written, media_type=MEDIA_TYPES[format], headers={"x-total-count": str(len(works))})


# The collections of the service: ``/v1/collections``.


@get("/v1/collections", opt=ASK, responses=PROBLEMS, tags=["collections"], summary="The collections to choose from")
async def list_collections(request: JsonRequest, sessions: NamedDependency[Sessions]) -> CollectionsView:
    """Those that this caller may use; `collection=NAME` on every route chooses one, repeated several; without it the first."""
    libraries = sessions.libraries
    return CollectionsView(tuple([await _collection(libraries, name) for name in libraries.allowed(caller_of(request.scope))]))


async def _collection(libraries: Libraries, name: str) -> CollectionView:
    """One collection, or why it cannot be asked."""
    try:
        collection = (await libraries.fetch([name])).collection
    except IbidError as error:
        return CollectionView(name, f"/?collection={name}", problem=str(error))
    counts = collection.counts
    return CollectionView(name, f"/?collection={name}", counts.documents, counts.excerpts, counts.works, collection.generation)


# Documents of the collection and their text: ``/v1/documents``.


@get(
    "/v1/documents",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["documents"],
    opt=READ,
    summary="The documents of the collection",
)
def list_documents(session: NamedDependency[Session]) -> DocumentsView:
    """Every document with its SHA-256 and what was read from it."""
    presenter = session.presenter()
    return DocumentsView(tuple(map(presenter.document, session.collection.documents())))


@get(
    "/v1/documents/{document_id:str}",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["documents"],
    opt=READ,
    summary="One document",
)
def show_document(session: NamedDependency[Session], document_id: FromPath[str]) -> DocumentView:
    """One document with its SHA-256 and what was read from it."""
    return session.presenter().document(session.collection.document(document_id))


@get(
    "/v1/documents/{document_id:str}/text",
    sync_to_thread=True,
    responses=PROBLEMS,
    tags=["documents"],
    opt=READ,
    summary="A span of a document's text",
)
def show_text(
    session: NamedDependency[Session],
    document_id: FromPath[str],
    start: Annotated[int, QueryParameter(description="First code point.")] = 0,
    end: Annotated[
        int | None, QueryParameter(description="The code point after the last; the end of the document where not given.")
    ] = None,
) -> TextView:
    """The decoded text itself, to check a quotation against."""
    card = session.collection.document(document_id)
    span = validate_span(start, end, card.characters)
    return TextView(card.id, card.sha256, *span, session.collection.document_text(card.id, *span))


# Whether the service lives, whether it can answer, and what it has counted.


@get("/healthz", opt=OPEN, tags=["health"], summary="Whether the process runs")
async def healthz() -> AliveView:
    """Answers as long as the process does."""
    return AliveView("alive", version())


@get("/readyz", opt=OPEN, tags=["health"], summary="Whether questions can be answered")
async def readyz(library: NamedDependency[Library], access: NamedDependency[Access | None]) -> ReadyView | AliveView:
    """The generation that answers come from, and what is wrong with it; a problem with status 503 says why there is none.

    Where keys are required, probes have none, and are told that it is ready and no more.
    """
    opened = await library.fetch(wait=False)
    if access is not None:
        return AliveView("ready", version())
    counts = opened.collection.counts
    return ReadyView(
        status="ready",
        generation=opened.collection.generation,
        model=opened.collection.embedder.name,
        documents=counts.documents,
        excerpts=counts.excerpts,
        windows=counts.windows,
        works=counts.works,
        notices=library.notices,
    )


@get("/metrics", opt=READ, tags=["health"], summary="Counts for Prometheus", include_in_schema=False)
async def show_metrics(metrics: NamedDependency[Metrics]) -> Response[bytes]:
    """Counts in the Prometheus text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE)
