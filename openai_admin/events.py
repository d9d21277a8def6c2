"""What happens to a call, as small objects for whoever wants to know: logs, traces, metrics.

Give a client ``on_event=`` a function; it is called in the event loop's thread and should return
at once. What it raises is logged, and the call goes on. The log of this package
(``openai_admin``) is one reader, `otel` another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import attrs

_log = logging.getLogger("openai_admin")


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
    """A request goes out.

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
    """An answer came, whole.

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
    """An attempt failed and another follows.

    Attributes:
        error: why.
        delay: seconds until then; 0 after a 429, whose wait is told by `Paused`.
    """

    error: Exception
    delay: float


@attrs.frozen(kw_only=True)
class Paused(Event):
    """A request waits for its endpoint's pace.

    Attributes:
        endpoint: the method and path template.
        seconds: how long it is expected to wait.
        reason: why, in words.
    """

    endpoint: str
    seconds: float
    reason: str


@attrs.frozen(kw_only=True)
class Succeeded(Event):
    """A call ended with its result."""


@attrs.frozen(kw_only=True)
class CallFailed(Event):
    """A call ended without success, or was cancelled.

    Attributes:
        error: what its caller gets.
    """

    error: BaseException


Listener = Callable[[Event], None]


def write_log(event: Event) -> None:
    """Write an event to this package's log: retries at INFO, the rest at DEBUG.

    Pauses are logged by `waits`, which tells them for each endpoint and not for each call.
    """
    match event:
        case RequestSent():
            _log.debug("%s: %s %s", event.operation, event.method, event.endpoint)
        case AnswerReceived():
            _log.debug("%s: %d after %.3f s", event.operation, event.status, event.seconds)
        case Retried():
            error = _on_one_line(event.error)
            _log.info("%s: %s Trying again in %.1f s.", event.operation, error, event.delay)
        case CallFailed():
            _log.debug("%s: gave up: %r", event.operation, event.error)


def _on_one_line(error: BaseException) -> str:
    """An error's text, in which a server can neither begin a line of a log nor colour it."""
    return "".join(c if c.isprintable() else " " for c in str(error))


class Dispatcher:
    """Tells the events of a session to its readers.

    Args:
        reader: the client's ``on_event``.
    """

    def __init__(self, reader: Listener | None) -> None:
        self._reader = reader

    def listens(self, level: int = logging.DEBUG) -> bool:
        """Whether anybody wants to know what is logged at a level."""
        return self._reader is not None or _log.isEnabledFor(level)

    def emit(self, event: Event) -> None:
        """Pass an event on; a reader that fails takes no call's result away."""
        write_log(event)
        if self._reader is None:
            return
        try:
            self._reader(event)
        except Exception:  # noqa: BLE001 - of the caller's own, whatever it is
            _log.exception("on_event failed at %s of %s", type(event).__name__, event.operation)
