"""What happens to a call, as small objects for logs, traces, metrics and progress lines.

A client's ``on_event=`` takes a function, its *listener*. It is called in the event loop's thread,
in the context (`contextvars`) of the call, and should return at once; what takes longer belongs
into a coroutine function, which runs as a task of its own, for which the client waits when it is
closed. What a listener raises is logged, and the call goes on. The log of this package
(``openai_admin``) has the events as well, and `integrations.otel` makes spans and metrics of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import attrs

from ._text.visible import visible

_log = logging.getLogger("openai_admin")

# Seconds between two log lines about waiting for the same endpoint.
_PAUSES_EVERY = 5.0
# Seconds that closing a client waits for what its listener still does.
_LAST_WAIT = 5.0


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened to a call.

    Attributes:
        call: a number that the events of one call share, unique in its process.
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
        base_url: the client's base address, which has neither a login nor a query.
        target: the path and query below it, as sent; not shown by `repr`, since values of
            ``extra_query`` may be secret.
    """

    method: str
    endpoint: str
    attempt: int
    base_url: str
    target: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class AnswerReceived(Event):
    """A response was received, whole.

    Attributes:
        status: the HTTP status.
        seconds: from sending to the last byte.
        request_id: the id the server gave the request.
        http_version: of the answer, as ``1.1``; ``None`` where it is not known.
    """

    status: int
    seconds: float
    request_id: str | None
    http_version: str | None = None


@attrs.frozen(kw_only=True)
class RequestFailed(Event):
    """A request got no answer, or none that is whole; or its call was cancelled meanwhile.

    Attributes:
        error: what it failed with; a `Retried` or a `CallFailed` follows.
        seconds: from sending until then.
    """

    error: BaseException
    seconds: float


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
    """A request waits for the rate limit of its endpoint; again where that takes longer than told.

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


Listener = Callable[[Event], Coroutine[Any, Any, None] | None]
"""Receives the events of a client: a function, or a coroutine function."""


def write_log(event: Event) -> None:
    """Write an event to this package's log.

    That something is interrupted and reads on at WARNING; retries and waits at INFO, the rest at
    DEBUG. What could not be read is logged by the page, not by the event. Nothing that a server
    says begins a new line or colours it.
    """
    match event:
        case RequestSent():
            _log.debug("%s: %s %s", event.operation, event.method, event.endpoint)
        case AnswerReceived():
            which = f" (request {event.request_id})" if event.request_id else ""
            told = visible(f"{event.operation}: {event.status}{which}")
            _log.debug("%s after %.3f s", told, event.seconds)
        case RequestFailed():
            kind, error = type(event.error).__name__, visible(str(event.error))
            told = f"{event.operation}: no answer after {event.seconds:.3f} s"
            _log.debug("%s: %s: %s", told, kind, error)
        case Shared():
            _log.debug("%s: waits for the answer to an equal read", event.operation)
        case Retried():
            error = visible(str(event.error))
            _log.info("%s: %s Retrying in %.1f s.", event.operation, error, event.delay)
        case Paused():
            _log.info("%s waits %.1f s: %s", event.endpoint, event.seconds, event.reason)
        case Interrupted():
            error = visible(str(event.error))
            level = logging.WARNING if event.failures == 1 else logging.INFO
            _log.log(level, "%s: %s Trying again in %.0f s.", event.operation, error, event.delay)
        case Resumed():
            _log.warning("%s: reads on after %.0f s.", event.operation, event.seconds)
        case CallFailed():
            kind, error = type(event.error).__name__, visible(str(event.error))
            _log.debug("%s: failed: %s: %s", event.operation, kind, error)


def _log_failure(event: Event, error: BaseException) -> None:
    _log.error("on_event failed at %s of %s", type(event).__name__, event.operation, exc_info=error)


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
        self._tasks: set[asyncio.Task[None]] = set()  # of a listener that is a coroutine function
        self._logged: dict[str, float] = {}  # when a wait for each endpoint was last logged
        self.listens: Callable[[int], bool] = (
            _log.isEnabledFor if listener is None else lambda level: True
        )

    def emit(self, event: Event) -> None:
        """Pass an event on; a listener that fails does not affect the call."""
        if not isinstance(event, Paused) or self._is_due(event.endpoint):
            write_log(event)
        self.pass_on(event)

    @property
    def has_listener(self) -> bool:
        """Whether anything besides the log receives events."""
        return self._listener is not None

    def pass_on(self, event: Event) -> None:
        """Pass an event on to the listener alone."""
        if self._listener is None:
            return
        try:
            work = self._listener(event)
        except Exception as error:  # noqa: BLE001 - a listener may raise anything
            _log_failure(event, error)
        else:
            if isinstance(work, Coroutine):
                task = asyncio.get_running_loop().create_task(work)
                self._tasks.add(task)
                task.add_done_callback(partial(self._end, event))

    def _end(self, event: Event, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log_failure(event, error)

    async def finish(self) -> None:
        """Wait a little for what the listener still does, then cancel it."""
        if not self._tasks:
            return
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        own = [t for t in self._tasks if t.get_loop() is loop and t is not this]
        if not own:
            return
        _, late = await asyncio.wait(own, timeout=_LAST_WAIT)
        if late:
            _log.warning("on_event was still busy %g s after the client was closed.", _LAST_WAIT)
            for task in late:
                task.cancel()
            await asyncio.wait(late)

    def _is_due(self, endpoint: str) -> bool:
        """Whether to log a wait: a thousand calls that wait for one endpoint are one line."""
        now = self._clock()
        if now - self._logged.get(endpoint, -_PAUSES_EVERY) < _PAUSES_EVERY:
            return False
        self._logged[endpoint] = now
        return True
