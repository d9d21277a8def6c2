"""An audit log that grows while it is read: bursts, late events, and events of the future."""

from __future__ import annotations

import asyncio
import random
import time
import zlib
from typing import Any

import attrs

from openai_admin.emulator import Emulator

LATE = 20
"""Seconds by which an event may appear after its time, unless told otherwise."""
_AHEAD = 20
_BURST = 40


def is_refusable(event: Any) -> bool:
    """Whether the receiver refuses an event: about one in a hundred."""
    return zlib.crc32(event["id"].encode()) % 97 == 0


@attrs.define
class GrowingLog:
    """The log of an emulator, with events that come as they do in an organization.

    Attributes:
        emulator: has the log.
        rng: chance.
        rate: events a second, on average.
        lateness: by how many seconds an event may appear after its time.
        published: each event by its id, as it was published.
        late, ahead, bursts: how many of each there were.
    """

    emulator: Emulator
    rng: random.Random
    rate: float
    lateness: int
    published: dict[str, Any] = attrs.field(factory=dict)
    late: int = 0
    ahead: int = 0
    bursts: int = 0

    async def grow(self) -> None:
        """Add events, endlessly."""
        while True:
            count = self.rng.choice((1, 1, 2, 3, _BURST))
            self.bursts += count == _BURST
            at = int(time.time())
            for _ in range(count):
                self.add(self._moment(at))
            await asyncio.sleep(count / self.rate)

    def add(self, at: int) -> None:
        """Add an event that happened then."""
        number = len(self.published)
        user = {"id": f"user-{number % 40}", "email": f"person.{number % 40}@example.com"}
        payload: dict[str, Any] = {
            "id": f"key_{number}",
            "data": {"scopes": ["all"], "name": "é\n\u2028"},
        }
        kind = self.rng.choice(("api_key.created", "project.archived", "thing.of_tomorrow"))
        event = self.emulator.store.audit(
            kind,
            payload if kind != "thing.of_tomorrow" else {"of": ["another", "shape"]},
            actor={"type": "session", "session": {"ip_address": "192.0.2.7", "user": user}},
            effective_at=at,
        )
        self.published[event["id"]] = event

    def _moment(self, now: int) -> int:
        chance = self.rng.random()
        if chance < 0.05:
            self.late += 1
            return now - self.rng.randrange(self.lateness)
        if chance < 0.06:
            self.ahead += 1
            return now + self.rng.randrange(1, _AHEAD)
        return now
