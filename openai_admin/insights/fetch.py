"""Reading what the API may refuse: the rest is still valid without it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import anyio.to_thread

from .._declare.resource import Async
from .._transport.tasks import each
from .._tree import AdminResources
from ..directory.not_known import UNREAD, NotKnown
from ..directory.reading import Reads
from ..errors import (
    APIError,
)
from ..resources.usage.stretches import WIDTHS
from ..usage.endpoints import chosen, grouped
from ..usage.fetched import FetchedTable
from ..usage.queries import UsageQueries
from ..usage.refusals import Refusal, refusal_of
from ..usage.table import UsageTable
from ..usage.told import MissingWindow
from .basis import grouped_by
from .daily import unread_windows


async def usage_table(
    reads: Reads,
    kind: str,
    usage: UsageQueries[Async],
    endpoints: Sequence[Any],
    *,
    start_time: datetime,
    end_time: datetime | None,
    bucket_width: Any = "1d",
    group_by: Sequence[Any] | None = None,
    tz: str | None = None,
    may_lack: Collection[str] = (),
    needed_from: datetime | None = None,
    **filters: Any,
) -> UsageTable:
    """Usage or costs of a range, as far as they are answered.

    Args:
        reads: keeps what is refused or cannot be read.
        kind: what is not known if they are not.
        usage: fetches them.
        endpoints: whose.
        start_time: the beginning.
        end_time: the end; ``None`` is now.
        bucket_width: of the buckets.
        group_by: the fields to group by.
        needed_from: where what is needed begins, by default at `start_time`: nothing lacks
            where the API does not go back further; the table then says what did not come.
        tz: the time zone whose days are meant.
        may_lack: those of the fields that whoever asks tells by itself.
        filters: as of `UsageQueries.collect`.
    """
    meant = chosen(endpoints, width=bucket_width, filters=frozenset(filters))
    nothing = FetchedTable(
        [(e, []) for e in meant], group_by=grouped(meant, group_by, derived=True)
    )
    if not reads.wants(kind):
        return nothing
    reads.begin(kind, len(meant))
    try:
        table: UsageTable = await usage.collect(
            endpoints,
            start_time=start_time,
            end_time=end_time,
            bucket_width=bucket_width,
            group_by=group_by,
            partial=True,
            adapt="all",
            tz=tz,
            **filters,
        )
    except APIError as error:
        await reads.refuse(kind, error)
        return nothing
    end = end_time or usage._caller.server_now() or datetime.now(UTC)
    span = (int(start_time.timestamp()), int(end.timestamp()), WIDTHS[bucket_width])
    for endpoint in meant:
        lacking = [gap for gap in table.missing if gap.endpoint == endpoint.name]
        is_lost = _covers(lacking, *span)
        if not is_lost:
            reads.answered()
        reads.add(
            NotKnown(
                kind=kind,
                reason=UNREAD,
                endpoint=endpoint.name if len(meant) > 1 else None,
                window=str(window),
            )
            for window in unread_windows(table, endpoint.name)
        )
        if needed_from is not None and not is_lost:
            lacking = [gap for gap in lacking if not _is_too_far_back(gap, needed_from)]
        for gap in lacking[:1] if is_lost else lacking:
            await reads.refuse(
                kind,
                gap.error,
                endpoint=endpoint.name if len(meant) > 1 else None,
                window=None if is_lost else str(gap.window),
            )
    reads.unread[kind] += len(table.unreadable)
    reads.add(
        NotKnown(
            kind=grouped_by(kind, each.field),
            reason=f"the API does not group that, {each.words}",
        )
        for each in table.adapted
        if each.field is not None and each.field not in may_lack
    )
    return table


def _is_too_far_back(gap: MissingWindow, needed_from: datetime) -> bool:
    """Whether the API does not go back to a stretch that is not needed."""
    if gap.window.end > needed_from.timestamp() or not isinstance(gap.error, APIError):
        return False
    return refusal_of(gap.error, ()) is Refusal.START


def _covers(gaps: Sequence[MissingWindow], start: int, end: int, step: int) -> bool:
    """Whether windows leave nothing of a range, but perhaps a part of its last bucket."""
    reached = start
    for gap in sorted(gaps, key=lambda gap: gap.window.start):
        if gap.window.start > reached:
            return False
        reached = max(reached, gap.window.end)
    return bool(gaps) and reached > end - step


async def latest_events(
    client: AdminResources[Async],
    user_ids: Sequence[str],
    *,
    since: datetime,
    now: datetime,
    reads: Reads,
) -> dict[str, datetime]:
    """When each of these users last did something that the audit log has recorded.

    Args:
        client: an asynchronous client.
        user_ids: the users; each takes a request.
        since: how far to look back.
        now: where to stop.
        reads: keeps what is refused or cannot be read.
    """

    if user_ids:  # its many models are imported when it is first asked
        await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)

    async def latest(user_id: str) -> datetime | None:
        work = client.audit_logs.list(
            limit=1, actor_ids=[user_id], effective_at={"gte": since, "lte": now}
        )
        page = await reads.one("the audit log", work, None)
        if page is None:
            return None
        reads.unread["the audit log"] += len(page.unreadable)
        return page.data[0].effective_at if page.data else None

    found = zip(user_ids, await each(user_ids, latest), strict=True)
    return {id: moment for id, moment in found if moment}
