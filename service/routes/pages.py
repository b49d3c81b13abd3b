"""Pages for people: ``/`` asks and answers in a thread, ``/x/{id}`` shows one excerpt; both work without JavaScript."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter
from litestar.static_files import create_static_files_router

from index.errors import CitationInvalid
from index.filters import Filters
from index.records import Locator
from prompts import Message
from rag.errors import FilterInvalid, QuestionInvalid
from rag.records import ResultPage
from service.access import ASK, OPEN, READ, caller_of
from service.api import AskRequest, Session, Sessions
from service.bibliography import (
    BOOKMARK_FORMATS,
    EXPORTS,
    EXTENSIONS,
    MEDIA_TYPES,
    accepted_export,
    cited,
    export_bookmarks,
    validate_bookmarks,
    works_of,
    write_bibliography,
    write_citations,
)
from service.errors import RequestInvalid
from service.limits import known_styles, validate_page
from service.note_files import NOTE_EXTENSIONS, NOTE_FORMATS, NOTE_MEDIA_TYPES, write_notes
from service.overview import HEIGHT, labels, overview
from service.page_metadata import quotation_metadata, work_metadata
from service.pages import MOST_QUESTIONS, PageState, page, page_state_from_query
from service.pages import STATIC as STATIC_FILES
from service.presenters import label
from service.problems import Problem, problem_of
from service.reading import leaves_of, links_out, place_in_document
from service.requests import JsonRequest
from service.responses import while_awaited
from service.results_page import examples
from service.schemas import AnswerView, PassageView
from service.settings import Settings

STATIC = create_static_files_router(
    path="/static", directories=[STATIC_FILES], include_in_schema=False, opt={"any_query": True, **OPEN}
)


Kept = Annotated[list[str] | None, QueryParameter()]
"""Passages named in an address."""

_COMPARED = 2


class Turn(msgspec.Struct, frozen=True):
    """One question of a thread and what was found for it, or why it could not be asked."""

    question: str
    answer: AnswerView | None
    problem: Problem | None


@get("/", dependencies={"address": Provide(page_state_from_query)}, include_in_schema=False, opt=ASK)
async def home_page(
    request: JsonRequest,
    session: NamedDependency[Session],
    settings: NamedDependency[Settings],
    address: NamedDependency[PageState],
    sessions: NamedDependency[Sessions],
) -> Response[Any]:
    """A thread of questions, each with the passages found. Every state is an address; an empty field is no filter."""
    if address.questions:
        request.scope["state"]["question"] = address.questions[-1]
    turns = [await _turn(session, address, number) for number in range(len(address.questions))]
    status = next((turn.problem.status for turn in turns if turn.problem), 200)
    return await asyncio.to_thread(
        page,
        "home.html",
        status,
        address=address,
        turns=turns,
        examples=() if turns else examples(session.collection),
        counts=session.collection.counts,
        longest=settings.max_question,
        backends=session.writing.backends.names,
        labels=labels(
            session.collection, Filters(work=tuple(address.values("work")), document=tuple(address.values("document")))
        ),
        most=MOST_QUESTIONS,
        most_hits=settings.max_limit,
        collections=sessions.libraries.allowed(caller_of(request.scope)),
        here_in=sessions.libraries.chosen(caller_of(request.scope), address.collections),
    )


@get("/turn", dependencies={"address": Provide(page_state_from_query)}, include_in_schema=False, opt=ASK)
async def turn_page(
    request: JsonRequest,
    session: NamedDependency[Session],
    settings: NamedDependency[Settings],
    address: NamedDependency[PageState],
    searched: Annotated[str, QueryParameter()] = "",
) -> Response[Any]:
    """The last question of a thread with the passages found, as ``/`` draws it: what a page puts in that asks without reloading.

    ``searched`` is what a language model made of the question; it is searched for in its place.
    """
    if not address.questions:
        raise RequestInvalid("the address has no question", rule="a turn has one", remedy="give q")
    request.scope["state"]["question"] = address.questions[-1]
    number = len(address.questions) - 1
    turn = await _turn(session, address, number, searched)
    status = turn.problem.status if turn.problem else 200
    return await asyncio.to_thread(
        page, "turn.html", status, address=address, turn=turn, number=number + 1, most_hits=settings.max_limit
    )


@get("/compare", sync_to_thread=True, include_in_schema=False, opt=READ)
def compare_page(session: NamedDependency[Session], id: Kept = None) -> Response[Any]:  # noqa: A002 — its name outside
    """Two passages side by side, what both say marked. Raises Unknown, RequestInvalid."""
    if len(ids := id or []) != _COMPARED:
        raise RequestInvalid(
            f"{len(ids)} passages are named", rule="two are compared", remedy="give id twice; the tray does so for two passages"
        )
    left, right = (session.presenter().passage(excerpt) for excerpt in session.collection.excerpts(ids))
    return page("compare.html", passages=[(left, right.text), (right, left.text)])


@get("/x/{excerpt_id:str}", sync_to_thread=True, include_in_schema=False, opt=READ)
def excerpt_page(request: JsonRequest, session: NamedDependency[Session], excerpt_id: FromPath[str]) -> Response[Any]:
    """One excerpt: text, citation, the document it is quoted in, neighbours, and its citation to take away.

    Who accepts a format of reference managers rather than HTML gets the citation in that.
    """
    if form := accepted_export(request.headers.get("accept", "")):
        written = write_citations(cited(session.collection, [excerpt_id]), form, session.style(None))
        return Response(written, media_type=MEDIA_TYPES[form], headers={"vary": "Accept"})
    view = session.excerpt(excerpt_id)
    cite = view.citation
    return page(
        "excerpt.html",
        headers={"vary": "Accept"},
        excerpt=view,
        metadata=quotation_metadata(cite.csl, view.url, view.text, view.document.title, _place(cite.locator))
        if cite.csl
        else None,
        alternates=[(MEDIA_TYPES[form], session.links.citation(excerpt_id, form)) for form in EXPORTS] if cite.csl else [],
        name=label(view.citation.csl) or view.document.title,
        place=place_in_document(view.document),
        kept=links_out(session.collection, view.document),
        leaves=leaves_of(session.collection, view.document)
        if session.collection.document(view.document.id).reader == "pdf"
        else (),
        links=session.links,
        extensions=EXTENSIONS,
    )


async def _turn(session: Session, address: PageState, number: int, searched: str = "") -> Turn:
    """One question with those before it as its history; no language model is asked for a page."""
    question, is_last = address.questions[number], number == len(address.questions) - 1
    limit = address.limit if is_last else None
    shown = ResultPage(address.offset if is_last else 0, address.sort, facets=True)
    history = () if searched else _history(address.questions[:number])
    try:
        found = await session.look(
            AskRequest(searched or address.asked(number), address.filters, limit, history=history, page=shown)
        )
        return Turn(question, found.passages, None)
    except (QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid) as error:
        problem, _ = problem_of(error)
        return Turn(question, None, problem)


def _history(questions: Sequence[str]) -> tuple[Message, ...]:
    return tuple(Message("user", question) for question in questions)


# Pages on what there is: the collection at a glance, its works, and one work with its passages.

WORKS_LISTED = 100
PASSAGES_LISTED = 50

Offset = Annotated[int, QueryParameter()]


@get("/sources", dependencies={"address": Provide(page_state_from_query)}, sync_to_thread=True, include_in_schema=False, opt=READ)
def sources_page(
    session: NamedDependency[Session],
    address: NamedDependency[PageState],
    offset: Offset = 0,
    passages: Annotated[int, QueryParameter()] = 0,
) -> Response[Any]:
    """The collection by year, author and heading, and its works in parts; or what the filters leave of it.

    With filters also the passages that they leave, from the number ``passages`` on.
    """
    filters = address.filters
    return page(
        "sources.html",
        address=address,
        overview=overview(session.collection, filters),
        height=HEIGHT,
        documents=session.collection.documents(filters),
        listed=session.presenter().sources(filters, *validate_page(offset, WORKS_LISTED)),
        step=WORKS_LISTED,
        passages=_passages(session, filters, passages) if address.narrowed else None,
        labels=labels(session.collection, filters),
    )


class Listed(NamedTuple):
    """Some passages of a list: where they begin in it, how many it has, and how many are shown at once."""

    excerpts: list[PassageView]
    offset: int
    total: int
    step: int


def _passages(session: Session, filters: Filters, offset: int) -> Listed:
    ids = session.collection.excerpt_ids(filters)
    start, limit = validate_page(offset, PASSAGES_LISTED)
    presenter = session.presenter()
    shown = [presenter.passage(excerpt) for excerpt in session.collection.excerpts(ids[start : start + limit])]
    return Listed(shown, start, len(ids), limit)


@get("/sources/{work_id:str}", sync_to_thread=True, include_in_schema=False, opt=READ)
def source_page(
    request: JsonRequest, session: NamedDependency[Session], work_id: FromPath[str], offset: Offset = 0
) -> Response[Any]:
    """One work, and the passages quoted from it, in parts; to who accepts a format of reference managers, its reference."""
    if form := accepted_export(request.headers.get("accept", "")):
        written = write_bibliography([session.collection.work(work_id)], form, session.style(None))
        return Response(written, media_type=MEDIA_TYPES[form], headers={"vary": "Accept"})
    work = session.presenter().source(session.collection.work(work_id))
    return page(
        "source.html",
        headers={"vary": "Accept"},
        work=work,
        listed=_passages(session, Filters(work=(work_id,)), offset),
        metadata=work_metadata(work.csl, f"{session.links.base}/sources/{work.id}"),
        alternates=[(MEDIA_TYPES[form], session.links.bibliography(work.id, form)) for form in EXPORTS],
    )


def _place(locator: Locator | None) -> str:
    return f"{locator.label} {locator.value}" if locator else ""


# The tray: passages kept by a reader, named in the address, and ways to take them away.

Text = Annotated[str, QueryParameter()]


@get("/tray", sync_to_thread=True, include_in_schema=False, opt=READ)
def tray_page(session: NamedDependency[Session], id: Kept = None, style: Text = "") -> Response[Any]:  # noqa: A002 — its name outside
    """The passages kept, each with its citation, and the bibliography of their works. Raises Unknown."""
    ids, style = validate_bookmarks(id or ()), session.style(style or None)
    excerpts = session.collection.excerpts(ids)
    presenter = session.presenter(style)
    works = works_of(session.collection, excerpts)
    return page(
        "tray.html",
        ids=ids,
        style=style,
        passages=[presenter.passage(excerpt) for excerpt in excerpts],
        works=len(works),
        unparsed=sum(not excerpt.work_id for excerpt in excerpts),
        bibliography=export_bookmarks(session.collection, excerpts, "html", style),
        all_styles=known_styles(session.settings),
        takeaways=BOOKMARK_FORMATS,
    )


@get("/tray/export", sync_to_thread=True, include_in_schema=False, opt=READ)
def export_tray(
    session: NamedDependency[Session],
    id: Kept = None,  # noqa: A002 — its name outside
    format: Text = "markdown",  # noqa: A002 — its name outside
    style: Text = "",
) -> Response[Any]:
    """The tray as a file. Raises Unknown, CitationInvalid."""
    ids, style = validate_bookmarks(id or ()), session.style(style)
    if format in NOTE_FORMATS:
        written: str | bytes = write_notes(cited(session.collection, ids), format, style, session.links)
    else:
        written = export_bookmarks(session.collection, session.collection.excerpts(ids), format, style)
    extension = (EXTENSIONS | NOTE_EXTENSIONS).get(format)
    headers = {"content-disposition": f'attachment; filename="ibid.{extension}"'}
    return Response(written, media_type=(MEDIA_TYPES | NOTE_MEDIA_TYPES)[format], headers=headers)


# The page that checks a quotation: whether its words occur, how they differ, and whether they stand where they were cited.


@get("/verify", include_in_schema=False, opt=ASK)
async def verify_page(
    request: JsonRequest, session: NamedDependency[Session], quote: Text = "", citation: Text = ""
) -> Response[Any]:
    """A form, and what was found out about the quotation in the address."""
    verified, passages, problem = None, {}, None
    if quote:
        try:
            verified = await while_awaited(request, session.verify(quote, citation))
            ids = dict.fromkeys(place.excerpt for place in verified.finding.places)
            presenter = session.presenter()
            passages = {excerpt.id: presenter.passage(excerpt) for excerpt in session.collection.excerpts(list(ids))}
        except QuestionInvalid as error:
            problem, _ = problem_of(error)
    asked = {"quote": quote, "citation": citation}
    status = problem.status if problem else 200
    longest = session.settings.max_quote
    collections = request.query_params.getall("collection", [])
    return page(
        "verify.html",
        status,
        collections=collections,
        asked=asked,
        verified=verified,
        passages=passages,
        problem=problem,
        longest=longest,
    )
