"""How the API answers the requests of a client, counted by endpoint."""

from __future__ import annotations

from collections import Counter

from ...errors import APIConnectionError, APIStatusError
from ...events import AnswerReceived, CallFailed, Event, RequestSent, Retried, Succeeded
from .families import OTHER
from .folding import Key

_MOST = 60
"""Pairs that are counted singly: there are some twenty endpoints, most with one status."""


class Answers:
    """Counts answers, and requests without one; give it to a client as ``on_event``.

    Attributes:
        statuses: answers by endpoint and HTTP status.
        failures: requests that got none by endpoint and kind of error.
    """

    def __init__(self) -> None:
        self.statuses: Counter[Key] = Counter()
        self.failures: Counter[Key] = Counter()
        self._sent: dict[int, str] = {}  # the endpoint of each call that is under way

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case RequestSent():
                self._sent[event.call] = event.endpoint
            case AnswerReceived():
                _count(self.statuses, self._sent.get(event.call, OTHER), str(event.status))
            case Retried():
                self._fail(event.call, event.error)
            case CallFailed():
                self._fail(event.call, event.error)
                self._sent.pop(event.call, None)
            case Succeeded():
                self._sent.pop(event.call, None)

    def _fail(self, call: int, error: BaseException) -> None:
        if isinstance(error, APIConnectionError) and not isinstance(error, APIStatusError):
            _count(self.failures, self._sent.get(call, OTHER), type(error).__name__)


def _count(counts: Counter[Key], endpoint: str, what: str) -> None:
    key: Key = (endpoint, what)
    counts[key if key in counts or len(counts) < _MOST else (OTHER, OTHER)] += 1
