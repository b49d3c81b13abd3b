"""OpenTelemetry: spans of requests and steps, figures, and what they may not hold; in memory, and over OTLP on loopback."""

import asyncio
import gzip
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from index.errors import ExtraMissing
from rag.batching import QueryBatcher
from rag.errors import SettingInvalid
from rag.tracing import in_trace, shared_step, step
from service import observability
from service.library import Library
from service.observability import OFF, Exporters, Observability, open_observability, read_exporters
from service.telemetry import JsonFormatter
from tests.fakes import HashEmbedder
from tests.running import QUESTION, running, scripted_backend, until
from tests.scripted_server import ScriptedServer, Turn, scripted_server
from tests.shelf import TEXT
from tests.test_refining import Finds

IBID = Path(sys.executable).parent / "ibid"
ANSWER = 'According to Quill, "The fog bell was rung by hand" [1]. It was loud.'
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STEPS = ["parse", "embed", "search", "reader", "judge", "rank", "show"]


class Traced:
    """A traced service with a language model that follows a script, and what it recorded."""

    def __init__(self, address: str, script: ScriptedServer, spans: InMemorySpanExporter, metrics: InMemoryMetricReader) -> None:
        self.client = httpx.Client(base_url=address, timeout=60)
        self.address = address
        self.script = script
        self._spans = spans
        self._metrics = metrics

    def spans(self, about: str) -> list[ReadableSpan]:
        """The spans of the last trace whose request has this name, once that has ended; in order of their beginning."""
        assert until(lambda: any(span.name == about for span in self._spans.get_finished_spans())), about
        ended = self._spans.get_finished_spans()
        (*_, request) = [span for span in ended if span.name == about]
        of_it = [span for span in ended if span.context.trace_id == request.context.trace_id]
        return sorted(of_it, key=lambda span: span.start_time or 0)

    def everything(self) -> str:
        """All that was recorded, as text."""
        return " ".join(span.to_json() for span in self._spans.get_finished_spans()) + self.figures()

    def figures(self) -> str:
        found = self._metrics.get_metrics_data()
        return str(found.to_json()) if found is not None else ""


@pytest.fixture(scope="module")
def service(home: Path) -> Iterator[Traced]:
    spans, metrics, traces = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    traces.add_span_processor(SimpleSpanProcessor(spans))
    watched = Observability(traces, MeterProvider([metrics]))
    library = Library(home, lambda _: HashEmbedder(), QueryBatcher, 0.0, load_reader=lambda: Finds("rung by hand"))
    with (
        scripted_server(Turn(ANSWER)) as script,
        running(home, scripted_backend(script), library=library, observability=watched, read="always") as address,
    ):
        traced = Traced(address, script, spans, metrics)
        yield traced
        traced.client.close()


def ask(service: Traced, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    return service.client.post("/v1/ask", json={"question": QUESTION, **members}, headers=headers or {})


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


# Spans.


def test_a_question_is_a_span_with_one_below_it_for_each_step(service: Traced) -> None:
    assert ask(service).status_code == 200

    request, *steps = service.spans("POST /v1/ask")
    assert request.kind.name == "SERVER"
    assert [span.name for span in steps] == STEPS
    assert {span.parent.span_id for span in steps if span.parent} == {request.context.span_id}
    assert all((request.start_time or 0) <= (span.start_time or 0) <= (span.end_time or 0) for span in steps)
    assert all(span.status.status_code.name == "UNSET" for span in (request, *steps))


def test_a_request_bears_its_route_its_id_and_what_came_of_it(service: Traced) -> None:
    answer = ask(service, {"x-request-id": "from-the-proxy-7"})
    excerpt_id = answer.json()["hits"][0]["id"]
    assert service.client.get(f"/v1/excerpts/{excerpt_id}").status_code == 200

    request = attributes(service.spans("POST /v1/ask")[0])
    assert request["ibid.request_id"] == answer.headers["x-request-id"] == "from-the-proxy-7"
    assert request["http.route"] == "/v1/ask"
    assert [value for name, value in request.items() if "status_code" in name] == [200]
    assert attributes(service.spans("GET /v1/excerpts/{excerpt_id}")[0])["http.route"] == "/v1/excerpts/{excerpt_id}"


def test_a_trace_that_comes_in_is_gone_on_with_and_reaches_the_language_model(service: Traced) -> None:
    told = {"traceparent": PARENT, "baggage": "reader=somebody"}
    assert ask(service, told, mode="answer").json()["answer"]

    request, *steps = service.spans("POST /v1/ask")
    model = next(span for span in steps if span.name == "language_model")
    assert f"{request.context.trace_id:032x}" == PARENT.split("-")[1]
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT.split("-")[2]
    sent = service.script.headers[-1]
    assert sent["traceparent"] == f"00-{request.context.trace_id:032x}-{model.context.span_id:016x}-01"
    assert "baggage" not in sent  # what a client says is not for others
    assert model.kind.name == "CLIENT"
    assert attributes(model) == {"gen_ai.operation.name": "chat", "gen_ai.request.model": "scripted-1"}


def test_a_traceparent_that_is_none_begins_a_new_trace(service: Traced) -> None:
    assert ask(service, {"traceparent": "00-ffff"}).status_code == 200

    assert service.spans("POST /v1/ask")[0].parent is None


def test_questions_that_are_answered_together_have_their_own_traces(service: Traced) -> None:
    async def many() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=service.address, timeout=60) as client:
            asking = [client.post("/v1/ask", json={"question": f"{QUESTION} {number}"}) for number in range(12)]
            return await asyncio.gather(*asking)

    service._spans.clear()
    assert {answer.status_code for answer in asyncio.run(many())} == {200}

    assert until(lambda: sum(span.name == "POST /v1/ask" for span in service._spans.get_finished_spans()) == 12)
    by_trace: dict[int, list[str]] = {}
    for span in sorted(service._spans.get_finished_spans(), key=lambda span: span.start_time or 0):
        by_trace.setdefault(span.context.trace_id, []).append(span.name)
    assert [steps[1:] for steps in by_trace.values()] == [STEPS] * 12


def test_a_step_that_fails_tells_the_kind_of_error_and_not_its_words(service: Traced) -> None:
    assert ask(service, question="year:sometime").status_code == 400

    failed = [span for span in service.spans("POST /v1/ask") if span.name == "parse"]
    assert [attributes(span) for span in failed] == [{"error.type": "FilterInvalid"}]
    assert [span.status.status_code.name for span in failed] == ["ERROR"]
    assert [span.status.description for span in failed] == [None]


def test_nothing_recorded_holds_a_word_of_a_question_or_a_text(service: Traced) -> None:
    secret = "zanzibarquestion"
    client = service.client
    assert ask(service, question=f"Who rang the {secret}?", mode="answer").status_code == 200
    assert client.get("/", params={"q": secret}).status_code == 200
    assert client.post("/v1/verify", json={"quote": secret}).status_code == 200
    chat = {"model": "ibid/scripted", "messages": [{"role": "user", "content": secret}]}
    assert client.post("/v1/chat/completions", json=chat).status_code == 200
    assert client.get("/v1/excerpts/nothing", params={"style": secret}).status_code in {400, 404}
    assert client.post("/v1/ask", json={secret: secret}).status_code == 400

    recorded = service.everything()

    assert "/v1/verify" in recorded
    assert secret not in recorded
    for word in ("whale", "Quill", "rung by hand", "According"):
        assert word in TEXT + ANSWER
        assert word not in recorded


def test_what_serves_every_request_does_not_stay_in_the_trace_of_the_first(service: Traced) -> None:
    async def search(number: int) -> None:
        async with Client(f"{service.address}/mcp") as client:
            assert not (await client.call_tool("search", {"query": f"{QUESTION} {number}"})).is_error

    asyncio.run(search(1))
    before = len(service._spans.get_finished_spans())
    asyncio.run(search(2))

    assert until(lambda: any(span.name == "search" for span in service._spans.get_finished_spans()[before:]))
    later = service._spans.get_finished_spans()[before:]
    requests = {span.context.trace_id for span in later if span.kind.name == "SERVER"}
    assert {span.context.trace_id for span in later} <= requests


def test_probes_are_not_traced(service: Traced) -> None:
    service._spans.clear()
    for path in ("/healthz", "/readyz", "/metrics"):
        assert service.client.get(path).status_code == 200
    assert ask(service).status_code == 200

    assert {span.name for span in service.spans("POST /v1/ask")} >= {"POST /v1/ask"}
    assert not [span.name for span in service._spans.get_finished_spans() if span.name.startswith("GET")]


def test_lines_of_json_tell_the_trace(service: Traced, caplog: pytest.LogCaptureFixture) -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    logger, handler = logging.getLogger("ibid.access"), Kept()
    logger.addHandler(handler)
    with caplog.at_level(logging.INFO, "ibid.access"):
        assert ask(service, {"traceparent": PARENT}).status_code == 200
        assert until(lambda: bool(lines))
    logger.removeHandler(handler)

    assert [json.loads(line)["trace_id"] for line in lines if "/v1/ask" in line] == [PARENT.split("-")[1]]


def test_without_a_trace_a_step_is_nothing_and_work_stays_what_it_was() -> None:
    with step("parse") as headers, shared_step("embed", [None, None]):
        assert headers == {}
    assert in_trace(len) is len


# Figures.


def test_figures_know_routes_and_stages(service: Traced) -> None:
    assert ask(service).status_code == 200

    found = json.loads(service.figures())
    points = {
        metric["name"]: metric["data"]["data_points"] for metric in found["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    }
    assert {"http.route": "/v1/ask", "http.request.method": "POST", "http.response.status_code": 200} in [
        point["attributes"] for point in points["http.server.request.duration"]
    ]
    assert {point["attributes"]["stage"] for point in points["ibid.question.duration"]} == {"encode", "find"}
    assert all(point["value"] >= 1 for point in points["ibid.questions"])


# What the variables say.


def test_without_variables_or_told_so_nothing_is_traced() -> None:
    assert read_exporters({"PATH": "/usr/bin", "OTEL_SERVICE_NAME": "library"}) is None
    assert read_exporters({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "TRUE"}) is None
    assert read_exporters({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": ""}) is None
    assert open_observability(None) is OFF
    assert OFF.traced(open_observability) is open_observability  # type: ignore[arg-type,comparison-overlap]  # as it came


@pytest.mark.parametrize(
    ("variables", "exporters"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, Exporters("otlp", "otlp")),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, Exporters("otlp", "")),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_METRICS_EXPORTER": "none"}, Exporters("otlp", "")),
        ({"OTEL_METRICS_EXPORTER": "console"}, Exporters("", "console")),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, Exporters("otlp", "")),
    ],
)
def test_the_usual_variables_say_what_is_sent(variables: dict[str, str], exporters: Exporters) -> None:
    assert read_exporters(variables) == exporters


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER is 'zipkin'"),
        ({"OTEL_METRICS_EXPORTER": "otlp,console"}, "OTEL_METRICS_EXPORTER is 'otlp,console'"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc'.*4318"),
    ],
)
def test_what_is_not_spoken_is_refused(variables: dict[str, str], told: str) -> None:
    with pytest.raises(SettingInvalid, match=told):
        read_exporters(variables)


def test_what_is_not_installed_is_told_with_the_command_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observability, "_MODULES", ("opentelemetry.sdk", "opentelemetry.exporter.pigeon.post"))

    with pytest.raises(ExtraMissing, match=r"pip install 'ibid-rag\[otel\]'"):
        read_exporters({"OTEL_TRACES_EXPORTER": "console"})


# Over OTLP.


class Receiver(ThreadingHTTPServer):
    """A collector: takes what is sent to it and reads it as OTLP."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.traces: list[ExportTraceServiceRequest] = []
        self.metrics: list[ExportMetricsServiceRequest] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"]))
        sent = gzip.decompress(sent) if self.headers.get("content-encoding") == "gzip" else sent
        if self.path == "/v1/traces":
            self.server.traces.append(ExportTraceServiceRequest.FromString(sent))
        elif self.path == "/v1/metrics":
            self.server.metrics.append(ExportMetricsServiceRequest.FromString(sent))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — as its base calls it
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@contextmanager
def serving(home: Path, *options: str, **variables: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """`ibid serve` with these variables; no index is needed for a refusal to be traced."""
    command: list[str | Path] = [IBID, "serve", "--port", "0", "--home", home, *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **variables}
    ) as process:
        assert process.stdout is not None
        try:
            told = re.search(r"http://\S+", process.stdout.readline())
            assert told
            yield told[0], process
        finally:
            process.send_signal(signal.SIGTERM)


def test_a_service_sends_its_spans_and_figures_to_a_collector(tmp_path: Path, receiver: Receiver) -> None:
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.address, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=trial"}
    with serving(tmp_path, **told) as (address, process):
        answer = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, headers={"traceparent": PARENT}, timeout=60)
        assert answer.status_code == 503
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)

    assert "Traceback" not in log
    spans = [each for sent in receiver.traces for of in sent.resource_spans for scope in of.scope_spans for each in scope.spans]
    (span,) = [each for each in spans if each.name == "POST /v1/ask"]
    assert span.trace_id.hex() == PARENT.split("-")[1]
    assert answer.headers["x-request-id"] in [each.value.string_value for each in span.attributes]
    resource = {each.key: each.value.string_value for each in receiver.traces[0].resource_spans[0].resource.attributes}
    assert resource["service.name"] == "ibid"
    assert resource["deployment.environment.name"] == "trial"
    scopes = [scope for sent in receiver.metrics for of in sent.resource_metrics for scope in of.scope_metrics]
    assert "http.server.request.duration" in [each.name for scope in scopes for each in scope.metrics]


def test_a_collector_that_is_not_there_keeps_nobody_from_an_answer_or_from_the_end(tmp_path: Path, receiver: Receiver) -> None:
    receiver.shutdown()
    receiver.server_close()
    with serving(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address, OTEL_BSP_SCHEDULE_DELAY="50") as (address, process):
        assert [httpx.get(f"{address}/v1/stats", timeout=60).status_code for _ in range(3)]
        assert httpx.get(f"{address}/healthz", timeout=60).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=120)

    assert "Traceback (most recent call last)" not in log.split("opentelemetry")[0]
    assert process.returncode in {0, -signal.SIGTERM}


def test_a_service_that_cannot_be_traced_as_told_does_not_start(tmp_path: Path) -> None:
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "jaeger"}

    ended = subprocess.run(
        [IBID, "serve", "--port", "0", "--home", tmp_path], capture_output=True, text=True, env=environment, check=False
    )

    assert ended.returncode == 1
    assert "OTEL_TRACES_EXPORTER is 'jaeger'" in ended.stderr
