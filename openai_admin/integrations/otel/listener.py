"""What happens to a client's calls, as spans and metrics."""

from __future__ import annotations

import time
from typing import Any

import attrs
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from ...events import (
    AnswerReceived,
    CallFailed,
    Event,
    Interrupted,
    ItemUnreadable,
    Paused,
    RequestFailed,
    RequestSent,
    Resumed,
    Retried,
    Shared,
    Succeeded,
)
from ...version import __version__
from .conventions import DURATION_BUCKETS, PAUSE_BUCKETS, SCHEMA, describe, error_type


@attrs.frozen
class _Sent:
    """A request on its way.

    Attributes:
        span: its span.
        began: when that began, in nanoseconds since 1970.
        labels: the attributes of its metrics.
    """

    span: Span
    began: int
    labels: dict[str, Any]


@attrs.define
class _Call:
    """A call that has not ended.

    Attributes:
        span: its span.
        sent: its request that is on its way.
    """

    span: Span
    sent: _Sent | None = None

    @property
    def context(self) -> Context:
        """The context in which spans become children of the call's."""
        return trace.set_span_in_context(self.span)


class OpenTelemetryListener:
    """Listens to the events of clients, and makes spans and metrics of them.

    A call has a span of the kind INTERNAL, named after the operation, as ``projects.list``; it is
    a child of the span that is current where the call is made. **Each request that is sent for it
    has a span of its own** below, of the kind CLIENT, named after method and path template, as
    ``GET /v1/organization/projects``: it begins before the request is sent, and ends when the
    answer is there whole. So a call that is retried has several, and one that shares the answer
    to an equal read has none. Retries, waits for a rate limit and what could not be read are
    events of the call's span.

    Names, attributes and buckets are those of OpenTelemetry's stable conventions for HTTP clients.
    ``error.type`` is the status of a refusal, else the class of the error. No key is in any
    attribute, and in ``url.full`` neither an e-mail address nor the value of a parameter that no
    operation declares. Attributes of metrics are bounded: no ids are among them.

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
        self._tracer = trace.get_tracer("openai_admin", __version__, tracer_provider, SCHEMA)
        meter = metrics.get_meter("openai_admin", __version__, meter_provider, SCHEMA)
        self._calls: dict[int, _Call] = {}
        self._durations = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
        )
        self._retries = meter.create_counter(
            "openai_admin.client.retries", unit="{retry}", description="Attempts that were retries."
        )
        self._pauses = meter.create_histogram(
            "openai_admin.client.pauses",
            unit="s",
            description="Waits for a rate limit.",
            explicit_bucket_boundaries_advisory=PAUSE_BUCKETS,
        )
        self._interruptions = meter.create_counter(
            "openai_admin.client.interruptions",
            unit="{interruption}",
            description="Times that following the audit log could not read on.",
        )

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case Interrupted() | Resumed():  # they belong to no call
                self._note_outage(event)
            case CallFailed():
                call = self._call_of(event)
                call.span.set_attribute("error.type", error_type(event.error))
                call.span.set_status(Status(StatusCode.ERROR))
                self._end(event)
            case Succeeded():
                self._end(event)
            case RequestSent():
                call = self._call_of(event)
                call.sent = self._begin_request(call, event)
            case AnswerReceived():
                self._end_request(self._call_of(event), event.seconds, _answer(event))
            case RequestFailed():
                failed = {"error.type": error_type(event.error)}
                self._end_request(self._call_of(event), event.seconds, failed, str(event.error))
            case _:
                self._note(self._call_of(event).span, event)

    def _call_of(self, event: Event) -> _Call:
        """The call that an event belongs to; its span begins with its first event."""
        call = self._calls.get(event.call)
        if call is None:
            call = self._calls[event.call] = _Call(self._tracer.start_span(_name(event)))
        return call

    def _end(self, event: Event) -> None:
        self._calls.pop(event.call).span.end()

    def _begin_request(self, call: _Call, event: RequestSent) -> _Sent:
        name, attributes, labels = describe(event)
        began = time.time_ns()
        span = self._tracer.start_span(
            name, call.context, SpanKind.CLIENT, attributes, start_time=began
        )
        return _Sent(span, began, labels)

    def _end_request(
        self, call: _Call, seconds: float, outcome: dict[str, Any], reason: str | None = None
    ) -> None:
        """End the span of a request and measure it: both say the same duration."""
        sent, call.sent = call.sent, None
        if sent is None:  # the listener was not there when it was sent
            return
        sent.span.set_attributes(outcome)
        if "error.type" in outcome:
            sent.span.set_status(Status(StatusCode.ERROR, reason))
        self._durations.record(
            seconds, {**sent.labels, **outcome}, trace.set_span_in_context(sent.span)
        )
        sent.span.end(sent.began + int(seconds * 1e9))

    def _note(self, span: Span, event: Event) -> None:
        """Add what happened to a call to its span."""
        labels = {"openai_admin.operation": _name(event)}
        match event:
            case Shared():
                span.add_event("shared")
            case Retried():
                reason = {"error.type": error_type(event.error)}
                span.add_event("retry", {**reason, "delay": event.delay})
                self._retries.add(1, {**labels, **reason})
            case Paused():
                span.add_event("pause", {"seconds": event.seconds, "reason": event.reason})
                self._pauses.record(event.seconds, labels)
            case ItemUnreadable():
                span.add_event("unreadable", {"place": event.place, "reason": event.reason})

    def _note_outage(self, event: Interrupted | Resumed) -> None:
        span = trace.get_current_span()
        if isinstance(event, Resumed):
            span.add_event("resumed", {"seconds": event.seconds})
            return
        reason = {"error.type": error_type(event.error)}
        span.add_event("interrupted", {**reason, "delay": event.delay})
        self._interruptions.add(1, {"openai_admin.operation": _name(event), **reason})


def _name(event: Event) -> str:
    """The operation; of an undeclared call, which is named after its path, the method alone."""
    return event.operation.partition(" ")[0]


def _answer(event: AnswerReceived) -> dict[str, Any]:
    """The attributes of an answer."""
    outcome: dict[str, Any] = {"http.response.status_code": event.status}
    if event.http_version is not None:
        outcome["network.protocol.version"] = event.http_version
    if event.status >= 400:
        outcome["error.type"] = str(event.status)
    return outcome
