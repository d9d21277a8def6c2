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

    def note(self, event_id: str, moment: int, overlap: int) -> None:
        """Note that an event was read; what is older than the overlap need not be kept."""
        self.seen[event_id] = moment
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
        for moment, event in await _unseen(fetch, position):
            position.note(event.id, moment, overlap)
            yield event
        await sleep(poll)


async def _unseen(fetch: Fetch, position: AuditLogPosition) -> list[tuple[int, AuditLog]]:
    """What was not read yet, oldest first, with its time in Unix seconds."""
    listed = [event async for event in fetch(position.floor)]
    found = [(at, e) for at, e in _timed(listed, position) if e.id not in position.seen]
    found.reverse()
    return sorted(found, key=lambda timed: timed[0])


def _timed(listed: list[AuditLog], position: AuditLogPosition) -> list[tuple[int, AuditLog]]:
    """Events, newest first, with their times; one without has that of the next newer one.

    So it is remembered as long as it may be listed, and comes once.
    """
    times = [None if e.effective_at is None else int(e.effective_at.timestamp()) for e in listed]
    known = [time for time in times if time is not None]
    moment = max([*known, *position.seen.values(), position.floor or 0])
    timed = []
    for time, event in zip(times, listed, strict=True):
        moment = moment if time is None else time
        timed.append((moment, event))
    return timed


async def _begin_at_the_end(fetch: Fetch, position: AuditLogPosition, overlap: int) -> None:
    """Take everything that is in the log now as read, by the server's clock alone."""
    newest = 0
    listed: list[AuditLog] = []
    async with aclosing(fetch(None).pages()) as pages:
        async for page in pages:
            listed += page.data
            times = [at for at, _ in _timed(listed, position)]
            newest = max(times, default=0)
            if times and times[-1] < newest - overlap:
                break
    position.floor = max(0, newest - overlap)
    timed = _timed(listed, position)
    position.seen = {event.id: at for at, event in timed if at >= position.floor}
