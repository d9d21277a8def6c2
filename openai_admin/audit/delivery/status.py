"""How a delivery is doing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import attrs

from .records import Record


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(kw_only=True)
class Status:
    """How a delivery is doing.

    Attributes:
        delivered: how many events the receiver has taken.
        dead_letters: how many it has refused.
        newest: when the newest event of the past happened of those that are done.
        receiver: whether it took what was sent last; ``unknown`` before anything was.
        log: whether the audit log could be read last.
        now: the present.
    """

    delivered: int = 0
    dead_letters: int = 0
    newest: datetime | None = None
    receiver: Literal["unknown", "up", "down"] = "unknown"
    log: Literal["up", "down"] = "up"
    now: Callable[[], datetime] = _now

    @property
    def done(self) -> int:
        """How many events were taken or set apart."""
        return self.delivered + self.dead_letters

    def see(self, batch: Sequence[Record]) -> None:
        """Take a batch as done."""
        now = self.now()
        past = [record.at for record in batch if record.at is not None and record.at <= now]
        if past:
            self.newest = max(past) if self.newest is None else max(self.newest, *past)

    def line(self, waiting: int) -> dict[str, Any]:
        """A heartbeat.

        Args:
            waiting: how many events were read and are not delivered yet.
        """
        now = self.now()
        newest = self.newest
        lag = None if newest is None else round((now - newest).total_seconds(), 1)
        return {
            "time": now.isoformat(timespec="seconds"),
            "delivered": self.delivered,
            "newest": None if newest is None else newest.isoformat(timespec="seconds"),
            "lag": lag,
            "waiting": waiting,
            "dead_letters": self.dead_letters,
            "receiver": self.receiver,
            "log": self.log,
        }
