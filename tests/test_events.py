"""What a client tells of its calls, and two readers of it."""

from __future__ import annotations

import asyncio
import logging

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from openai_admin import (
    APIConnectionError,
    AsyncOpenAIAdmin,
    NotFoundError,
    OrganizationUser,
    Page,
)
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency, Status
from openai_admin.events import (
    AnswerReceived,
    CallFailed,
    Event,
    RequestSent,
    Retried,
    Succeeded,
    write_log,
)
from openai_admin.integrations.otel import OpenTelemetryReader


async def test_a_call_that_needs_a_second_try_is_told_step_by_step(emulator: Emulator) -> None:
    told: list[Event] = []
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=told.append
    ) as client:
        await client.projects.list()
    assert [type(e) for e in told] == [
        RequestSent,
        AnswerReceived,
        Retried,
        RequestSent,
        AnswerReceived,
        Succeeded,
    ]
    assert {e.operation for e in told} == {"projects.list"}
    assert len({e.call for e in told}) == 1
    assert [e.attempt for e in told if isinstance(e, RequestSent)] == [1, 2]
    assert [e.status for e in told if isinstance(e, AnswerReceived)] == [503, 200]


async def test_a_reader_that_fails_takes_no_result_away(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        raise ValueError(f"no {type(event).__name__}")

    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=fail
    ) as client:
        project = await client.projects.create(name="Search")
    assert project.name == "Search"
    assert "ValueError: no AnswerReceived" in caplog.text
    assert "on_event failed at AnswerReceived of projects.create" in caplog.text


def test_a_servers_text_stays_on_its_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "openai_admin")
    error = APIConnectionError("away\r\nINFO forged \x1b[31mred")
    write_log(Retried(call=1, operation="projects.list", error=error, delay=0.5))
    (line,) = caplog.messages
    assert line == "projects.list: away  INFO forged  [31mred Trying again in 0.5 s."


async def test_a_failed_and_a_cancelled_call_are_told_as_given_up(emulator: Emulator) -> None:
    told: list[Event] = []
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=told.append
    ) as client:
        with pytest.raises(NotFoundError):
            await client.projects.retrieve("proj_none")
        emulator.faults.add(Latency(seconds=60, match="users.list"))

        async def first_page() -> Page[OrganizationUser]:
            return await client.users.list()

        call = asyncio.create_task(first_page())
        while not any(e.operation == "users.list" for e in told):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    given_up = [e.error for e in told if isinstance(e, CallFailed)]
    assert [type(e) for e in given_up] == [NotFoundError, asyncio.CancelledError]


async def test_the_log_tells_of_retries_at_info(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    with caplog.at_level(logging.INFO, "openai_admin"):
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            await client.projects.list()
    (record,) = [r for r in caplog.records if r.name == "openai_admin"]
    assert "projects.list" in record.getMessage()
    assert "Trying again" in record.getMessage()


async def test_opentelemetry_gets_a_span_for_each_call_and_counts_retries(
    emulator: Emulator,
) -> None:
    spans, measured = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    reader = OpenTelemetryReader(
        tracer_provider=tracers, meter_provider=MeterProvider(metric_readers=[measured])
    )
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=reader
    ) as client:
        with tracers.get_tracer("test").start_as_current_span("job"):
            await client.projects.list()
            with pytest.raises(NotFoundError):
                await client.projects.retrieve("proj_none")
    assert not reader._spans  # private: nothing else shows what it would hold for ever
    listed, retrieved, job = spans.get_finished_spans()
    assert (listed.name, retrieved.name, job.name) == ("projects.list", "projects.retrieve", "job")
    outer = job.get_span_context()
    assert listed.parent is not None
    assert outer is not None
    assert listed.parent.span_id == outer.span_id
    assert [e.name for e in listed.events] == ["retry"]
    assert listed.attributes is not None
    assert listed.attributes["http.response.status_code"] == 200
    assert not retrieved.status.is_ok
    data = measured.get_metrics_data()
    assert data is not None
    metrics = {m.name for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics}
    assert metrics == {"http.client.request.duration", "openai_admin.client.retries"}
