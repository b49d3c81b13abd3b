"""Whether the service lives, whether it can answer, and what it has counted."""

from litestar import Response, get
from litestar.di import NamedDependency

from service.library import Library
from service.metrics import CONTENT_TYPE, Metrics
from service.version import version
from service.views import AliveView, ReadyView


@get("/healthz", tags=["health"], summary="Whether the process runs")
async def healthz() -> AliveView:
    """Answers as long as the process does."""
    return AliveView("alive", version())


@get("/readyz", tags=["health"], summary="Whether questions can be answered")
async def readyz(library: NamedDependency[Library]) -> ReadyView:
    """The generation that answers come from, and what is wrong with it; a problem with status 503 says why there is none."""
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
        notices=library.notices,
    )


@get("/metrics", tags=["health"], summary="Counts for Prometheus", include_in_schema=False)
async def show_metrics(metrics: NamedDependency[Metrics]) -> Response[bytes]:
    """Counts in the Prometheus text format."""
    return Response(metrics.text(), media_type=CONTENT_TYPE)
