"""The tools that AI clients may call, without the protocol: their inputs, their results and what each does.

``search`` and ``fetch`` have the names and shapes that ChatGPT's connectors ask for
(https://platform.openai.com/docs/mcp); the others say what Ibid is for.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from index.citations.styles import STYLES
from index.records import Citation, Excerpt
from service.api import AskRequest, Session
from service.bibliography import FORMS, cited, write_citations
from service.errors import RequestInvalid
from service.presenters import short_title
from service.proof_schemas import VerificationView
from service.requests import FilterFields, takes_filters
from service.schemas import AnswerView, CitationView, PlaceView

Style = Annotated[str | None, Meta(description=f"Style of formatted citations: {', '.join(STYLES)}.")]
Id = Annotated[str, Meta(description="Id of a passage, as search and find_passages give it.")]


class SearchInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What search takes."""

    query: Annotated[str, Meta(description='A question in plain words; "words in quotation marks" must occur just so.')]


class FetchInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What fetch takes."""

    id: Id


@takes_filters
class FindInput(FilterFields, frozen=True, forbid_unknown_fields=True):
    """What find_passages takes."""

    question: Annotated[str, Meta(description='A question in plain words; "words in quotation marks" must occur just so.')]
    limit: Annotated[int | None, Meta(description="How many passages at most.")] = None
    per_work: Annotated[int | None, Meta(description="How many passages of one work at most.")] = None
    style: Style = None
    only: Annotated[
        Literal["suggested"] | None,
        Meta(description='"suggested": search only in the authors and titles that the question names as its sources.'),
    ] = msgspec.field(default=None, name="filters")

    def ask_request(self) -> AskRequest:
        """What is asked. Raises FilterInvalid."""
        return AskRequest(self.question, self.filters(), self.limit, self.per_work, suggested=self.only == "suggested")


class VerifyInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What verify_quote takes."""

    quote: Annotated[str, Meta(description="The words to look up, as they were quoted.")]
    citation: Annotated[str, Meta(description="How they were cited, in any style.")] = ""


class CiteInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What get_citation takes."""

    id: Id
    format: Annotated[str, Meta(description=f"How it is written: {', '.join(FORMS)}; style is for the first two.")] = "text"
    style: Style = None


class ResultView(msgspec.Struct, frozen=True):
    """One passage found; ``url`` is its page, to cite."""

    id: str
    title: str
    url: str


class ResultsView(msgspec.Struct, frozen=True):
    """Passages found, best first; none where nothing in the collection answers the query."""

    results: tuple[ResultView, ...]


class AboutView(msgspec.Struct, frozen=True):
    """Where a passage comes from: its citation, its headings, and its place in its document."""

    citation: CitationView
    headings: tuple[str, ...]
    document: PlaceView


class FetchedView(msgspec.Struct, frozen=True):
    """One passage, whole and verbatim."""

    id: str
    title: str
    text: str
    url: str
    metadata: AboutView


class WrittenCitationView(msgspec.Struct, frozen=True):
    """One passage's citation; it says in which document the passage is quoted."""

    id: str
    format: str
    citation: str
    url: str


class Tool(msgspec.Struct, frozen=True):
    """One tool: its description for clients, the shapes of its input and output, and what it does."""

    name: str
    title: str
    description: str
    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct]
    run: Callable[[Session, Any], Awaitable[msgspec.Struct]]


async def call(name: str, arguments: dict[str, Any], session: Session) -> msgspec.Struct:
    """The result of one tool.

    Raises:
        RequestInvalid: there is no such tool, or it does not take these arguments.
        QuestionInvalid, FilterInvalid, CitationInvalid, Unknown: what was asked cannot be answered.
    """
    tool = next((tool for tool in TOOLS if tool.name == name), None)
    if tool is None:
        known = ", ".join(tool.name for tool in TOOLS)
        raise RequestInvalid(f"the tool is {name!r}", rule=f"the tools are {known}", remedy="call one of them")
    try:
        told = msgspec.convert(arguments, tool.takes)
    except msgspec.ValidationError as error:
        raise RequestInvalid(
            f"the arguments of {name} are not as they should be ({str(error).replace('`', '')})",
            rule="arguments are as the tool's input schema says",
            remedy="change them",
        ) from error
    return await tool.run(session, told)


async def _search(session: Session, told: SearchInput) -> ResultsView:
    found = await session.look(AskRequest(told.query))
    return ResultsView(tuple(_result(session, hit.excerpt) for hit in found.findings.hits))


async def _fetch(session: Session, told: FetchInput) -> FetchedView:
    return await asyncio.to_thread(_fetched, session, told.id)


async def _find(session: Session, told: FindInput) -> AnswerView:
    return (await session.look(told.ask_request(), told.style)).passages


async def _verify(session: Session, told: VerifyInput) -> VerificationView:
    return await session.verify(told.quote, told.citation)


async def _cite(session: Session, told: CiteInput) -> WrittenCitationView:
    written = await asyncio.to_thread(
        write_citations, cited(session.collection, [told.id]), told.format, session.style(told.style)
    )
    return WrittenCitationView(told.id, told.format, written, session.links.excerpt(told.id))


def _fetched(session: Session, excerpt_id: str) -> FetchedView:
    (excerpt,) = session.collection.excerpts([excerpt_id])
    presenter = session.presenter()
    about = AboutView(presenter.citation(excerpt), excerpt.headings, presenter.place(excerpt))
    return FetchedView(excerpt.id, title_of(session, excerpt), excerpt.text, session.links.excerpt(excerpt.id), about)


def _result(session: Session, excerpt: Excerpt) -> ResultView:
    return ResultView(excerpt.id, title_of(session, excerpt), session.links.excerpt(excerpt.id))


def title_of(session: Session, excerpt: Excerpt) -> str:
    """A passage's short title: who, when and where, else the document's."""
    citation = excerpt.citation or Citation("")
    return short_title(citation.csl, citation.locator, citation.raw or session.collection.document(excerpt.document_id).title)


TOOLS = (
    Tool(
        "search",
        "Search the collection",
        "Finds the passages of the collection that answer a question, best first. An empty list means that nothing in the "
        "collection answers it. Passages are what their authors wrote, not established fact; use fetch to read one.",
        SearchInput,
        ResultsView,
        _search,
    ),
    Tool(
        "fetch",
        "Read a passage",
        "Gives one passage whole and verbatim, with its citation and its place in its document. Quote from it exactly, and "
        "attribute it to its author.",
        FetchInput,
        FetchedView,
        _fetch,
    ),
    Tool(
        "find_passages",
        "Find passages with their evidence",
        "Finds passages as search does, with everything that is known of each: verbatim text, highlights, citation, place, "
        "scores, and whether the evidence suffices (status answered, weak or nothing_relevant). Takes filters.",
        FindInput,
        AnswerView,
        _find,
    ),
    Tool(
        "verify_quote",
        "Check a quotation",
        "Tells whether words occur verbatim in the collection, with a word diff where they were altered, and whether they "
        "stand where a citation says. Check every quotation with it before you show it.",
        VerifyInput,
        VerificationView,
        _verify,
    ),
    Tool(
        "get_citation",
        "Cite a passage",
        "Writes the citation of a passage in a style, or as BibTeX, RIS or CSL-JSON.",
        CiteInput,
        WrittenCitationView,
        _cite,
    ),
)
