"""Following the audit log: new events as they come, each once, also across restarts."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import anyio
import attrs

from ..._declare.pagination import AsyncPager
from ...errors import InvalidInputError
from .model import AuditLog


@attrs.define
class AuditLogPosition:
    """How far somebody has read in the audit log.

    A new position is where the log ends when it is first used. `tail` moves it on just before
    it yields an event, so that a position saved after an event was handled begins after that
    event, and one saved earlier yields it again.

    Attributes:
        floor: everything before this moment, in Unix seconds, was read; ``None`` when new.
        seen: what was read from there on, by id, with its time. It holds the events of the
            overlap alone, so it stays small.
    """

    floor: int | None = None
    seen: dict[str, int] = attrs.field(factory=dict)

    def dump(self) -> str:
        """The position as a short JSON text, to be saved."""
        return json.dumps({"floor": self.floor, "seen": self.seen})

    @classmethod
    def load(cls, text: str) -> AuditLogPosition:
        """The position that `dump` returned.

        Raises:
            InvalidInputError: the text is not a position.
        """
        try:
            saved = json.loads(text)
            floor, seen = saved["floor"], dict(saved["seen"])
        except (ValueError, TypeError, KeyError) as exc:
            raise InvalidInputError(f"This is not a saved position: {text[:100]!r}.") from exc
        moments = [*seen.values(), *([] if floor is None else [floor])]
        if not all(type(moment) is int for moment in moments):
            raise InvalidInputError(f"This is not a saved position: {text[:100]!r}.")
        return cls(floor, seen)

    def note(self, event: AuditLog, overlap: int) -> None:
        """Note that an event was read; what is older than the overlap need not be kept."""
        moment = _seconds(event)
        self.seen[event.id] = moment
        if self.floor is None or moment - overlap > self.floor:
            self.floor = floor = moment - overlap
            self.seen = {id: at for id, at in self.seen.items() if at >= floor}


Fetch = Callable[[int | None], AsyncPager[AuditLog]]
"""Lists the log from a moment on, or all of it, newest first."""


async def follow(
    fetch: Fetch,
    position: AuditLogPosition,
    *,
    poll: float,
    overlap: int,
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
) -> AsyncGenerator[AuditLog, None]:
    """Yield what appears in the log after a position, oldest first, endlessly.

    Each look lists everything from the position's floor on and leaves out what was seen: an
    event is found wherever in the overlap it appears, and many may share a second.
    """
    if position.floor is None:
        await _begin_at_the_end(fetch, position, overlap)
        await sleep(poll)
    while True:
        for event in await _unseen(fetch, position):
            position.note(event, overlap)
            yield event
        await sleep(poll)


async def _unseen(fetch: Fetch, position: AuditLogPosition) -> list[AuditLog]:
    """What was not read yet, oldest first."""
    found = [e async for e in fetch(position.floor) if e.id not in position.seen]
    found.reverse()
    return sorted(found, key=_seconds)


async def _begin_at_the_end(fetch: Fetch, position: AuditLogPosition, overlap: int) -> None:
    """Take everything that is in the log now as read, by the server's clock alone."""
    newest = 0
    seen: dict[str, int] = {}
    async with aclosing(fetch(None).pages()) as pages:
        async for page in pages:
            for event in page.data:
                seen[event.id] = _seconds(event)
                newest = max(newest, seen[event.id])
            if page.data and _seconds(page.data[-1]) < newest - overlap:
                break
    position.floor = newest - overlap if seen else 0
    position.seen = {id: at for id, at in seen.items() if at >= position.floor}


def _seconds(event: AuditLog) -> int:
    return int(event.effective_at.timestamp()) if event.effective_at is not None else 0
