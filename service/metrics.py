"""What the service counts about itself, in the Prometheus text format.

With several workers each counts in files that ``PROMETHEUS_MULTIPROC_DIR`` names, and any of them reports the sum.
"""

import os
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

CONTENT_TYPE = "text/plain; version=0.0.4"
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHARED = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """Counters of one process, or of all workers together."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ibid_requests_total", "Requests answered.", ("method", "path", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "ibid_request_seconds",
            "Time from request to the end of its answer.",
            ("path",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "ibid_question_seconds", "Time a question spends in each stage.", ("stage",), buckets=SECONDS, registry=self._registry
        )
        self._questions = Counter("ibid_questions_total", "Questions answered.", ("status",), registry=self._registry)
        self._generations = Counter(
            "ibid_generations_total",
            "Newer generations of the index, by whether they could be opened.",
            ("outcome",),
            registry=self._registry,
        )
        # One of each is looked up for every request, and there are few.
        self._request = cache(self._requests.labels)
        self._request_seconds = cache(self._seconds.labels)
        self._question = cache(self._questions.labels)
        self._stage = cache(self._stages.labels)

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Counts one request; ``path`` is the route's template, so that ids do not multiply the series."""
        self._request(method, path, status).inc()
        self._request_seconds(path).observe(seconds)

    def question(self, status: str, stages: dict[str, float]) -> None:
        """Counts one question by what came of it, with the seconds each stage took."""
        self._question(status).inc()
        for stage, seconds in stages.items():
            self._stage(stage).observe(seconds)

    def generation(self, opened: bool) -> None:
        """Counts one newer generation of the index."""
        self._generations.labels("opened" if opened else "failed").inc()

    def text(self) -> bytes:
        """All counts in the Prometheus text format."""
        registry = self._registry
        if SHARED in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its signature has no annotations
        return generate_latest(registry)
