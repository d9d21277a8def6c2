"""The events of the organization and of the tenant above it as one log, the oldest first."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime

import attrs

from ..._declare.resource import Async
from ...errors import APIError, BadRequestError, NotFoundError, PermissionDeniedError
from ...resources.audit_logs import AuditLogs
from ...resources.audit_logs.items import Item, time_of
from ..reading import read

_REFUSED = (BadRequestError, PermissionDeniedError, NotFoundError)


@attrs.define
class Both:
    """The two listings that the log is read by, merged.

    The API lists a tenant's events apart. Where there is no tenant it refuses that listing, which
    costs nothing else.

    Attributes:
        audit_logs: the log.
        notes: that the tenant's events were refused.
        not_known: that they could not be read for another reason.
    """

    audit_logs: AuditLogs[Async]
    notes: list[str] = attrs.field(factory=list)
    not_known: list[str] = attrs.field(factory=list)

    async def read(self, begin: datetime, end: datetime) -> AsyncGenerator[Item, None]:
        """Yield the events of a stretch, the oldest first, and of each listing in its order.

        Raises:
            APIError: the organization's own events could not be read.
        """
        async with (
            aclosing(read(self.audit_logs, begin, end)) as own,
            aclosing(self._of_tenant(begin, end)) as above,
        ):
            mine, other = await _next(own), await _next(above)
            while mine is not None or other is not None:
                if mine is not None and (other is None or _is_first(mine, other)):
                    yield mine
                    mine = await _next(own)
                elif other is not None:
                    yield other
                    other = await _next(above)

    async def _of_tenant(self, begin: datetime, end: datetime) -> AsyncGenerator[Item, None]:
        try:
            async with aclosing(read(self.audit_logs, begin, end, tenant_only=True)) as items:
                async for item in items:
                    yield item
        except _REFUSED as error:
            self.notes.append(
                "Events of the tenant above the organization were not looked at: the API refused"
                f" them ({error.status_code}), as it does where there is no tenant."
            )
        except APIError as error:
            self.not_known.append(
                f"Events of the tenant above the organization could not be read: {error}"
            )


async def _next(items: AsyncIterator[Item]) -> Item | None:
    return await anext(items, None)


def _is_first(one: Item, other: Item) -> bool:
    """Whether one comes before the other; what has no time comes where it was listed."""
    at, then = time_of(one), time_of(other)
    return at is None or (then is not None and at <= then)
