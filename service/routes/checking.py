"""The page that checks a quotation: whether its words occur, how they differ, and whether they stand where they were cited."""

from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from rag.errors import QuestionInvalid
from service.bodies import JsonRequest
from service.desk import Desk
from service.pages import page
from service.problems import problem_of
from service.streams import while_awaited

Text = Annotated[str, QueryParameter()]


@get("/verify", include_in_schema=False)
async def verify_page(request: JsonRequest, desk: NamedDependency[Desk], quote: Text = "", citation: Text = "") -> Response[Any]:
    """A form, and what was found out about the quotation in the address."""
    verified, passages, problem = None, {}, None
    if quote:
        try:
            verified = await while_awaited(request, desk.verify(quote, citation))
            ids = dict.fromkeys(place.excerpt for place in verified.finding.places)
            showing = desk.showing()
            passages = {excerpt.id: showing.passage(excerpt) for excerpt in desk.collection.excerpts(list(ids))}
        except QuestionInvalid as error:
            problem, _ = problem_of(error)
    asked = {"quote": quote, "citation": citation}
    status = problem.status if problem else 200
    longest = desk.settings.max_quote
    return page("verify.html", status, asked=asked, verified=verified, passages=passages, problem=problem, longest=longest)
