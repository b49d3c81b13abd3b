"""Pages for people: ``/`` asks and answers in a thread, ``/x/{id}`` shows one excerpt; both work without JavaScript."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

from index.errors import CitationInvalid
from index.filters import Filters
from prompts import Message
from rag.errors import FilterInvalid, QuestionInvalid
from service.address import MOST_QUESTIONS, Address, address_from_query
from service.bodies import JsonRequest
from service.citing import EXTENSIONS
from service.desk import Desk
from service.errors import RequestInvalid
from service.inquiries import Inquiry
from service.overview import labels
from service.pages import STATIC as STATIC_FILES
from service.pages import page
from service.problems import Problem, problem_of
from service.reading import leaves_of, place_in_document
from service.settings import Settings
from service.views import AnswerView, label

STATIC = create_static_files_router(path="/static", directories=[STATIC_FILES], include_in_schema=False, opt={"any_query": True})


class Turn(msgspec.Struct, frozen=True):
    """One question of a thread and what was found for it, or why it could not be asked."""

    question: str
    answer: AnswerView | None
    problem: Problem | None


@get("/", dependencies={"address": Provide(address_from_query)}, include_in_schema=False)
async def home_page(
    request: JsonRequest, desk: NamedDependency[Desk], settings: NamedDependency[Settings], address: NamedDependency[Address]
) -> Response[Any]:
    """A thread of questions, each with the passages found. Every state is an address; an empty field is no filter."""
    if address.questions:
        request.scope["state"]["question"] = address.questions[-1]
    turns = [await _turn(desk, address, number) for number in range(len(address.questions))]
    status = next((turn.problem.status for turn in turns if turn.problem), 200)
    return page(
        "home.html",
        status,
        address=address,
        turns=turns,
        counts=desk.collection.counts,
        longest=settings.max_question,
        backends=desk.writing.backends.names,
        labels=labels(desk.collection, Filters(work=tuple(address.values("work")), document=tuple(address.values("document")))),
        most=MOST_QUESTIONS,
    )


@get("/x/{excerpt_id:str}", sync_to_thread=True, include_in_schema=False)
def excerpt_page(desk: NamedDependency[Desk], excerpt_id: FromPath[str]) -> Response[Any]:
    """One excerpt: text, citation, the document it is quoted in, neighbours, and its citation to take away."""
    view = desk.excerpt(excerpt_id)
    return page(
        "excerpt.html",
        excerpt=view,
        name=label(view.citation.csl) or view.document.title,
        place=place_in_document(view.document),
        leaves=leaves_of(desk.collection, view.document) if desk.collection.document(view.document.id).reader == "pdf" else (),
        links=desk.links,
        extensions=EXTENSIONS,
    )


async def _turn(desk: Desk, address: Address, number: int) -> Turn:
    """One question with those before it as its history; no language model is asked for a page."""
    question = address.questions[number]
    try:
        found = await desk.look(Inquiry(question, address.filters, history=_history(address.questions[:number])))
        return Turn(question, found.passages, None)
    except (QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid) as error:
        problem, _ = problem_of(error)
        return Turn(question, None, problem)


def _history(questions: Sequence[str]) -> tuple[Message, ...]:
    return tuple(Message("user", question) for question in questions)
