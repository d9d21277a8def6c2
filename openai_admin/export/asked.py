"""Which days a run is asked for, by the server's time."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from ..errors import APIError, InvalidInputError

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

SLOW = timedelta(days=7)
"""By which this machine's clock may be slow."""

_MIDNIGHT = datetime.min.time()


async def server_now(client: AsyncOpenAIAdmin) -> datetime:
    """The server's time, which any answer tells; this machine's where none comes."""
    if client._caller.server_now() is None:
        with suppress(APIError):
            await client.with_options(max_retries=0).projects.list(limit=1)
    return client._caller.server_now() or datetime.now(UTC)


def days_asked(since: datetime | date, until: datetime | date | None, now: datetime) -> list[date]:
    """The days to export, none of them in the future."""
    first = _day(since, "since")
    today = now.date()
    last = today
    if until is not None:
        end = _day(until, "until")
        whole = not isinstance(until, datetime) or until.astimezone(UTC).time() == _MIDNIGHT
        last = min(today, end - timedelta(days=1) if whole else end)
    if first > today:
        raise InvalidInputError(f"since must not lie in the future: {first} is after {today}.")
    if last < first:
        raise InvalidInputError(
            f"until must be after since: there is nothing between {first} and it."
        )
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _day(moment: datetime | date, where: str) -> date:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise InvalidInputError(f"{where} must have a time zone, such as UTC; {moment} has none.")
    return moment.astimezone(UTC).date()
