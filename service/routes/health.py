"""Whether the service lives, whether it can answer, and what it has counted."""

from litestar import Response, get
from litestar.di import NamedDependency

from index.errors import IbidError
from service.library import Library
from service.metrics import CONTENT_TYPE, Metrics
from service.problems import problem_of
from service.proof_views import ReasonView
from service.version import version
from service.views import AliveView, ReadyView


@get("/healthz", tags=["health"], summary="Whether the process runs")
async def healthz() -> AliveView:
    """Answers as long as the process does."""
    return AliveView("alive", version())


@get("/readyz", tags=["health"], summary="Whether questions can be answered")
async def readyz(library: NamedDependency[Library]) -> ReadyView:
    """The generation that answers come from; a problem with status 503 says why there is none.

    ``problem`` says why a newer one, which is there, cannot be opened.
    """
    opened = await library.fetch(wait=False)
    counts = opened.collection.counts
    return ReadyView(
        status="ready",
        generation=opened.collection.generation,
        model=opened.collection.embedder.name,
        documents=counts.documents,
        excerpts=counts.excerpts,
        windows=counts.windows,
        works=counts.works,
        problem=_reason(library.problem),
    )


@get("/metrics", tags=["health"], summary="Counts for Prometheus", include_in_schema=False)
async def show_metrics(metrics: NamedDependency[Metrics]) -> Response[bytes]:
    """Counts in the Prometheus text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE)


def _reason(error: IbidError | None) -> ReasonView | None:
    if error is None:
        return None
    told, _ = problem_of(error)
    return ReasonView(told.type, told.title, told.detail, told.found, told.rule, told.remedy)
