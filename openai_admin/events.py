"""What happens to a call, as small objects for logs, traces, metrics and progress lines.

A client's ``on_event=`` takes a function, its *listener*. It is called in the event loop's thread,
in the context (`contextvars`) of the call, and should return at once. What it raises is logged,
and the call goes on. The log of this package (``openai_admin``) has the events as well, and
`integrations.otel` makes spans and metrics of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import attrs

_log = logging.getLogger("openai_admin")

# Seconds between two log lines about waiting for the same endpoint.
_PAUSES_EVERY = 5.0


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened to a call.

    Attributes:
        call: a number that the events of one call share, unique in its client's session.
        operation: the operation's name, as ``projects.create``.
    """

    call: int
    operation: str


@attrs.frozen(kw_only=True)
class RequestSent(Event):
    """A request is about to be sent.

    Attributes:
        method: the HTTP method.
        endpoint: the path template.
        attempt: 1 for the first.
    """

    method: str
    endpoint: str
    attempt: int


@attrs.frozen(kw_only=True)
class AnswerReceived(Event):
    """A response was received, whole.

    Attributes:
        status: the HTTP status.
        seconds: from sending to the last byte.
        request_id: the id the server gave the request.
    """

    status: int
    seconds: float
    request_id: str | None


@attrs.frozen(kw_only=True)
class Retried(Event):
    """An attempt failed, and another follows.

    Attributes:
        error: what it failed with.
        delay: seconds until then; 0 after a 429, where a `Paused` says how long.
    """

    error: Exception
    delay: float


@attrs.frozen(kw_only=True)
class Paused(Event):
    """A request waits for the rate limit of its endpoint.

    Attributes:
        endpoint: the method and path template.
        seconds: how long it is expected to wait.
        reason: why, in words.
    """

    endpoint: str
    seconds: float
    reason: str


@attrs.frozen(kw_only=True)
class Interrupted(Event):
    """What follows the API (`audit_logs.tail`) could not read on; it will try again.

    Attributes:
        error: why.
        delay: seconds until it tries again.
        failures: how often in a row it has failed, 1 at the first.
    """

    error: Exception
    delay: float
    failures: int


@attrs.frozen(kw_only=True)
class Resumed(Event):
    """What was interrupted reads on, and has missed nothing.

    Attributes:
        failures: how often it failed before.
        seconds: from the first failure until now.
    """

    failures: int
    seconds: float


@attrs.frozen(kw_only=True)
class ItemUnreadable(Event):
    """A part of a page could not be read; the page has it in `unreadable`, and all else is there.

    Attributes:
        place: where in the page, as ``$.data[3]``.
        id: the item's id, where it has one.
        reason: what is wrong, in words that show no value.
        field: of a row of usage that is there, the field that could not be read; else ``None``.
    """

    place: str
    id: str | None
    reason: str
    field: str | None = None


@attrs.frozen(kw_only=True)
class Shared(Event):
    """A read is not sent: it waits for the answer to an equal one that is in flight.

    Where that one ends without an answer for both (it is cancelled, its time is up), the read goes
    on by itself.

    Attributes:
        leader: the number of the other call.
    """

    leader: int


@attrs.frozen(kw_only=True)
class Succeeded(Event):
    """A call succeeded: its caller gets the result."""


@attrs.frozen(kw_only=True)
class CallFailed(Event):
    """A call failed, or was cancelled.

    Attributes:
        error: what is raised.
    """

    error: BaseException


Listener = Callable[[Event], None]
"""Receives the events of a client."""


def write_log(event: Event) -> None:
    """Write an event to this package's log.

    What could not be read at WARNING, and that something is interrupted and reads on; retries and
    waits at INFO, the rest at DEBUG.
    """
    match event:
        case RequestSent():
            _log.debug("%s: %s %s", event.operation, event.method, event.endpoint)
        case AnswerReceived():
            _log.debug("%s: %d after %.3f s", event.operation, event.status, event.seconds)
        case Shared():
            _log.debug("%s: waits for the answer to an equal read", event.operation)
        case Retried():
            error = _on_one_line(event.error)
            _log.info("%s: %s Retrying in %.1f s.", event.operation, error, event.delay)
        case Paused():
            _log.info("%s waits %.1f s: %s", event.endpoint, event.seconds, event.reason)
        case Interrupted():
            error = _on_one_line(event.error)
            level = logging.WARNING if event.failures == 1 else logging.INFO
            _log.log(level, "%s: %s Trying again in %.0f s.", event.operation, error, event.delay)
        case Resumed():
            _log.warning("%s: reads on after %.0f s.", event.operation, event.seconds)
        case ItemUnreadable():
            which = f" (id {event.id!r})" if event.id is not None else ""
            what = f"{event.place}{which} could not be read: {event.reason}."
            _log.warning("%s: %s", event.operation, what)
        case CallFailed():
            _log.debug("%s: failed: %r", event.operation, event.error)


def _on_one_line(error: BaseException) -> str:
    """An error's text, with nothing by which a server could start a new log line or colour it."""
    return "".join(c if c.isprintable() else " " for c in str(error))


class Dispatcher:
    """Passes the events of a session on to the log and to its listener.

    Args:
        listener: the client's ``on_event``.
        clock: monotonic seconds.

    Attributes:
        listens: whether anything receives what is logged at a level; a listener receives all.
    """

    def __init__(
        self, listener: Listener | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._logged: dict[str, float] = {}  # when a wait for each endpoint was last logged
        self.listens: Callable[[int], bool] = (
            _log.isEnabledFor if listener is None else lambda level: True
        )

    def emit(self, event: Event) -> None:
        """Pass an event on; a listener that fails does not affect the call."""
        if not isinstance(event, Paused) or self._is_due(event.endpoint):
            write_log(event)
        if self._listener is None:
            return
        try:
            self._listener(event)
        except Exception:  # noqa: BLE001 - a listener may raise anything
            _log.exception("on_event failed at %s of %s", type(event).__name__, event.operation)

    def _is_due(self, endpoint: str) -> bool:
        """Whether to log a wait: a thousand calls that wait for one endpoint are one line."""
        now = self._clock()
        if now - self._logged.get(endpoint, -_PAUSES_EVERY) < _PAUSES_EVERY:
            return False
        self._logged[endpoint] = now
        return True
