"""OpenTelemetry: a span for each request and each step of a question, and figures, sent where the OTEL_* variables say.

Off, and nothing of it imported, without these variables. Neither questions nor texts nor query strings go into an attribute; of
an error only its class does.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import ExtraMissing
from rag.errors import SettingInvalid
from rag.tracing import TRACE, Attributes, Headers
from service.settings import version
from service.telemetry import Metrics

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

_SCOPE = "ibid"
_EXPORTERS = ("otlp", "console", "none")
_MODULES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http", "opentelemetry.instrumentation.asgi")
_PROBES = r"/healthz$,/readyz$,/metrics$"
"""Not traced, unless OTEL_PYTHON_EXCLUDED_URLS says otherwise."""


class Exporters(NamedTuple):
    """Where spans and figures are sent: "otlp", "console" or nowhere, ""."""

    traces: str
    metrics: str


# What the variables say.


def read_exporters(environment: Mapping[str, str]) -> Exporters | None:
    """What the OTEL_* variables ask for; None where they ask for nothing.

    Raises:
        SettingInvalid: an exporter or a protocol that there is not.
        ExtraMissing: something is asked for and the extra ``otel`` is not installed.
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    asked = Exporters(_exporter("TRACES", environment), _exporter("METRICS", environment))
    if not any(asked):
        return None
    if not all(map(_is_installed, _MODULES)):
        raise ExtraMissing(
            "the OTEL_* variables ask for traces or metrics, and OpenTelemetry is not installed",
            rule="it is an extra",
            remedy="install it with: pip install 'ibid-rag[otel]', or set OTEL_SDK_DISABLED=true",
        )
    return asked


def _exporter(signal: str, environment: Mapping[str, str]) -> str:
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    name = f"OTEL_{signal}_EXPORTER"
    exporter = environment.get(name, "").strip() or ("otlp" if any(map(environment.get, endpoints)) else "none")
    if exporter not in _EXPORTERS:
        raise SettingInvalid(f"{name} is {exporter!r}", rule=f"it is one of {', '.join(_EXPORTERS)}", remedy="set one of these")
    for told in ("OTEL_EXPORTER_OTLP_PROTOCOL", f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"):
        if exporter == "otlp" and (protocol := environment.get(told, "").strip()) not in {"", "http/protobuf"}:
            raise SettingInvalid(
                f"{told} is {protocol!r}",
                rule="OTLP is spoken as http/protobuf",
                remedy="leave it out, and name the collector's port for HTTP, which is usually 4318",
            )
    return "" if exporter == "none" else exporter


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# The traces and figures of one process.


class Observability:
    """What traces and counts in one process; the providers read OTEL_* variables of their own, such as the sampler's."""

    def __init__(self, traces: "TracerProvider | None" = None, metrics: "MeterProvider | None" = None) -> None:
        self._traces = traces
        self._metrics = metrics

    def traced(self, app: ASGIApp) -> ASGIApp:
        """The whole application with a span for each request."""
        return app if self._traces is None else _traced(app, self._traces)

    def metrics(self) -> Metrics:
        """The counters of the service, which feed OpenTelemetry too where it is to have figures."""
        return Metrics() if self._metrics is None else OtelMetrics(self._metrics)

    def close(self) -> None:
        """Sends what is left; waits for a receiver, so beside the event loop."""
        for provider in (self._traces, self._metrics):
            if provider is not None:
                provider.shutdown()


OFF = Observability()


def open_observability(exporters: Exporters | None) -> Observability:
    """Starts what is asked for; each worker has its own. Reaches no receiver yet."""
    if exporters is None:
        return OFF
    # The attributes' names that are stable since 2023; the instrumentation would else use those of before.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    resource = _resource()
    return Observability(
        _tracer_provider(exporters.traces, resource) if exporters.traces else None,
        _meter_provider(exporters.metrics, resource) if exporters.metrics else None,
    )


def _resource() -> "Resource":
    """Who sends: ``ibid`` in this version, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise."""
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    told = {"service.name": _SCOPE, "service.version": version(), "service.instance.id": os.urandom(16).hex()}
    return Resource.create(told).merge(OTELResourceDetector().detect())


def _tracer_provider(exporter: str, resource: "Resource") -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter() if exporter == "otlp" else ConsoleSpanExporter()))
    return provider


def _meter_provider(exporter: str, resource: "Resource") -> "MeterProvider":
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter() if exporter == "otlp" else ConsoleMetricExporter())
    return MeterProvider([reader], resource=resource)


# Spans.


class OtelTrace:
    """The trace of one request, whose steps become spans below the request's own."""

    def __init__(self, tracer: "Tracer", context: "Context", trace_id: int) -> None:
        self._tracer = tracer
        self._context = context
        self.id = f"{trace_id:032x}"

    @contextmanager
    def step(self, name: str, attributes: Attributes) -> Iterator[Headers]:
        """A span from here to the end of the block, and ``traceparent`` for whoever is called in it."""
        from opentelemetry.trace import SpanKind, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        kind = SpanKind.CLIENT if "gen_ai.operation.name" in attributes else SpanKind.INTERNAL
        span = self._tracer.start_span(name, self._context, kind, dict(attributes))
        headers: dict[str, str] = {}
        # The trace only: baggage is what a client says, and not for others.
        TraceContextTextMapPropagator().inject(headers, set_span_in_context(span, self._context))
        try:
            yield headers
        except BaseException as error:
            _mark_failed(span, error)
            raise
        finally:
            span.end()


def _mark_failed(span: "Span", error: BaseException) -> None:
    """Only the class: what an error says may quote a question."""
    from opentelemetry.trace import StatusCode

    if isinstance(error, Exception) and span.is_recording():  # a client that leaves cancels, and nothing has failed
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", type(error).__name__)


def _traced(app: ASGIApp, provider: "TracerProvider") -> ASGIApp:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.metrics import NoOpMeterProvider
    from opentelemetry.util.http import get_excluded_urls, parse_excluded_urls

    named = any(f"OTEL_PYTHON_{each}" in os.environ for each in ("EXCLUDED_URLS", "ASGI_EXCLUDED_URLS"))
    tracer = provider.get_tracer(_SCOPE, version())

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        request = _TracedRequest(app, scope, tracer)
        # The query string holds questions: the middleware sees a request without one.
        await instrumented({**scope, "query_string": b"", _REQUEST: request}, cast("Any", receive), cast("Any", send))
        if request.failed is not None:
            raise request.failed

    instrumented = OpenTelemetryMiddleware(
        _run,
        excluded_urls=get_excluded_urls("ASGI") if named else parse_excluded_urls(_PROBES),
        tracer=tracer,
        meter_provider=NoOpMeterProvider(),  # our own figures know routes
        exclude_spans=["receive", "send"],
    )
    return cast("ASGIApp", traced)


_REQUEST = "ibid.request"


async def _run(scope: Any, receive: Any, send: Any) -> None:
    await scope[_REQUEST](receive, send)


class _TracedRequest:
    """One request on its way through the middleware, which would report the message of an error that passes it."""

    def __init__(self, app: ASGIApp, scope: Scope, tracer: "Tracer") -> None:
        self._app = app
        self._scope = scope
        self._tracer = tracer
        self.failed: BaseException | None = None

    async def __call__(self, receive: Receive, send: Send) -> None:
        from opentelemetry.context import get_current
        from opentelemetry.trace import get_current_span

        span = get_current_span()
        if span.get_span_context().is_valid:
            TRACE.set(OtelTrace(self._tracer, get_current(), span.get_span_context().trace_id))

        async def send_wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._name(span)
            await send(message)

        try:
            await self._app(self._scope, receive, send_wrapped)
        except BaseException as error:
            _mark_failed(span, error)
            self.failed = error

    def _name(self, span: "Span") -> None:
        """Names the span after the route, which is known now: a name with ids would be one of its own for each excerpt."""
        scope = cast("dict[str, Any]", self._scope)
        route = str(scope.get("path_template") or "")
        span.update_name(f"{scope['method']} {route}".strip())
        if route:
            span.set_attribute("http.route", route)
        span.set_attribute("ibid.request_id", scope["state"]["request_id"])


# Figures.


class OtelMetrics(Metrics):
    """The same counts as in the Prometheus format, by the names of OpenTelemetry's conventions where these have one."""

    def __init__(self, provider: "MeterProvider") -> None:
        super().__init__()
        meter = provider.get_meter(_SCOPE, version())
        self._otel_seconds = meter.create_histogram("http.server.request.duration", "s", "Time from request to end of answer.")
        self._otel_questions = meter.create_counter("ibid.questions", "{question}", "Questions answered.")
        self._otel_stages = meter.create_histogram("ibid.question.duration", "s", "Time a question spends in each stage.")
        self._otel_failures = meter.create_counter("ibid.reload_failures", "{failure}", "Newer indexes that could not be opened.")

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """As ``Metrics.request``."""
        super().request(method, path, status, seconds)
        told: dict[str, str | int] = {"http.request.method": method, "http.route": path, "http.response.status_code": status}
        self._otel_seconds.record(seconds, told)

    def question(self, status: str, stages: dict[str, float]) -> None:
        """As ``Metrics.question``."""
        super().question(status, stages)
        self._otel_questions.add(1, {"status": status})
        for stage, seconds in stages.items():
            self._otel_stages.record(seconds, {"stage": stage})

    def reload_failure(self, reason: str) -> None:
        """As ``Metrics.reload_failure``."""
        super().reload_failure(reason)
        self._otel_failures.add(1, {"reason": reason})
