"""The calls of clients as OpenTelemetry sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, Metric
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv.attributes import http_attributes, server_attributes, url_attributes
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.network_attributes import NETWORK_PROTOCOL_VERSION
from opentelemetry.semconv.metrics.http_metrics import HTTP_CLIENT_REQUEST_DURATION
from opentelemetry.semconv.schemas import Schemas
from opentelemetry.trace import SpanKind, StatusCode

from openai_admin import (
    APIConnectionError,
    AsyncOpenAIAdmin,
    BadRequestError,
    NotFoundError,
    OpenAIAdmin,
)
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Drop, Latency, Status
from openai_admin.errors import APITimeoutError
from openai_admin.events import Interrupted, Paused, Resumed, Succeeded
from openai_admin.integrations.otel import OpenTelemetryListener

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


@attrs.frozen
class Telemetry:
    """A listener, and what it has told."""

    listener: OpenTelemetryListener
    tracers: TracerProvider
    exported: InMemorySpanExporter
    reader: InMemoryMetricReader

    def client(self, emulator: Emulator, **options: Any) -> AsyncOpenAIAdmin:
        return AsyncOpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url, on_event=self.listener, **options
        )

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exported.get_finished_spans()

    @property
    def metrics(self) -> dict[str, Metric]:
        data = self.reader.get_metrics_data()
        resources = data.resource_metrics if data else []
        return {m.name: m for r in resources for s in r.scope_metrics for m in s.metrics}

    @property
    def durations(self) -> list[HistogramDataPoint]:
        return list(self.metrics[HTTP_CLIENT_REQUEST_DURATION].data.data_points)  # type: ignore[arg-type]


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    exported, reader, tracers = InMemorySpanExporter(), InMemoryMetricReader(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exported))
    meters = MeterProvider(metric_readers=[reader])
    listener = OpenTelemetryListener(tracer_provider=tracers, meter_provider=meters)
    yield Telemetry(listener, tracers, exported, reader)
    assert not listener._calls  # private: nothing else shows what it would keep
    meters.shutdown()
    tracers.shutdown()


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def ids(spans: Iterable[ReadableSpan]) -> dict[int, str]:
    """The names of spans by their ids."""
    return {s.context.span_id: s.name for s in spans if s.context is not None}


def seconds(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


async def test_each_request_is_a_span_below_that_of_its_call(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    async with telemetry.client(emulator) as client:
        with telemetry.tracers.get_tracer("test").start_as_current_span("job") as job:
            await client.projects.list(limit=2)
    refused, answered, call, _ = telemetry.spans
    assert (call.name, call.kind) == ("projects.list", SpanKind.INTERNAL)
    assert call.parent is not None
    assert call.parent.span_id == job.get_span_context().span_id
    assert [e.name for e in call.events] == ["retry"]
    assert call.status.status_code is StatusCode.UNSET
    for sent in (refused, answered):
        assert (sent.name, sent.kind) == ("GET /v1/organization/projects", SpanKind.CLIENT)
        assert sent.parent is not None
        assert sent.parent.span_id in ids([call])
    host, port = emulator.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    common = {
        http_attributes.HTTP_REQUEST_METHOD: "GET",
        server_attributes.SERVER_ADDRESS: host,
        server_attributes.SERVER_PORT: int(port),
        url_attributes.URL_FULL: f"{emulator.base_url}/organization/projects?limit=2",
        "url.template": "/v1/organization/projects",
        NETWORK_PROTOCOL_VERSION: "1.1",
    }
    status = http_attributes.HTTP_RESPONSE_STATUS_CODE
    assert told(refused) == {**common, status: 503, ERROR_TYPE: "503"}
    resent = {http_attributes.HTTP_REQUEST_RESEND_COUNT: 1}
    assert told(answered) == {**common, **resent, status: 200}
    assert refused.status.status_code is StatusCode.ERROR
    assert refused.status.description is None  # the status says it
    assert answered.status.status_code is StatusCode.UNSET
    scope = call.instrumentation_scope
    assert scope is not None
    assert scope.schema_url in {schema.value for schema in Schemas}


async def test_durations_are_those_of_the_spans_and_count_failures_too(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    emulator.faults.add(Drop(match="users.list", times=1))
    emulator.faults.add(Latency(seconds=60, match="invites.list"))
    async with telemetry.client(emulator) as client:
        await client.projects.list()
        await client.users.list()
        with pytest.raises(NotFoundError):
            await client.projects.retrieve("proj_none")
        with pytest.raises(APITimeoutError):
            await client.with_options(timeout=0.05, max_retries=0).invites.list()
    sent = [s for s in telemetry.spans if s.kind is SpanKind.CLIENT]
    duration = telemetry.metrics[HTTP_CLIENT_REQUEST_DURATION]
    assert duration.unit == "s"
    points = telemetry.durations
    assert {tuple(p.explicit_bounds) for p in points} == {BUCKETS}
    assert sum(p.sum for p in points) == pytest.approx(sum(map(seconds, sent)), abs=1e-6)
    outcomes = [
        (
            (p.attributes or {})["url.template"],
            (p.attributes or {}).get("http.response.status_code"),
            (p.attributes or {}).get("error.type"),
            p.count,
        )
        for p in points
    ]
    assert sorted(outcomes, key=str) == [
        ("/v1/organization/invites", None, "openai_admin.errors.APITimeoutError", 1),
        ("/v1/organization/projects", 200, None, 1),
        ("/v1/organization/projects", 503, "503", 1),
        ("/v1/organization/projects/{project_id}", 404, "404", 1),
        ("/v1/organization/users", 200, None, 1),
        ("/v1/organization/users", None, "openai_admin.errors.APIConnectionError", 1),
    ]
    lost = next(s for s in sent if told(s).get(ERROR_TYPE, "").endswith("APIConnectionError"))
    assert lost.status.description  # nothing else says what happened
    retries = telemetry.metrics["openai_admin.client.retries"].data.data_points
    assert {(p.attributes or {})["openai_admin.operation"] for p in retries} == {
        "projects.list",
        "users.list",
    }


async def test_a_request_that_never_leaves_is_counted(telemetry: Telemetry) -> None:
    client = AsyncOpenAIAdmin(
        "sk-admin-x",
        base_url="http://127.0.0.1:9/v1",  # the port of nobody
        on_event=telemetry.listener,
        max_retries=0,
    )
    async with client:
        with pytest.raises(APIConnectionError):
            await client.projects.list()
    (point,) = telemetry.durations
    assert point.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": 9,
        "url.template": "/v1/organization/projects",
        "error.type": "openai_admin.errors.APIConnectionError",
    }


async def test_a_call_that_is_cancelled_ends_its_spans(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    emulator.faults.add(Latency(seconds=60))
    async with telemetry.client(emulator) as client:
        call = asyncio.ensure_future(client.users.retrieve("user_1"))
        while not any(c.sent for c in telemetry.listener._calls.values()):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert [told(s)[ERROR_TYPE] for s in telemetry.spans] == [
        "asyncio.exceptions.CancelledError"
    ] * 2


async def test_a_read_that_shares_an_answer_sends_nothing(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    emulator.faults.add(Latency(seconds=0.05))
    async with telemetry.client(emulator) as client:
        reads = (client.projects.retrieve("proj_none") for _ in range(2))
        await asyncio.gather(*reads, return_exceptions=True)
    sent, *calls = telemetry.spans
    assert sent.kind is SpanKind.CLIENT
    assert [e.name for s in calls for e in s.events] == ["shared"]
    assert [told(s)[ERROR_TYPE] for s in calls] == ["404", "404"]
    assert [p.count for p in telemetry.durations] == [1]


async def test_nothing_secret_and_nothing_unbounded_is_told(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    async with telemetry.client(emulator) as client:
        extra = client.with_options(extra_query={"sig": "c2VjcmV0", "limit2": "ada@example.com"})
        with pytest.raises(BadRequestError):  # the API knows no such parameters
            await extra.projects.list(limit=1)
        await client.users.list(emails=["ada@example.com"])
        with pytest.raises(BadRequestError):
            await client.request("GET", "/organization/projects", query={"token": "c2VjcmV0"})
        with pytest.raises(NotFoundError):
            await client.users.retrieve("ada@example.com")
        emulator.faults.add(Drop(match="users.retrieve"))
        with pytest.raises(APIConnectionError):
            await client.with_options(max_retries=0).users.retrieve("ada@example.test")
        async for _ in client.audit_logs.list(event_types=["project.created"], limit=1):
            pass
    sent = {
        told(s)["url.full"].partition("/v1")[2]: s
        for s in telemetry.spans
        if s.kind is SpanKind.CLIENT
    }
    assert len(sent) == 5
    assert list(sent)[:4] == [
        "/organization/projects?limit=1&sig=REDACTED&limit2=REDACTED",
        "/organization/users?emails=REDACTED",
        "/organization/projects?token=REDACTED",
        "/organization/users/REDACTED",
    ]
    assert "project.created" in list(sent)[4]
    spans = "".join(span.to_json() for span in telemetry.spans)
    measured = telemetry.reader.get_metrics_data()
    for secret in ("c2VjcmV0", "ada@", "ada%40", emulator.admin_key):
        assert secret not in spans
        assert secret not in str(measured)
    undeclared = sent["/organization/projects?token=REDACTED"]
    assert undeclared.name == "GET"
    assert "url.template" not in told(undeclared)
    assert sum("url.template" not in (p.attributes or {}) for p in telemetry.durations) == 1


def test_pauses_are_told_apart_by_seconds(telemetry: Telemetry) -> None:
    for seconds in (0.3, 45.0):
        paused = Paused(call=1, operation="x", endpoint="GET /x", seconds=seconds, reason="pace")
        telemetry.listener(paused)
    telemetry.listener(Succeeded(call=1, operation="x"))
    (point,) = telemetry.metrics["openai_admin.client.pauses"].data.data_points
    assert isinstance(point, HistogramDataPoint)
    counts = dict(zip(point.explicit_bounds, point.bucket_counts, strict=False))
    assert (counts[0.5], counts[60]) == (1, 1)


def test_an_outage_of_what_follows_the_audit_log_opens_no_span(telemetry: Telemetry) -> None:
    error = APIConnectionError("The connection was lost.")
    name = "audit_logs.tail"
    telemetry.listener(Interrupted(call=1, operation=name, failures=1, error=error, delay=1.0))
    telemetry.listener(Resumed(call=1, operation=name, failures=1, seconds=2.0))
    assert telemetry.spans == ()
    (point,) = telemetry.metrics["openai_admin.client.interruptions"].data.data_points
    assert point.attributes == {
        "openai_admin.operation": name,
        "error.type": "openai_admin.errors.APIConnectionError",
    }


async def test_one_listener_serves_several_clients_at_once(
    emulator: Emulator, telemetry: Telemetry
) -> None:
    emulator.faults.add(Latency(seconds=0.05))

    def block() -> None:
        with OpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url, on_event=telemetry.listener
        ) as client:
            client.users.list()

    async with telemetry.client(emulator) as client:
        await asyncio.gather(asyncio.to_thread(block), client.projects.list())
    parents = ids(s for s in telemetry.spans if s.parent is None)
    below = {s.name: parents[s.parent.span_id] for s in telemetry.spans if s.parent is not None}
    assert below == {
        "GET /v1/organization/users": "users.list",
        "GET /v1/organization/projects": "projects.list",
    }
