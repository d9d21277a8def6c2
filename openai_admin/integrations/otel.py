"""Traces and metrics of the calls of a client, for OpenTelemetry (extra ``otel``).

::

    client = AsyncOpenAIAdmin(on_event=OpenTelemetryListener())
"""

from __future__ import annotations

from opentelemetry import metrics, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from ..events import (
    AnswerReceived,
    CallFailed,
    Event,
    Paused,
    RequestSent,
    Retried,
    Shared,
    Succeeded,
)
from ..version import __version__


class OpenTelemetryListener:
    """Listens to a client's events: a span for each call, metrics of answers, retries and waits.

    A span begins with its call's first event, is a child of the span that is current where the
    call is made, and ends with its result. Retries, waits and answers that are shared with
    another call are events on it. Attributes follow OpenTelemetry's conventions for HTTP clients;
    neither ids nor keys are among them.

    Args:
        tracer_provider: by default the global one.
        meter_provider: by default the global one.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer("openai_admin", __version__, tracer_provider)
        meter = metrics.get_meter("openai_admin", __version__, meter_provider)
        self._spans: dict[int, Span] = {}
        self._durations = meter.create_histogram(
            "http.client.request.duration", unit="s", description="Duration of requests."
        )
        self._retries = meter.create_counter(
            "openai_admin.client.retries", unit="{retry}", description="Attempts that were retries."
        )
        self._pauses = meter.create_histogram(
            "openai_admin.client.pauses", unit="s", description="Waits for a rate limit."
        )

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        span = self._spans.get(event.call)
        if span is None:
            span = self._tracer.start_span(event.operation, kind=SpanKind.CLIENT)
            self._spans[event.call] = span
        labels = {"openai_admin.operation": event.operation}
        match event:
            case RequestSent():
                span.set_attribute("http.request.method", event.method)
                span.set_attribute("url.template", event.endpoint)
                span.set_attribute("http.request.resend_count", event.attempt - 1)
            case AnswerReceived():
                span.set_attribute("http.response.status_code", event.status)
                status = {"http.response.status_code": event.status}
                self._durations.record(event.seconds, {**labels, **status})
            case Shared():
                span.add_event("shared")
            case Retried():
                reason = type(event.error).__name__
                span.add_event("retry", {"error.type": reason, "delay": event.delay})
                self._retries.add(1, labels | {"error.type": reason})
            case Paused():
                span.add_event("pause", {"seconds": event.seconds, "reason": event.reason})
                self._pauses.record(event.seconds, labels)
            case Succeeded():
                self._end(event.call)
            case CallFailed():
                span.set_attribute("error.type", type(event.error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                self._end(event.call)

    def _end(self, call: int) -> None:
        self._spans.pop(call).end()
