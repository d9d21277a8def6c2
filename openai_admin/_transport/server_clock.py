"""What every answer tells besides: the server's time, and whose organization it is.

The server's time decides where this machine's clock may be minutes off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime


class ServerClock:
    """Tells the server's time by the newest answer's ``Date``, and by what has passed since.

    Args:
        clock: monotonic seconds.

    Attributes:
        newest: the newest answer's ``Date``, with the clock's time when it came; set with every
            answer, and read only when somebody asks.
        organization: the organization that the newest answer to name one belongs to, by its
            ``openai-organization`` header.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.newest: tuple[str, float] | None = None
        self.organization: str | None = None

    def now(self) -> datetime | None:
        """The server's time, to about a second; ``None`` while no answer has told it."""
        if self.newest is None:
            return None
        date, came = self.newest
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return None
        if told.tzinfo is None:  # "-0000", by RFC 5322 a time of an unknown zone
            return None
        return told + timedelta(seconds=self._clock() - came)
