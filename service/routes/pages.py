"""Pages for people: ``/`` asks and lists, ``/x/{id}`` shows one excerpt; both work without JavaScript and print well."""

from pathlib import Path
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.static_files import create_static_files_router

from index.citations.styles import STYLES
from index.errors import CitationInvalid
from index.filters import Filters
from rag.errors import FilterInvalid, QuestionInvalid
from service.bodies import JsonRequest
from service.citing import EXPORTS, EXTENSIONS
from service.desk import Desk
from service.pages import page
from service.parameters import filters_of, page_within
from service.problems import RequestInvalid, problem_of
from service.settings import Settings
from service.views import label

WORKS_LISTED = 200
Field = Annotated[str, QueryParameter()]

STATIC = create_static_files_router(
    path="/static", directories=[Path(__file__).parent.parent / "static"], include_in_schema=False, opt={"any_query": True}
)


@get("/", include_in_schema=False)
async def home_page(
    request: JsonRequest,
    desk: NamedDependency[Desk],
    settings: NamedDependency[Settings],
    q: Field = "",
    author: Field = "",
    title: Field = "",
    heading: Field = "",
    work: Field = "",
    document: Field = "",
    year: Field = "",
) -> Response[Any]:
    """A form, and what it found. Every state is an address; an empty field is no filter."""
    fields = {"author": author, "title": title, "heading": heading, "work": work, "document": document, "year": year}
    given = {name: text for name, text in fields.items() if text.strip()}
    answer, problem = None, None
    if q:
        request.scope["state"]["question"] = q
        try:
            answer = await desk.answer(q, filters_of({name: [text] for name, text in given.items()}))
        except (QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid) as error:
            problem, _ = problem_of(error)
    shown = [(name, text) for name, text in fields.items() if name in given or name not in {"work", "document"}]
    asked = {"q": q, "fields": shown, "narrowed": bool(given)}
    status = problem.status if problem else 200
    return page(
        "home.html",
        status,
        asked=asked,
        answer=answer,
        problem=problem,
        counts=desk.collection.counts,
        longest=settings.max_question,
    )


@get("/sources", sync_to_thread=True, include_in_schema=False)
def sources_page(desk: NamedDependency[Desk], offset: Annotated[int, QueryParameter()] = 0) -> Response[Any]:
    """The works of the collection, as a bibliography in parts."""
    return page("sources.html", listed=desk.showing().sources(Filters(), *page_within(offset, WORKS_LISTED)), step=WORKS_LISTED)


@get("/sources/{work_id:str}", sync_to_thread=True, include_in_schema=False)
def source_page(desk: NamedDependency[Desk], work_id: FromPath[str]) -> Response[Any]:
    """One work, and the excerpts that cite it."""
    showing = desk.showing()
    excerpts = desk.collection.excerpts(desk.collection.excerpt_ids(Filters(work=(work_id,))))
    listed = [showing.passage(excerpt) for excerpt in excerpts]
    return page("source.html", work=showing.source(desk.collection.work(work_id)), excerpts=listed)


@get("/x/{excerpt_id:str}", sync_to_thread=True, include_in_schema=False)
def excerpt_page(desk: NamedDependency[Desk], excerpt_id: FromPath[str]) -> Response[Any]:
    """One excerpt: text, citation, the document it is quoted in, neighbours, and its citation to take away."""
    view = desk.excerpt(excerpt_id)
    return page(
        "excerpt.html",
        excerpt=view,
        name=label(view.citation.csl) or view.document.title,
        links=desk.links,
        styles=STYLES,
        exports=EXPORTS,
        extensions=EXTENSIONS,
    )
