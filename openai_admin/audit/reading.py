"""The events of a stretch of the audit log, the oldest first, in little memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from .._declare.arguments import unix_seconds
from .._declare.pagination import AsyncPager
from .._declare.resource import Async
from ..errors import APIError
from ..resources.audit_logs import AuditLog, AuditLogPosition, AuditLogs
from ..resources.audit_logs.backlog import MOST, Windows
from ..resources.audit_logs.items import Item
from ..resources.audit_logs.look import Look, look

_PAGE = 100


async def read(
    audit_logs: AuditLogs[Async], since: datetime, until: datetime, **filters: Any
) -> AsyncGenerator[Item, None]:
    """Yield the events of a stretch of time, the oldest first, those that are odd among them.

    Each comes once. The log is listed newest first, so that a long stretch is read in windows of
    time, the oldest first: memory holds at most 2,000 events, or those of one second if it has
    more, however long the stretch is.

    Args:
        audit_logs: the log.
        since: when it begins.
        until: when it ends, not included.
        filters: as `AuditLogs.list` takes them.

    Raises:
        InvalidInputError: an argument is out of range.
        APIError: a part could not be read. A note of it says up to when everything was yielded;
            nothing of what comes after it was.
    """
    begin, end = unix_seconds(since, "since"), unix_seconds(until, "until")
    if begin >= end:
        return
    stretch = _Stretch(audit_logs, filters)
    try:
        async for found in stretch.looks(begin, end):
            for item in stretch.taken(found):
                yield item
    except APIError as error:
        reached = datetime.fromtimestamp(stretch.reached or begin, UTC)
        error.add_note(
            f"The audit log was read up to {reached:%Y-%m-%d %H:%M:%S} UTC; nothing of what comes"
            " after that is in the result."
        )
        raise


class _Stretch:
    """A stretch that is being read.

    Attributes:
        reached: the moment, in Unix seconds, before which everything was yielded.
    """

    def __init__(self, audit_logs: AuditLogs[Async], filters: dict[str, Any]) -> None:
        self._audit_logs = audit_logs
        self._filters = filters
        self._nothing = AuditLogPosition()  # windows share no moment
        self._timeless: set[str] = set()  # may be listed in any window
        self.reached: int | None = None

    async def looks(self, begin: int, end: int) -> AsyncGenerator[Look, None]:
        """What is there, part by part."""
        while True:
            ahead = await self._look(begin, end, MOST)
            if not ahead.is_too_long:
                yield ahead
                return
            windows = Windows(begin, ahead)
            first = begin
            while (window := windows.next()) is not None:
                found = await self._look(window.begin, window.end, window.most)
                windows.learn(window, found)
                if not found.is_too_long:
                    yield found
                    begin = self.reached = window.end
            if begin == first:  # all of it lies in the future, where no windows lead
                yield await self._look(begin, end, None)
                return
            # What comes after the newest event of the past, as events of the future do.

    def taken(self, found: Look) -> list[Item]:
        """The items of a part, without those that came in another one."""
        items: list[Item] = []
        for each in found.unread:
            if not each.has_time:
                if each.key in self._timeless:
                    continue
                self._timeless.add(each.key)
            items.append(each.item)
        return items

    async def _look(self, begin: int, end: int, most: int | None) -> Look:
        return await look(
            self._fetch,
            self._nothing,
            self._audit_logs._caller,
            begin=begin,
            end=end,
            most=most,
        )

    def _fetch(self, begin: int | None, end: int | None) -> AsyncPager[AuditLog]:
        return self._audit_logs.list(limit=_PAGE, effective_at=(begin, end), **self._filters)
