"""How the API answers the requests of a client, counted by endpoint."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

from ...errors import APIError
from ...events import AnswerReceived, CallFailed, Event, RequestFailed, RequestSent, Succeeded
from .families import OTHER
from .folding import Key

_MOST = 60
"""Pairs that are counted singly: there are some twenty endpoints, most with one status."""
_REFUSALS = (401, 403)
_FORGOTTEN = 13 * 3600
"""Seconds after which a refusal is forgotten: the rarest refreshes ask twice in that time, unless
it is of a project that is there no longer."""


class Answers:
    """Counts answers, and requests without one; give it to a client as ``on_event``.

    Args:
        clock: monotonic seconds.

    Attributes:
        statuses: answers by endpoint and HTTP status.
        failures: requests that got none by endpoint and kind of error.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.statuses: Counter[Key] = Counter()
        self.failures: Counter[Key] = Counter()
        self._clock = clock
        self._sent: dict[int, tuple[str, str]] = {}  # endpoint and path of calls under way
        self._refused: dict[str, tuple[Key, float]] = {}  # by path

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case RequestSent():
                self._sent[event.call] = event.endpoint, event.target.partition("?")[0]
            case AnswerReceived():
                endpoint, path = self._sent.get(event.call, (OTHER, ""))
                _count(self.statuses, endpoint, str(event.status))
                self._refused.pop(path, None)
                if event.status in _REFUSALS:
                    self._refuse(path, (endpoint, str(event.status)))
            case RequestFailed() if isinstance(event.error, APIError):  # it was not cancelled
                kind = type(event.error).__name__
                endpoint, _ = self._sent.get(event.call, (OTHER, ""))
                _count(self.failures, endpoint, kind)
            case CallFailed() | Succeeded():
                self._sent.pop(event.call, None)

    def _refuse(self, path: str, key: Key) -> None:
        now = self._clock()
        self._refused[path] = key, now
        while self._refused[oldest := next(iter(self._refused))][1] < now - _FORGOTTEN:
            del self._refused[oldest]

    @property
    def refused(self) -> Mapping[Key, int]:
        """How many paths were refused when they were last asked for, by endpoint and status."""
        least = self._clock() - _FORGOTTEN
        counts: Counter[Key] = Counter()
        for (endpoint, status), when in [*self._refused.values()]:
            if when >= least:
                _count(counts, endpoint, status)
        return counts


def _count(counts: Counter[Key], endpoint: str, what: str) -> None:
    key: Key = (endpoint, what)
    counts[key if key in counts or len(counts) < _MOST else (OTHER, OTHER)] += 1
