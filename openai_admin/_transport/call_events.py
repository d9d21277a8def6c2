"""The events of one call, made where anyone listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from .._declare.operation import Call
from .._wire.http import Response
from .._wire.models import Unreadable
from ..events import (
    AnswerReceived,
    Event,
    ItemUnreadable,
    Paused,
    RequestFailed,
    RequestSent,
    Retried,
)
from .answers import unanswered
from .context import SessionContext
from .patience import Outlook
from .retry import AttemptFailure


class CallEvents:
    """Makes the events of a call, and passes them on to the log and the client's listener.

    A call has none where nobody takes in the most important of them.

    Attributes:
        number: the number that they share.
    """

    __slots__ = ("_call", "_context", "_listens", "number")

    def __init__(self, context: SessionContext, call: Call) -> None:
        self._context = context
        self._call = call
        self._listens = context.dispatcher.listens(logging.DEBUG)
        self.number = next(context.numbers)

    def tell(self, kind: Callable[..., Event], **what: Any) -> None:
        """Make an event of a kind."""
        if self._listens:
            self._emit(kind, **what)

    def tell_sent(self, attempt: int) -> None:
        """The request is about to be sent."""
        if self._listens:
            request = self._call.request
            self._emit(
                RequestSent,
                method=request.method,
                endpoint=request.endpoint,
                attempt=attempt,
                base_url=self._context.transport.base_url,
                target=request.target,
            )

    def tell_outcome(self, outcome: Response | AttemptFailure, sent: float) -> None:
        """The request was answered, or was not.

        Args:
            outcome: which.
            sent: when it was sent, by the session's clock.
        """
        if not self._listens:
            return
        seconds = self._context.clock() - sent
        if isinstance(outcome, AttemptFailure):
            self._emit(RequestFailed, error=unanswered(outcome).error, seconds=seconds)
            return
        version = outcome.http_version
        self._emit(
            AnswerReceived,
            status=outcome.status,
            seconds=seconds,
            request_id=outcome.request_id,
            http_version=None if version is None else ".".join(map(str, version)),
        )

    def tell_retry(self, error: Exception, delay: float) -> None:
        """Another attempt follows."""
        self._emit(Retried, error=error, delay=delay)

    def tell_pause(self, outlook: Outlook, seconds: float) -> None:
        """The call waits for the pace of its endpoint."""
        endpoint = f"{self._call.request.method} {self._call.request.endpoint}"
        self._emit(Paused, endpoint=endpoint, seconds=seconds, reason=outlook.reason)

    @property
    def has_listener(self) -> bool:
        """Whether anything besides the log takes them in."""
        return self._context.dispatcher.has_listener

    def tell_unreadable(self, part: Unreadable) -> None:
        """A part of the page could not be read; the log has that in other words."""
        event = ItemUnreadable(
            call=self.number,
            operation=self._call.name,
            place=part.place,
            id=part.id,
            reason=part.reason,
            field=part.field,
        )
        self._context.dispatcher.pass_on(event)

    def _emit(self, kind: Callable[..., Event], **what: Any) -> None:
        event = kind(call=self.number, operation=self._call.name, **what)
        self._context.dispatcher.emit(event)
