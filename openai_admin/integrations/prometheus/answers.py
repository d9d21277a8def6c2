"""How the API answers the requests of a client, counted by endpoint."""

from __future__ import annotations

from collections import Counter

from ...errors import APIError
from ...events import AnswerReceived, CallFailed, Event, RequestFailed, RequestSent, Succeeded
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
            case RequestFailed() if isinstance(event.error, APIError):  # it was not cancelled
                kind = type(event.error).__name__
                _count(self.failures, self._sent.get(event.call, OTHER), kind)
            case CallFailed() | Succeeded():
                self._sent.pop(event.call, None)


def _count(counts: Counter[Key], endpoint: str, what: str) -> None:
    key: Key = (endpoint, what)
    counts[key if key in counts or len(counts) < _MOST else (OTHER, OTHER)] += 1
