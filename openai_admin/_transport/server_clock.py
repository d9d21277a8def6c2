"""What every answer tells besides: the server's time, and whose organization it is.

The server's time decides where this machine's clock may be minutes off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple


class Told(NamedTuple):
    """The time that an answer told.

    Attributes:
        date: its ``Date``.
        sent: when its request was sent, by the clock.
        came: when it came, by the clock.
    """

    date: str
    sent: float
    came: float


class ServerClock:
    """Tells the server's time by the newest answer's ``Date``, and by what has passed since.

    Args:
        clock: monotonic seconds.

    Attributes:
        newest: the time that the newest answer told; set with every answer, and read only when
            somebody asks.
        organization: the organization that the newest answer to name one belongs to, by its
            ``openai-organization`` header.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.newest: Told | None = None
        self.organization: str | None = None

    def now(self) -> datetime | None:
        """The server's time, to about a second; ``None`` while no answer has told it."""
        between = self.at(self._clock())
        return between[0] if between is not None else None

    def at(self, moment: float) -> tuple[datetime, datetime] | None:
        """The server's time at a moment of the clock: no earlier, and no later.

        A ``Date`` has whole seconds, and was written while its request was on its way.
        """
        if self.newest is None:
            return None
        date, sent, came = self.newest
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return None
        if told.tzinfo is None:  # "-0000", by RFC 5322 a time of an unknown zone
            return None
        second = timedelta(seconds=1)
        return told + timedelta(seconds=moment - came), told + second + timedelta(
            seconds=moment - sent
        )
